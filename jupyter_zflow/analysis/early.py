"""Cells that stand above what their stage gets at its start, and would notice that it is there.

A stage replays, imports and loads before its first cell. Where its cells enclose the cell that
something comes from, the first of them ran without it in the notebook: they may have found a name
unbound, a built-in that is shadowed further down, a setting at its default, a file missing.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.code import bound_names
from jupyter_zflow.analysis.interpreter.ambient import RANDOM_STATES
from jupyter_zflow.analysis.record import overlap
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.analysis.connect import Traffic
    from jupyter_zflow.analysis.record import CellRecord


def missed(record: CellRecord, name: str) -> bool:
    """Return whether a cell may have noticed that nothing above it binds a name."""
    return name in record.absent or record.dynamic is not None


def feels(record: CellRecord, kind: str) -> bool:
    """Return whether a cell may behave differently when ambient state was set before it."""
    # Without a seed any draw is as good; any other state may be read without a trace.
    return kind not in RANDOM_STATES or kind in record.state_writes or kind in record.state_reads


def repeated(stage: Traffic, records: Mapping[int, CellRecord]) -> Iterator[Finding]:
    """Find cells that would notice a replay or an import that stands below them."""
    sources = [(cell, set(records[cell].writes), True) for cell in sorted(stage.replays)]
    sources += [
        (cell, _names(statement, records[cell]), False) for statement, cell in stage.imports.items()
    ]
    for cell, names, replayed in sources:
        kinds = records[cell].state_writes if replayed else ()
        for own in stage.cells:
            record = records[own]
            noticed = [name for name in sorted(names) if missed(record, name)]
            noticed += [kind for kind in kinds if feels(record, kind)]
            if own < cell and noticed:
                yield Finding(
                    code="ZF204",
                    severity="error",
                    cell=own,
                    message=f"Stage {stage.name!r} starts with what cell {cell + 1} does, but "
                    f"this cell stands above it and may use {noticed[0]!r} as it was before.",
                    remedy=f"Move cell {cell + 1} above this one, or split stage {stage.name!r}.",
                )
                break


def overwritten(stage: Traffic, records: Mapping[int, CellRecord]) -> Iterator[Finding]:
    """Find replayed cells whose names a stage that hands on everything would overwrite."""
    if "*" not in stage.versions:
        return
    source, reader = stage.versions["*"]
    for cell in sorted(stage.replays):
        if cell > source and records[cell].writes:
            name = min(records[cell].writes)
            yield Finding(
                code="ZF204",
                severity="error",
                cell=reader,
                message=f"Stage {stage.name!r} gets every variable that cell {source + 1} left, "
                f"perhaps also a {name!r}, which the setup cell {cell + 1} binds after it.",
                remedy=f"Move cell {cell + 1} above cell {source + 1}.",
            )


def files(
    stage: Traffic, stages: Mapping[str, Traffic], records: Mapping[int, CellRecord]
) -> Iterator[Finding]:
    """Find cells that would see files that a producer of the stage writes further down."""
    for own in stage.cells:
        for use in (*records[own].file_reads, *records[own].file_writes):
            for name in sorted(stage.loads_files):
                later = [
                    cell
                    for cell in stages[name].cells
                    if cell > own
                    and any(overlap(put.path, use.path) for put in records[cell].file_writes)
                ]
                if later:
                    path = "its files" if use.path is None else repr(use.path)
                    yield Finding(
                        code="ZF204",
                        severity="error",
                        cell=own,
                        line=use.line,
                        message=f"Stage {stage.name!r} uses {path} here and gets all files of "
                        f"stage {name!r}, but cell {later[0] + 1} of that stage writes there "
                        "later.",
                        remedy="Split the stages so that they do not interleave.",
                    )


def _names(statement: str, record: CellRecord) -> set[str]:
    """Return what an import statement binds."""
    if statement.startswith("%") or statement.endswith("*"):
        return set(record.writes)
    return set(bound_names(ast.parse(statement)))
