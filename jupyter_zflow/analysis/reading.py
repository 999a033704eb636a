"""The cells read in notebook order, and read again after an edit.

A reading keeps what each cell did. Given the cells once more, it takes back what was done from
the first difference on, reads the cells that changed or that may see a difference, and does the
rest again without reading it. The result is the same as that of a new reading.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.drift import Drift
from jupyter_zflow.analysis.heap import CELL_BITS
from jupyter_zflow.analysis.interpreter.interactive import Interpreter
from jupyter_zflow.analysis.journal import redo, undo
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.transform import graft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_zflow.analysis.interpreter.machine import Weather
    from jupyter_zflow.analysis.journal import Entry
    from jupyter_zflow.analysis.modules import LocalModules
    from jupyter_zflow.analysis.record import CellRecord

CellText = tuple[int, str]
"""Index and source of a code cell."""


@dataclass(slots=True)
class _Step:
    """What reading one cell did."""

    cell: CellText
    record: CellRecord
    entries: Sequence[Entry]
    asked: frozenset[str]
    before: Weather
    after: Weather
    sealed: bool


@dataclass(slots=True)
class Reading:
    """One pass over the cells.

    Parameters
    ----------
    modules
        What lies beside the notebook; the answers must be the same as long as the reading lives.
    observed
        What an observed run showed; the same holds for it.
    """

    modules: LocalModules
    observed: Observed = NOTHING
    last_read: tuple[int, ...] = ()
    """Indices of the cells that were read the last time, in order."""
    _steps: list[_Step] = field(default_factory=list)
    _done: int = 0
    """How many of the steps the interpreter's state includes."""
    _interpreter: Interpreter | None = None
    _last_change: Mapping[int, int] = field(default_factory=dict)
    _last_wild: int = -1

    def read(
        self,
        cells: Sequence[CellText],
        *,
        last_change: Mapping[int, int] | None = None,
        last_wild: int = -1,
    ) -> list[CellRecord]:
        """Return the record of each cell.

        Parameters
        ----------
        cells
            The code cells in notebook order.
        last_change, last_wild
            Heap site -> the last cell that changes it, and the last cell that may change anything,
            as an earlier pass over the same cells found out.
        """
        last_change = last_change or {}
        self.last_read = ()
        if (
            self._interpreter is None
            or last_wild != self._last_wild
            or any(step.sealed for step in self._steps)
        ):
            self._start(last_change, last_wild)
        assert self._interpreter is not None
        moved = _moved(self._last_change, last_change)
        self._last_change = last_change
        self._interpreter.last_change = self._interpreter.heap.last_change = last_change
        if [index for index, _ in cells] == [step.cell[0] for step in self._steps]:
            self._repair(cells, moved)
        else:
            self._continue(cells, moved)
        return [step.record for step in self._steps]

    def _start(self, last_change: Mapping[int, int], last_wild: int) -> None:
        self._interpreter = Interpreter(
            modules=self.modules,
            last_change=last_change,
            last_wild=last_wild,
            observed=self.observed,
        )
        self._last_change, self._last_wild = last_change, last_wild
        self._steps, self._done = [], 0

    def _continue(self, cells: Sequence[CellText], moved: frozenset[int]) -> None:
        """Keep what stands before the first difference, and read everything after it."""
        makers = {site >> CELL_BITS for site in moved}
        same = 0
        for step, cell in zip(self._steps, cells, strict=False):
            if step.cell != cell or cell[0] in makers:
                break
            same += 1
        self._go_to(same)
        del self._steps[same:]
        for cell in cells[same:]:
            self._steps.append(self._read(cell))
        self._done = len(self._steps)

    def _repair(self, cells: Sequence[CellText], moved: frozenset[int]) -> None:
        """Read the cells that changed, and those that may see a difference."""
        makers = {site >> CELL_BITS for site in moved}
        differ = {
            position
            for position, (step, cell) in enumerate(zip(self._steps, cells, strict=True))
            if step.cell != cell or cell[0] in makers
        }
        if not differ:
            return
        assert self._interpreter is not None
        position: int | None = min(differ)
        drift = Drift(self._interpreter, moved)
        while position is not None:
            self._go_to(position)
            step = self._steps[position]
            graft(step.cell[1], cells[position][1])
            new = self._steps[position] = self._read(cells[position])
            self._done = position + 1
            if new.sealed:
                self._steps[position + 1 :] = [self._read(cell) for cell in cells[position + 1 :]]
                self._done = len(self._steps)
                return
            drift.compare(step.entries, new.entries)
            if new.record == step.record:
                # Whoever compares records finds the same one.
                new.record = step.record
            differ.discard(position)
            position = self._next(position + 1, differ, drift)

    def _next(self, start: int, differ: set[int], drift: Drift) -> int | None:
        """Return the position of the next cell to read; those before it do what they did."""
        assert self._interpreter is not None
        if start < len(self._steps) and self._interpreter.weather != self._steps[start].before:
            return start
        for position in range(start, len(self._steps)) if drift else sorted(differ):
            if position in differ or drift.reaches(self._steps[position].asked):
                return position
        return None

    def _go_to(self, position: int) -> None:
        assert self._interpreter is not None
        while self._done > position:
            self._done -= 1
            step = self._steps[self._done]
            undo(step.entries)
            self._interpreter.weather = step.before
        while self._done < position:
            self._redo(self._steps[self._done])
            self._done += 1

    def _redo(self, step: _Step) -> None:
        assert self._interpreter is not None
        redo(step.entries)
        self._interpreter.weather = step.after

    def _read(self, cell: CellText) -> _Step:
        interpreter = self._interpreter
        assert interpreter is not None
        before = interpreter.weather
        self.last_read += (cell[0],)
        record = interpreter.run(*cell)
        journal, names = interpreter.journal, interpreter.env
        step = _Step(
            cell=cell,
            record=record,
            entries=tuple(journal.entries),
            asked=frozenset(names.asked),
            before=before,
            after=interpreter.weather,
            sealed=journal.sealed,
        )
        journal.entries.clear()
        names.asked.clear()
        journal.sealed = False
        return step


def _moved(before: Mapping[int, int], now: Mapping[int, int]) -> frozenset[int]:
    """Return the sites whose last change moved, where cells after the maker can tell."""
    if before is now:
        return frozenset()
    return frozenset(
        site
        for site in before.keys() | now.keys()
        if before.get(site, -1) != now.get(site, -1)
        and max(before.get(site, -1), now.get(site, -1)) > site >> CELL_BITS
    )
