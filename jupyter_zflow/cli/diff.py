"""``jupyter zflow diff``."""

from __future__ import annotations

from pathlib import Path

import click

from jupyter_zflow.cli.options import JSON, print_json


@click.command(short_help="Say what changed since the last export.")
@click.argument("target", type=click.Path(path_type=Path), metavar="NOTEBOOK|FOLDER")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The pipeline folder of the notebook."
)
@click.option("--against", metavar="COMMIT", help="Compare with the folder in a commit.")
@click.option("--cells", is_flag=True, help="Show the changed lines of cells, too.")
@JSON
def diff(
    target: Path, *, output: Path | None, against: str | None, cells: bool, as_json: bool
) -> None:
    """Say what changed in the pipeline: stages, cells, compute, permissions, schedule, parameters.

    A NOTEBOOK is compared with its last export; a FOLDER with its notebook, when that lies beside
    it, else with its last commit.
    """
    from jupyter_zflow.actions.diff import diff as act

    result = act(target, output, against=against)
    if as_json:
        print_json(result.to_json())
        return
    for line in result.lines(cells=cells):
        click.echo(line)
    for path in result.conflicts:
        click.echo(f"! {path} was edited by hand, and an export would change it")
    if not result.changes:
        click.echo(f"{result.now}: nothing changed since {result.before}.")
