"""``jupyter zflow check``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import JSON, NOTEBOOK, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.actions.check import CheckResult


@click.command(short_help="Analyse a notebook.")
@NOTEBOOK
@JSON
def check(notebook: Path, *, as_json: bool) -> int:
    """Analyse NOTEBOOK: its stages, what flows between them, and what is wrong."""
    from jupyter_zflow.actions.check import check as act

    result = act(notebook)
    if as_json:
        print_json(result.to_json())
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
