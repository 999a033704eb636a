"""Where the state of the notebook is no longer what it was before an edit.

While the cells after an edited one are gone through, the state differs from what they saw last
time in a few places. A cell that asked for no name from which such a place can be reached does
again exactly what it did, so it need not be read again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from jupyter_zflow.analysis.journal import LEAVER, MEMBER, NOTHING
from jupyter_zflow.analysis.scope import EVERY_NAME

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from jupyter_zflow.analysis.interpreter.machine import Machine
    from jupyter_zflow.analysis.journal import Entry, Table

_WHOLE: Final = object()
"""In place of a member: the place is the key itself."""

Place = tuple[int, Any, Any]
"""Identity of the table, key, and member of the set that the table has for the key."""


@dataclass(slots=True)
class Drift:
    """The places where the state differs, and the names from which they can be reached."""

    machine: Machine
    moved: frozenset[int] = frozenset()
    """Sites that another cell than before changes last."""
    _before: dict[Place, tuple[Table, Any]] = field(default_factory=dict)
    """Place that differs -> its table and what stood there before the edit."""
    _names: frozenset[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._before or self.moved)

    def reaches(self, asked: Collection[str]) -> bool:
        """Return whether a cell that asked for these names may see a difference."""
        if not self:
            return False
        if EVERY_NAME in asked:
            return True
        if self._names is None:
            self._names = self._reaching()
        return EVERY_NAME in self._names or not self._names.isdisjoint(asked)

    def compare(self, before: Sequence[Entry], now: Sequence[Entry]) -> None:
        """Take in what a cell did before the edit, and what it has just done."""
        did = _outcome(before)
        found = {place: value for place, (_, value) in _started(now).items()}
        for place, (table, started) in {**_started(now), **_started(before)}.items():
            was = did.get(place)
            if was is None:
                was = self._before[place][1] if place in self._before else found.get(place, started)
            if _same(_current(table, place), was):
                self._before.pop(place, None)
            else:
                self._before[place] = (table, was)
        self._names = None

    def _reaching(self) -> frozenset[str]:
        machine = self.machine
        heap = machine.heap
        names: set[str] = set()
        sites = set(self.moved)
        for (_, key, member), (table, _) in self._before.items():
            if table is machine.env or table is machine.deleted:
                names.add(key)
            elif table is machine.owners:
                sites.add(key)
                if member is not _WHOLE:
                    names.add(member)
            elif isinstance(key, int):
                sites.add(key)
                if member is not _WHOLE:
                    sites.add(member)
            else:
                return frozenset({EVERY_NAME})
        for site in _connected(sites, heap.holds, heap.held_by):
            names |= machine.owners.get(site, set())
        return frozenset(names)


def _connected(start: Iterable[int], *edges: dict[int, set[int]]) -> set[int]:
    seen = set(start)
    todo = list(seen)
    while todo:
        site = todo.pop()
        for table in edges:
            new = table.get(site, set()) - seen
            seen |= new
            todo.extend(new)
    return seen


def _outcome(entries: Sequence[Entry]) -> dict[Place, Any]:
    """Return what stands at each place after the entries."""
    outcome: dict[Place, Any] = {}
    for table, key, old, new in entries:
        if old is MEMBER or old is LEAVER:
            outcome[id(table), key, new] = old is MEMBER
        else:
            outcome[id(table), key, _WHOLE] = new
    return outcome


def _started(entries: Sequence[Entry]) -> dict[Place, tuple[Table, Any]]:
    """Return the table of each place, and what stood there before the entries."""
    started: dict[Place, tuple[Table, Any]] = {}
    for table, key, old, new in entries:
        if old is MEMBER or old is LEAVER:
            started.setdefault((id(table), key, new), (table, old is LEAVER))
        else:
            started.setdefault((id(table), key, _WHOLE), (table, old))
    return started


def _current(table: Table, place: Place) -> Any:
    _, key, member = place
    value = dict.get(table, key, NOTHING)
    return value if member is _WHOLE else value is not NOTHING and member in value


def _same(one: Any, other: Any) -> bool:
    # The members of a set are places of their own.
    return one is other or (isinstance(one, set) and isinstance(other, set)) or bool(one == other)
