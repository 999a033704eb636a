"""Results of the actions as a notebook shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import Markdown, display

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jupyter_zflow.actions.check import CheckResult
    from jupyter_zflow.actions.explain import Explanation
    from jupyter_zflow.actions.export import ExportResult
    from jupyter_zflow.actions.history import ExecutionRecord
    from jupyter_zflow.actions.run import RunResult
    from jupyter_zflow.actions.verify import VerifyResult
    from jupyter_zflow.model.analysis import Place
    from jupyter_zflow.model.finding import Finding


def show_check(result: CheckResult) -> None:
    """Show stages and findings."""
    rows = [
        (
            stage.name,
            ", ".join(str(cell + 1) for cell in stage.cells),
            ", ".join(stage.after),
            ", ".join(stage.reads),
            ", ".join(stage.saves),
        )
        for stage in result.analysis.stages
    ]
    stages = _table(("stage", "cells", "after", "takes", "hands on"), rows)
    _markdown(f"**{result.analysis.name}**", stages, _findings(result.findings))


def show_graph(result: CheckResult) -> None:
    """Show the graph, or why there is none."""
    graph = result.graph()
    if not graph:
        _markdown(_findings(result.findings))
        return
    display({"text/vnd.mermaid": graph, "text/plain": graph}, raw=True)  # type: ignore[no-untyped-call]


def show_export(result: ExportResult) -> None:
    """Show what was written."""
    files = _table(("file",), [(str(path),) for path in result.files])
    _markdown(f"**{result.folder}**", files, _findings(result.findings))


def show_run(result: RunResult) -> None:
    """Show how each stage ended."""
    rows = []
    for stage in result.stages:
        error = stage["error"] or {}
        said = f"{error['name']}: {error.get('message', '')}" if error.get("name") else ""
        seconds = _seconds(stage["seconds"])
        rows.append((stage["name"], stage["status"], seconds, stage["notebook"] or "", said))
    stages = _table(("stage", "status", "time", "notebook", "error"), rows)
    _markdown(f"**{result.pipeline}**: {result.status}", stages)


def show_verify(result: VerifyResult) -> None:
    """Show what differs, or that nothing does."""
    from jupyter_zflow.verify.failures import failure
    from jupyter_zflow.verify.verdict import UNDECIDED, UNSTABLE

    found = result.found
    rows = [
        (
            row.stage,
            row.path or row.name,
            row.straight,
            row.isolated,
            UNSTABLE if row.unstable else UNDECIDED if row.undecided else row.detail,
        )
        for row in found.variables
        if row.verdict != "equal"
    ]
    rows += [
        (row.stage, f"output of cell {row.cell + 1}", "", "", row.said)
        for row in found.outputs
        if not row.equal
    ]
    head = (
        f"**{result.analysis.name}**: {found.word}. "
        f"{len(found.compared)} variables and {len(found.outputs)} outputs compared, "
        f"{len(found.not_compared)} variables not compared."
    )
    columns = ("stage", "what", "straight run", "stages", "")
    cause = found.cause
    first = "" if cause is None else f"First difference: `{cause.row.path or cause.row.name}` of "
    if cause is not None:
        first += f"stage {cause.row.stage!r}: {cause.reason}"
    _markdown(head, failure(found), first, _table(columns, rows) if rows else "")


def show_explained(explained: Explanation) -> None:
    """Show why one stage waits for another."""
    rows = [
        (edge.kind, edge.name, _place(edge.written), _place(edge.read), edge.reason)
        for edge in explained.edges
    ]
    table = _table(("kind", "name", "written", "read", "why"), rows) if rows else ""
    _markdown(explained.said, table)


def show_status(executions: Sequence[ExecutionRecord]) -> None:
    """Show the latest executions on this machine, and the stages of the last one."""
    if not executions:
        _markdown("No executions here.")
        return
    rows = [
        (record.id, record.status, record.started or "", _seconds(record.seconds))
        for record in executions
    ]
    stages = [(stage.name, stage.status, _seconds(stage.seconds)) for stage in executions[0].stages]
    _markdown(
        _table(("execution", "status", "started", "time"), rows),
        _table(("stage", "status", "time"), stages),
    )


def show_observed(place: Path | None, *, on: bool) -> None:
    """Show whether cells are observed, and where the record is."""
    if place is None:
        _markdown("Nothing was observed.")
    elif on:
        _markdown(
            f"Each cell that runs from now on is noted in `{place}`: names, types and sizes, no "
            "values. `%zflow observe off` ends it."
        )
    else:
        _markdown(f"No longer observing. The record is `{place}`; `%zflow check` uses it.")


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return f"cell {place.cell + 1}" + ("" if place.line is None else f", line {place.line}")


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


def _findings(findings: Sequence[Finding]) -> str:
    if not findings:
        return "No findings."
    rows = [
        (found.code, found.severity, found.where, f"{found.message} {found.remedy}".strip())
        for found in findings
    ]
    return _table(("code", "severity", "where", "finding"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _markdown(*parts: str) -> None:
    display(Markdown("\n\n".join(part for part in parts if part)))  # type: ignore[no-untyped-call]
