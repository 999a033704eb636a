"""What a cell did to the state of the notebook, so that it can be taken back and done again.

The state that is read in notebook order is a handful of tables. Every change to one of them goes
through the journal, which remembers what stood there before. An edit of one cell then takes back
what the cells from there on did, reads the edited cell, and does again what the others did, where
that cannot have changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

K = TypeVar("K")
V = TypeVar("V")
Table = dict[Any, Any]


class _Nothing:
    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Final = _Nothing()
"""Stands for a key that is not in a table."""

MEMBER: Final = object()
"""In place of the old value: the new one joined the set that the table has for the key."""
LEAVER: Final = object()
"""In place of the old value: the new one left the set that the table has for the key."""

Entry = tuple[Table, Any, Any, Any]
"""``(table, key, old, new)``."""


@dataclass(slots=True)
class Journal:
    """The changes since the current cell began."""

    entries: list[Entry] = field(default_factory=list)
    sealed: bool = False
    """Whether something was changed behind the journal's back, so that nothing can be undone."""

    def put(self, table: dict[K, V], key: K, value: V) -> None:
        """Set ``table[key]``."""
        self.entries.append((table, key, table.get(key, NOTHING), value))
        table[key] = value

    def drop(self, table: dict[K, V], key: K) -> None:
        """Delete ``table[key]`` if it is there."""
        if key in table:
            self.entries.append((table, key, table.pop(key), NOTHING))

    def include(self, table: dict[K, set[V]], key: K, member: V) -> None:
        """Add a new member to the set ``table[key]``."""
        self.entries.append((table, key, MEMBER, member))
        table[key].add(member)

    def exclude(self, table: dict[K, set[V]], key: K, member: V) -> None:
        """Take a member out of the set ``table[key]``, if there is such a set and member."""
        members = table.get(key)
        if members is not None and member in members:
            self.entries.append((table, key, LEAVER, member))
            members.remove(member)


def undo(entries: Sequence[Entry]) -> None:
    """Take changes back, the last one first."""
    for table, key, old, new in reversed(entries):
        if old is MEMBER:
            table[key].remove(new)
        elif old is LEAVER:
            table[key].add(new)
        elif old is NOTHING:
            del table[key]
        else:
            table[key] = old


def redo(entries: Sequence[Entry]) -> None:
    """Make changes again that were taken back."""
    for table, key, old, new in entries:
        if old is MEMBER:
            table[key].add(new)
        elif old is LEAVER:
            table[key].remove(new)
        elif new is NOTHING:
            del table[key]
        else:
            table[key] = new
