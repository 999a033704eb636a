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
@click.option(
    "--commit", "as_commit", is_flag=True, help="Commit the folder, and nothing else, to Git."
)
@click.option("--branch", help="The commit's branch; made from HEAD when it does not exist.")
@JSON
def export(
    notebook: Path,
    *,
    output: Path | None,
    force: bool,
    beside: bool,
    as_commit: bool,
    branch: str | None,
    as_json: bool,
) -> None:
    """Write the pipeline folder of NOTEBOOK: script, stage notebooks, template."""
    from jupyter_zflow.actions.commit import commit, repository_of
    from jupyter_zflow.actions.export import export as act

    if force and beside:
        raise click.UsageError("--force and --beside exclude each other.")
    if as_commit and beside:
        raise click.UsageError("--commit and --beside exclude each other: FILE.new is for you.")
    if branch is not None and not as_commit:
        raise click.UsageError("--branch is for --commit.")
    on_conflict: OnConflict = "overwrite" if force else "beside" if beside else "refuse"
    if as_commit:  # before anything is written
        repository_of(output if output is not None else notebook.parent, branch=branch)
    result = act(notebook, output, on_conflict=on_conflict)
    committed = commit(result.folder, branch=branch) if as_commit else None
    if as_json:
        print_json(result.to_json() | ({"commit": committed.to_json()} if committed else {}))
        return
    _show(result)
    if committed is not None:
        made = f"commit {committed.commit[:12]}" if committed.commit else "nothing to commit"
        click.echo(f"  {made} on {committed.branch}: {committed.message.splitlines()[0]}")


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
