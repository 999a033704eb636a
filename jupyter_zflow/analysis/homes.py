"""Which stage each cell runs in, and which setup cells may be replayed in every stage.

A ``setup`` cell that only imports, defines and configures is replayed. One that does more
computes, draws, reads the clock or writes: it must run once, so it becomes part of a stage named
``setup``; and so does a cell that needs what such a cell made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.notebook.layout import Layout

SETUP: Final = "setup"


@dataclass(frozen=True, slots=True)
class Homes:
    """Stage -> its cells, in notebook order; and the cells that are replayed."""

    stages: dict[str, tuple[int, ...]]
    replayed: frozenset[int]
    findings: tuple[Finding, ...]

    def of(self, cell: int) -> str | None:
        """Return the stage that runs a cell, None for one that is replayed."""
        return next((name for name, cells in self.stages.items() if cell in cells), None)


def find_homes(layout: Layout, records: dict[int, CellRecord]) -> Homes:
    """Decide where every cell runs."""
    shared = sorted(
        {*layout.setup, *([layout.parameters_cell] if layout.parameters_cell is not None else [])}
    )
    replayed: set[int] = set()
    once: list[int] = []
    findings: list[Finding] = []
    for cell in shared:
        why = _why_not(records[cell], replayed, parameters=cell == layout.parameters_cell)
        if why is None:
            replayed.add(cell)
        elif cell == layout.parameters_cell:
            replayed.add(cell)
            findings.append(_parameters_finding(cell, *why))
        else:
            once.append(cell)
            findings.append(_setup_finding(cell, *why))
    stages = {stage.name: tuple(sorted(stage.cells)) for stage in layout.stages}
    if once and SETUP in stages:
        findings.append(
            Finding(
                code="ZF222",
                severity="error",
                cell=once[0],
                message="This setup cell must run once, in a stage named 'setup', but the notebook "
                "has a stage of that name.",
                remedy="Rename that stage, or tag the cell with the stage it belongs to.",
            )
        )
    elif once:
        stages[SETUP] = tuple(once)
    ordered = dict(sorted(stages.items(), key=lambda item: item[1][:1] or (0,)))
    return Homes(ordered, frozenset(replayed), tuple(findings))


def _why_not(record: CellRecord, replayed: set[int], *, parameters: bool) -> tuple[int, str] | None:
    """Return line and reason why a cell cannot be replayed; parameters may compute a little."""
    against = record.unrepeatable if parameters else record.heavy
    if against is not None:
        return against.line, f"it runs {against.reason}"
    for name, read in record.reads.items():
        if read.cell not in replayed:
            return read.line, f"it needs {name!r}, which a stage makes"
    uses = record.file_writes if parameters else (*record.file_writes, *record.file_reads)
    for use in uses:
        return use.line, "it reads or writes files"
    return None


def _setup_finding(cell: int, line: int, why: str) -> Finding:
    return Finding(
        code="ZF218",
        severity="info",
        cell=cell,
        line=line,
        message=f"This setup cell runs once, in a stage named 'setup': {why}.",
        remedy="Keep only imports, definitions and settings in setup cells, or tag the cell with "
        "the stage it belongs to.",
    )


def _parameters_finding(cell: int, line: int, why: str) -> Finding:
    return Finding(
        code="ZF214",
        severity="error",
        cell=cell,
        line=line,
        message="The parameters cell is repeated in every stage and may only set values, but "
        f"{why}.",
        remedy="Move everything but plain values out of the parameters cell.",
    )
