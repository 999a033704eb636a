"""``jupyter zflow suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import JSON, NOTEBOOK, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.suggest import SuggestResult
    from jupyter_zflow.suggest import By


@click.command(short_help="Propose stages for a notebook.")
@NOTEBOOK
@click.option(
    "--by",
    type=click.Choice(["headings", "dataflow"]),
    help="Where to cut. Default: at headings, where they cut the notebook into parts.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write a copy of the notebook with the proposed tags.",
)
@click.option("--apply", "in_place", is_flag=True, help="Write the tags into NOTEBOOK itself.")
@click.option("--force", is_flag=True, help="Overwrite OUTPUT, or the stages of NOTEBOOK.")
@JSON
def suggest(
    notebook: Path,
    *,
    by: By | None,
    output: Path | None,
    in_place: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Propose stages for NOTEBOOK; nothing is written without --apply or -o."""
    from jupyter_zflow.actions.suggest import suggest as act

    if output is not None and in_place:
        raise click.UsageError("--apply and -o exclude each other.")
    target = notebook if in_place else output
    result = act(notebook, by=by, output=target, force=force)
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)
    return 2 if result.refused else 0


def _show(result: SuggestResult) -> None:
    from jupyter_zflow.cli.tables import console, counted, print_findings, table

    out = console()
    draft = result.proposal.draft
    rows = [(stage.name, _cells(stage.cells), stage.reason) for stage in result.stages]
    if draft.parameters is not None:
        rows.insert(0, ("(parameters)", _cells((draft.parameters,)), "sets short constants"))
    if draft.setup:
        reason = "only import, define and configure"
        rows.insert(0, ("(setup)", _cells(tuple(sorted(draft.setup))), reason))
    title = f"Stages of {result.proposal.analysis.name}, by {result.proposal.by}"
    out.print(table(title, ("stage", "cells", "why"), rows))
    for note in result.proposal.notes:
        click.echo(f"  {note}")
    print_findings(result.findings)
    noun = "stage" if len(result.stages) == 1 else "stages"
    click.echo(f"{len(result.stages)} {noun}, {counted(result.findings)}.")
    if result.written is not None:
        click.echo(f"Written to {result.written}.")
    else:
        click.echo("Nothing was written; --apply or -o FILE writes the tags.")


def _cells(cells: tuple[int, ...]) -> str:
    """Return cells as people count them, neighbours as a range."""
    parts: list[str] = []
    start = previous = cells[0]
    for cell in (*cells[1:], None):
        if cell is not None and cell == previous + 1:
            previous = cell
            continue
        parts.append(str(start + 1) if start == previous else f"{start + 1}-{previous + 1}")
        if cell is not None:
            start = previous = cell
    return ", ".join(parts)
