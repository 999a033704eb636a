"""``jupyter zflow run``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_zflow.cli.options import JSON, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.run import RunResult

ABORTED = 130


@click.command(short_help="Execute the state machine on this machine.")
@click.argument("target", type=click.Path(path_type=Path), metavar="NOTEBOOK|FOLDER")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; the value is JSON, or text where text is wanted. May be repeated.",
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Leave the executed notebooks here, as STAGE.ipynb.",
)
@click.option(
    "--from",
    "start",
    metavar="STAGE",
    help="Run from this stage on, with earlier results of the latest execution.",
)
@click.option("--only", metavar="STAGE", help="Run this stage alone.")
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Stages at the same time.")
@JSON
def run(
    target: Path,
    *,
    parameters: tuple[str, ...],
    output_dir: Path | None,
    start: str | None,
    only: str | None,
    jobs: int,
    as_json: bool,
) -> int:
    """Execute the state machine of a notebook, or of an exported folder, on this machine."""
    from jupyter_zflow.actions.run import run as act
    from jupyter_zflow.cli.progress import progress

    with progress() as on_event:
        result = act(
            target,
            assignments=parameters,
            output_dir=output_dir,
            start=start,
            only=only,
            jobs=jobs,
            on_event=on_event,
        )
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)
    _explain(result)
    return {"SUCCEEDED": 0, "ABORTED": ABORTED}.get(result.status, 1)


def _show(result: RunResult) -> None:
    from jupyter_zflow.cli.tables import console, table

    rows = [
        (
            stage["name"],
            stage["status"],
            "" if stage["seconds"] is None else f"{stage['seconds']:.1f} s",
            stage["notebook"] or "",
        )
        for stage in result.stages
    ]
    out = console()
    out.print(table("", ("stage", "status", "time", "notebook"), rows))
    for name, value in result.execution.outputs.items():
        click.echo(f"  {name} = {_short(value)}")
    took = f"{result.execution.seconds:.1f} s"
    click.echo(f"{result.pipeline}: {result.status} in {took}, {result.folder}")


def _explain(result: RunResult) -> None:
    """Say what failed, where, and how to go on, on standard error."""
    for stage in result.stages:
        error = stage["error"]
        if not error or stage["status"] not in {"FAILED", "TIMED_OUT"}:
            continue
        said = f"{error.get('name', 'Error')}: {error.get('message', '')}".rstrip(": ")
        lines = [
            f"{click.style('Failed:', fg='red')} stage {stage['name']!r}{_place(error)}: {said}",
            f"  notebook  {stage['notebook'] or 'none was left'}",
            f"  go on     jupyter zflow run ... --from {_word(stage['name'])}",
        ]
        click.echo("\n".join(lines), err=True)
    if result.status == "ABORTED":
        click.echo("Stopped before the end.", err=True)
    elif result.status != "SUCCEEDED" and not any(stage["error"] for stage in result.stages):
        failure = result.execution.error or {}
        said = f"{failure.get('error', result.status)}: {failure.get('cause', '')}".rstrip(": ")
        click.echo(f"{click.style('Failed:', fg='red')} {said}", err=True)


def _place(error: dict[str, Any]) -> str:
    if error.get("cell") is None:
        return ""
    line = "" if error.get("line") is None else f", line {error['line']}"
    return f", cell {error['cell'] + 1}{line}"


def _word(name: str) -> str:
    import shlex

    return shlex.quote(name)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}..."  # noqa: PLR2004
