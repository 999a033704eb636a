"""Which stage each cell runs in, and which setup cells may be replayed in every stage.

A ``setup`` cell that only imports, defines and configures is replayed. One that does more
computes, draws, reads the clock or writes: it must run once, so it becomes part of a stage named
``setup``; and so does a cell that needs what such a cell made.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.code import outer_expressions
from jupyter_zflow.analysis.transform import parse
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.notebook.layout import Layout

SETUP: Final = "setup"

_WHERE: Final = frozenset({"cwd", "sys.path"})
"""Kinds of state that decide what an import finds."""

_COMPUTES: Final = (ast.Call, ast.Attribute, ast.Subscript, ast.BinOp, ast.AugAssign)
_IMPORTS: Final = (ast.Import, ast.ImportFrom)


@dataclass(frozen=True)
class Homes:
    """Stage -> its cells, in notebook order; and the cells that are replayed."""

    stages: dict[str, tuple[int, ...]]
    replayed: frozenset[int]
    findings: tuple[Finding, ...]

    @cached_property
    def home(self) -> dict[int, str]:
        """Cell -> the stage that runs it; cells that are replayed are not in it."""
        return {cell: name for name, cells in self.stages.items() for cell in cells}


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
        why = why or _feels(layout.code[cell].text, records[cell], replayed)
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


def _feels(text: str, record: CellRecord, replayed: set[int]) -> tuple[int, str] | None:
    """Return why a cell must not run before the stages: it may see settings that they make."""
    for kind, read in record.state_reads.items():
        if read.cell not in replayed and not _only_defines(text, imports=kind in _WHERE):
            return read.line, f"it may depend on {kind}, which a stage sets"
    return None


def _only_defines(text: str, *, imports: bool) -> bool:
    """Return whether running a cell does nothing that a setting could change."""
    todo: list[ast.AST] = [parse(text).tree]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            todo += outer_expressions(node)
        elif isinstance(node, _COMPUTES) or (imports and isinstance(node, _IMPORTS)):
            return False
        else:
            todo += ast.iter_child_nodes(node)
    return True


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
