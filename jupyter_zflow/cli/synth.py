"""``jupyter zflow synth``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import FOLDER, JSON, print_json

if TYPE_CHECKING:
    from pathlib import Path


@click.command(short_help="Run a folder's script and write its template.")
@FOLDER
@JSON
def synth(folder: Path, *, as_json: bool) -> int:
    """Run FOLDER/pipeline.py: check the pipeline and write its CloudFormation template."""
    from jupyter_zflow.actions.synth import synth as act

    result = act(folder)
    if as_json:
        print_json(result.to_json())
    else:
        from jupyter_zflow.cli.tables import print_findings

        print_findings(result.findings)
        click.echo(f"{result.template}: {', '.join(machine.name for machine in result.machines)}")
    return 2 if any(found.severity == "error" for found in result.findings) else 0
