"""``jupyter zflow convert``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import JSON, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.convert import ConvertResult, Tool

_HEADS = {
    "lost": "without counterpart",
    "differs": "computed in another way",
    "changed": "said in another way",
}


@click.command(short_help="Convert a notebook or pipeline of another tool.")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "tool",
    required=True,
    type=click.Choice(["kale", "soorgeon", "elyra"]),
    help="The tool that SOURCE was made for.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Default: SOURCE-zflow.ipynb, or for Elyra a folder named like the pipeline.",
)
@click.option("--force", is_flag=True, help="Overwrite OUTPUT.")
@JSON
def convert(source: Path, *, tool: Tool, output: Path | None, force: bool, as_json: bool) -> int:
    """Write SOURCE as a notebook or pipeline folder of ours, and report what got lost."""
    from jupyter_zflow.actions.convert import convert as act

    result = act(source, tool=tool, output=output, force=force)
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)
    return 2 if result.refused else 0


def _show(result: ConvertResult) -> None:
    from jupyter_zflow.cli.tables import console, counted, print_findings, table

    out = console()
    for kind, head in _HEADS.items():
        rows = [
            (entry.where, f"{entry.message} {entry.remedy}".rstrip())
            for entry in result.report
            if entry.kind == kind
        ]
        if rows:
            out.print(table(head.capitalize(), ("where", "what"), rows))
    print_findings(result.findings)
    names = ", ".join(stage.name for stage in result.analysis.stages)
    noun = "stage" if len(result.analysis.stages) == 1 else "stages"
    click.echo(f"{len(result.analysis.stages)} {noun} ({names}), {counted(result.findings)}.")
    click.echo(f"Written to {result.written}.")
