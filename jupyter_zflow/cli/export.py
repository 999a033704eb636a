"""``jupyter zflow export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import JSON, NOTEBOOK, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.export import ExportResult
    from jupyter_zflow.export.folder import OnConflict


@click.command(short_help="Write the pipeline folder of a notebook.")
@NOTEBOOK
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The pipeline folder. Default: beside the notebook, named like the pipeline.",
)
@click.option("--force", is_flag=True, help="Overwrite hand edits that are in the way.")
@click.option("--beside", is_flag=True, help="Write new versions of edited files as FILE.new.")
@JSON
def export(
    notebook: Path, *, output: Path | None, force: bool, beside: bool, as_json: bool
) -> None:
    """Write the pipeline folder of NOTEBOOK: script, stage notebooks, template."""
    from jupyter_zflow.actions.export import export as act

    if force and beside:
        raise click.UsageError("--force and --beside exclude each other.")
    on_conflict: OnConflict = "overwrite" if force else "beside" if beside else "refuse"
    result = act(notebook, output, on_conflict=on_conflict)
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)


def _show(result: ExportResult) -> None:
    from jupyter_zflow.cli.tables import counted, print_findings

    print_findings(result.findings)
    changes = result.changes
    click.echo(
        f"{result.folder}: {len(result.files)} files, {len(changes.write)} written, "
        f"{len(changes.remove)} removed, {counted(result.findings)}."
    )
    for path in changes.kept:
        click.echo(f"  kept your {path}")
    for path in changes.conflicts:
        click.echo(f"  conflict in {path}")
    click.echo(f"  script    {result.folder / 'pipeline.py'}")
    click.echo(f"  template  {result.template}")
    click.echo(f"  graph     {result.folder / 'README.md'}")
