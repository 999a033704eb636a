"""Findings that only the whole notebook shows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.code import bound_names
from jupyter_zflow.analysis.reach import LARGE, reach
from jupyter_zflow.analysis.record import normal
from jupyter_zflow.analysis.transform import parse
from jupyter_zflow.model.analysis import Place
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.analysis.homes import Homes
    from jupyter_zflow.analysis.modules import LocalModules
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.analysis import Edge
    from jupyter_zflow.model.finding import Severity
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.notebook.layout import Layout


def undefined_names(
    document: NotebookDocument, layout: Layout, records: dict[int, CellRecord]
) -> Iterator[Finding]:
    """Find names that nothing above the cell binds."""
    skipped = {
        name: cell
        for cell in layout.skipped
        for name in bound_names(parse(document.cells[cell].source).tree)
    }
    for record in records.values():
        for name, (line, certain) in record.undefined.items():
            later = next(
                (r.index for r in records.values() if r.index > record.index and name in r.writes),
                None,
            )
            place = Place(cell=record.index, line=line)
            yield _undefined(name, place, certain=certain, skipped=skipped.get(name), later=later)


def _undefined(
    name: str, place: Place, *, certain: bool, skipped: int | None, later: int | None
) -> Finding:
    severity = "error" if certain or skipped is not None else "warning"
    if skipped is not None:
        code, message = "ZF215", f"{name!r} is bound only in cell {skipped + 1}, which is skipped."
        remedy = "Remove its `skip` tag, or bind the name elsewhere."
    elif later is not None:
        code = "ZF202"
        message = f"{name!r} is used here, but first bound further down, in cell {later + 1}."
        remedy = "Move the cell that binds it above this one."
    else:
        code, message = "ZF201", f"Nothing in the notebook binds {name!r}."
        remedy = "Bind it in a cell above, or make it a parameter."
        if not certain:
            message += " If this line runs, it fails."
    return Finding.model_validate(
        {
            "code": code,
            "severity": severity,
            "message": message,
            "remedy": remedy,
            "cell": place.cell,
            "line": place.line,
        }
    )


def history(homes: Homes, records: dict[int, CellRecord]) -> Iterator[Finding]:
    """Find uses of ``_``, ``Out`` and the like that another process cannot answer."""
    for record in records.values():
        home = homes.home.get(record.index)
        for name, (line, shown) in record.history.items():
            alone = len(homes.stages) == 1 and not homes.replayed
            if alone or (name == "_" and shown is not None and homes.home.get(shown) == home):
                continue
            yield Finding(
                code="ZF206",
                severity="error",
                cell=record.index,
                line=line,
                message=f"{name!r} is what IPython remembers of an earlier cell, and a stage does "
                "not remember other stages.",
                remedy="Assign the value to a variable.",
            )


def hidden_state(document: NotebookDocument) -> Iterator[Finding]:
    """Find cells that were last run in another order than the one they stand in."""
    counts = [
        (cell.execution_count, cell.index)
        for cell in document.cells
        if cell.kind == "code" and cell.execution_count is not None
    ]
    for (before, _), (after, cell) in pairwise(counts):
        if after < before:
            yield Finding(
                code="ZF211",
                severity="warning",
                cell=cell,
                message=f"This cell was last run before the one above it ([{after}] after "
                f"[{before}]), so what is shown may not be what the notebook computes from top "
                "to bottom.",
                remedy="Restart the kernel and run all cells.",
            )
            return


def files(records: dict[int, CellRecord], modules: LocalModules) -> Iterator[Finding]:
    """Find files that would not be there when the stage runs elsewhere."""
    told: set[str] = set()
    for record in records.values():
        for use in record.file_reads:
            path = use.path
            if path is None or path in told or use.writers:
                continue
            if path == "." and modules.neighbours():
                told.add(path)
                yield Finding(
                    code="ZF225",
                    severity="error",
                    cell=record.index,
                    line=use.line,
                    message="This lists the notebook's own folder, and a stage would not find "
                    f"{modules.neighbours()[0]!r} there.",
                    remedy="Put the files into a folder of their own and list that.",
                )
            place = Place(cell=record.index, line=use.line)
            if path.startswith("..") and modules.exists(_literal(path)):
                told.add(path)
                yield from _above(path, place, modules)
            if path.startswith(("/", "~")) and modules.exists(path):
                told.add(path)
                yield _stays(path, "is absolute", place, severity="warning")


def _above(path: str, place: Place, modules: LocalModules) -> Iterator[Finding]:
    """Judge a path that leads up from the notebook's folder."""
    assert modules.folder is not None
    found = reach(modules.folder, _literal(path))
    if found.reason:
        yield _stays(path, found.reason, place, severity="error")
    elif found.size > LARGE:
        yield Finding(
            code="ZF212",
            severity="warning",
            cell=place.cell,
            line=place.line,
            message=f"{path!r} lies outside the notebook's folder and travels with each stage that "
            f"reads it: {found.size / 1e6:,.0f} MB.",
            remedy="Read it from S3, if each run should not carry it.",
        )


def _stays(path: str, reason: str, place: Place, *, severity: Severity) -> Finding:
    return Finding(
        code="ZF212",
        severity=severity,
        cell=place.cell,
        line=place.line,
        message=f"{path!r} {reason}, so a stage would not find it.",
        remedy="Put the file into the notebook's folder and use a relative path, or read it from "
        "S3.",
    )


def _literal(path: str) -> str:
    """Return the part of a path above its first pattern."""
    parts = path.split("/")
    patterns = [place for place, part in enumerate(parts) if set(part) & set("*?[")]
    return "/".join(parts[: patterns[0]] if patterns else parts)


def assumptions(edges: list[Edge]) -> Iterator[Finding]:
    """Find orders that only caution demands."""
    told: set[tuple[str, str]] = set()
    certain = {(edge.producer, edge.consumer) for edge in edges if not edge.reason}
    for edge in edges:
        pair = (edge.producer, edge.consumer)
        cautious = edge.reason.startswith(("nothing is known", "iterating", "the path is only"))
        if cautious and pair not in certain | told and edge.read is not None:
            told.add(pair)
            what = f" ({edge.name!r})" if edge.name else ""
            yield Finding(
                code="ZF210",
                severity="info",
                cell=edge.read.cell,
                line=edge.read.line,
                message=f"Stage {edge.consumer!r} waits for stage {edge.producer!r}{what} because "
                f"{edge.reason}.",
                remedy="",
            )


def inputs_of(record: CellRecord, modules: LocalModules) -> set[str]:
    """Return the author's files that a cell reads and no stage writes."""
    found = set()
    for use in record.file_reads:
        if use.path is None or use.path.startswith(("/", "~")):
            continue
        if use.path.startswith(".."):
            above = normal(_literal(use.path))
            if modules.folder and modules.exists(above) and not reach(modules.folder, above).reason:
                found.add(above)
            continue
        parts = use.path.split("/")
        literal = []
        for part in parts:
            if any(character in part for character in "*?["):
                break
            literal.append(part)
        path = normal("/".join(literal)) if literal else "."
        if path != "." and modules.exists(path):
            found.add(path)
        elif path == "." and literal != parts:
            found.update(modules.matching(use.path))
    return found
