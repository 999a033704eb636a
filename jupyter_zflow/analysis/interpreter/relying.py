"""Fears that an observed run took away: calls of which nothing else is known.

Such a call is noted while the cell is read and judged when the cell is finished. For each
variable that the call might change there are two cases:

- the observed run showed that the cell left it as it was, and nothing else in the cell is known
  to write it: it is *relied on*. The stage compares it before and after the cell.
- otherwise it is written, as without a record.

Objects may be shared by several of them. Where some are written, or where a later cell changes such
an object, the ones relied on are read, too, and compared together: the stage holds them all, and
neither a change through another name nor an object that is no longer shared can escape. Else a
change could only come through a variable that the stage holds, each of which is compared, and
nobody could tell what is shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.interpreter.opaque import Opaque
from jupyter_zflow.analysis.observed import NOTHING, Observed, SeenCell
from jupyter_zflow.analysis.record import Write

if TYPE_CHECKING:
    from jupyter_zflow.analysis.heap import Sites

CHECKED = "it must not change here, which is checked"


@dataclass(frozen=True, slots=True)
class _Fear:
    """A call that may change everything within its reach."""

    sites: Sites
    names: frozenset[str]
    """Variables that could reach one of them when the call was made."""
    line: int
    reason: str


class Relying(Opaque):
    """Judges calls that nothing is known about by what an observed run showed."""

    observed: Observed = NOTHING
    seen: SeenCell | None = None
    """What was seen of the current cell."""
    feared: list[_Fear]

    def begin(self, index: int) -> None:
        """Start the record of a cell."""
        super().begin(index)
        self.feared = []

    def finish(self) -> None:
        """Close the record: decide about the calls that were put off."""
        for fear in self.feared:
            self._judge(fear)
        for kind in self.record.relied_states.keys() & self.record.state_writes.keys():
            del self.record.relied_states[kind]
        super().finish()

    def fear_change(self, roots: Sites, line: int, *, reason: str) -> None:
        """Note that a call may change everything within reach, unless a run showed otherwise."""
        if roots and self._ran(line):
            sites = self.heap.reach(roots)
            self.feared.append(_Fear(sites, frozenset(self._seen_by(sites)), line, reason))
        else:
            self.change(roots, line, reason=reason, deep=True)

    def fear_draw(self, kind: str, line: int, *, reason: str) -> None:
        """Note that a call may draw, unless a run showed that the generator stayed as it was."""
        if (
            kind in self.states
            and self.seen is not None
            and kind in self.seen.states_unchanged
            and self._ran(line)
        ):
            self.read_state(kind, line)
            self.record.relied_states.setdefault(kind, Write(line, reason))
        else:
            self.draw(kind, line, reason=reason)

    def _ran(self, line: int) -> bool:
        """Return whether the observed run is known to have come by this call."""
        if self.seen is None:
            return False
        if self.frame is not None:
            return self.weak == self.frame.weak_base
        return self.weak == 0 or line in self.seen.lines

    def _judge(self, fear: _Fear) -> None:
        assert self.seen is not None
        names = {name for name in fear.names if name in self.env}
        spared = {
            name for name in names if name in self.seen.unchanged and name not in self.record.writes
        }
        if spared != names or not names:
            self.record.changed |= fear.sites
        held = spared != names or self._changes_later(fear.sites)
        for name in sorted(names):
            if name not in spared:
                self._touch(name, fear.line, fear.reason)
                continue
            if held:
                self.read(name, fear.line, CHECKED)
            self.record.relied.setdefault(name, Write(fear.line, fear.reason))

    def _changes_later(self, sites: Sites) -> bool:
        """Return whether a later cell changes one of the objects, or may change any."""
        here = self.record.index
        if self.last_wild > here:
            return True
        return any(self.last_change.get(site, -1) > here for site in sites)
