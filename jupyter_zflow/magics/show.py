"""Results of the actions as a notebook shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from IPython.display import Markdown, display

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_zflow.actions.check import CheckResult
    from jupyter_zflow.actions.export import ExportResult
    from jupyter_zflow.actions.run import RunResult
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
        seconds = "" if stage["seconds"] is None else f"{stage['seconds']:.1f} s"
        rows.append((stage["name"], stage["status"], seconds, stage["notebook"] or "", said))
    stages = _table(("stage", "status", "time", "notebook", "error"), rows)
    _markdown(f"**{result.pipeline}**: {result.status}", stages)


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
