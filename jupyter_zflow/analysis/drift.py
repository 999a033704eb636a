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
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from jupyter_zflow.analysis.interpreter.machine import Machine
    from jupyter_zflow.analysis.journal import Entry, Table

_WHOLE: Final = object()
"""In place of a member: the place is the key itself."""

_NOBODY: Final[frozenset[str]] = frozenset()
_NOWHERE: Final[frozenset[int]] = frozenset()

Place = tuple[int, Any, Any]
"""Identity of the table, key, and member of the set that the table has for the key."""


@dataclass(slots=True)
class Drift:
    """The places where the state differs, and the names from which they can be reached.

    Parameters
    ----------
    machine
        The state.
    moved
        Sites that another cell than before changes last.
    """

    machine: Machine
    moved: frozenset[int] = frozenset()
    _was: dict[Place, tuple[Table, Any]] = field(default_factory=dict)
    """Place that differs -> its table, and what stood there before the edit."""
    _sites: set[int] = field(default_factory=set)
    """Sites that are connected with a difference by any path of edges."""
    _names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._connect(self.moved)

    def __bool__(self) -> bool:
        return bool(self._was or self.moved)

    def reaches(self, asked: AbstractSet[str]) -> bool:
        """Return whether a cell that asked for these names may see a difference."""
        if not self:
            return False
        return EVERY_NAME in asked or EVERY_NAME in self._names or not self._names.isdisjoint(asked)

    def compare(self, before: Sequence[Entry], now: Sequence[Entry]) -> None:
        """Take in what a cell did before the edit, and what it has just done."""
        did, started = _outcome(before), _started(now)
        found = {place: value for place, (_, value) in started.items()}
        new: list[tuple[Table, Place]] = []
        gone = False
        for place, (table, value) in {**_started(before), **started}.items():
            if place in did:
                was = did[place]
            elif place in self._was:
                was = self._was[place][1]
            else:
                was = found.get(place, value)
            if _same(_current(table, place), was):
                gone = self._was.pop(place, None) is not None or gone
            else:
                if place not in self._was:
                    new.append((table, place))
                self._was[place] = (table, was)
        if gone:
            # What is left may be connected with less.
            self._sites, self._names = set(), set()
            self._connect(self.moved)
            new = [(table, place) for place, (table, _) in self._was.items()]
        for table, place in new:
            self._include(table, place)
        self._grow(now)

    def _include(self, table: Table, place: Place) -> None:
        """Add a place that differs."""
        machine = self.machine
        _, key, member = place
        if table is machine.env or table is machine.deleted:
            self._names.add(key)
        elif table is machine.owners:
            self._connect([key])
            if member is not _WHOLE:
                self._names.add(member)
        elif isinstance(key, int):
            self._connect([key] if member is _WHOLE else [key, member])
        else:
            self._names.add(EVERY_NAME)

    def _grow(self, now: Sequence[Entry]) -> None:
        """Add what a cell has just connected with a difference."""
        machine = self.machine
        for table, key, old, new in now:
            if old is not MEMBER:
                continue
            if table is machine.owners:
                if key in self._sites:
                    self._names.add(new)
            elif table is machine.heap.holds and (key in self._sites) != (new in self._sites):
                self._connect([key, new])

    def _connect(self, start: Iterable[int]) -> None:
        """Add sites, and all that is connected with them."""
        heap, owners = self.machine.heap, self.machine.owners
        todo = [site for site in start if site not in self._sites]
        self._sites.update(todo)
        while todo:
            site = todo.pop()
            self._names |= owners.get(site, _NOBODY)
            for table in (heap.holds, heap.held_by):
                new = table.get(site, _NOWHERE) - self._sites
                self._sites |= new
                todo.extend(new)


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
