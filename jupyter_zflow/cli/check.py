"""``jupyter zflow check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from jupyter_zflow.cli.options import JSON, NOTEBOOK, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.actions.check import CheckResult
    from jupyter_zflow.actions.explain import Explanation
    from jupyter_zflow.model.analysis import Place


@click.command(short_help="Analyse a notebook.")
@NOTEBOOK
@click.option(
    "--explain",
    "pair",
    nargs=2,
    metavar="A B",
    help="Say why stage B waits for stage A: what is written where, and read where.",
)
@JSON
def check(notebook: Path, *, pair: tuple[str, str] | None, as_json: bool) -> int:
    """Analyse NOTEBOOK: its stages, what flows between them, and what is wrong."""
    from jupyter_zflow.actions.check import check as act
    from jupyter_zflow.actions.explain import explain

    result = act(notebook)
    explained = explain(result.analysis, *pair) if pair else None
    if as_json:
        print_json(result.to_json() | (explained.to_json() if explained else {}))
    elif explained:
        _show_explained(explained)
    else:
        _show(result)
    return 2 if result.refused else 0


def _show(result: CheckResult) -> None:
    from jupyter_zflow.cli.tables import console, counted, print_findings, table
    from jupyter_zflow.export.graph import compute_label

    out = console()
    made = result.prepared.pipeline
    rows = [
        (
            stage.name,
            compute_label(made.stage(stage.name).compute) if made else "",
            ", ".join(str(cell + 1) for cell in stage.cells),
            ", ".join(stage.after),
            ", ".join(stage.reads),
            ", ".join(stage.saves),
        )
        for stage in result.analysis.stages
    ]
    columns = ("stage", "compute", "cells", "after", "takes", "hands on")
    out.print(table(f"Pipeline {result.analysis.name}", columns, rows))
    print_findings(result.findings)
    out.print(f"{len(rows)} stages, {counted(result.findings)}.")


def _show_explained(explained: Explanation) -> None:
    from jupyter_zflow.cli.tables import console, table

    click.echo(explained.said)
    if explained.edges:
        rows = [
            (edge.kind, edge.name, _place(edge.written), _place(edge.read), _value(said),
             edge.reason)
            for edge, said in zip(explained.edges, explained.described, strict=True)
        ]  # fmt: skip
        console().print(table("", ("kind", "name", "written", "read", "value", "why"), rows))


def _value(said: dict[str, Any]) -> str:
    """Return what a run saw of the value behind an edge."""
    from jupyter_zflow.analysis.crossing import size_text

    if "type" not in said:
        return ""
    size = "cannot leave its process" if said["size"] is None else size_text(said["size"])
    return f"{said['type']}, {size}"


def _place(place: Place | None) -> str:
    if place is None:
        return ""
    return f"cell {place.cell + 1}" + ("" if place.line is None else f", line {place.line}")
