"""``jupyter zflow verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.options import JSON, NOTEBOOK, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.verify import VerifyResult
    from jupyter_zflow.verify.verdict import OutputRow, VariableRow

ABORTED = 130


@click.command(short_help="Compare a straight run with the isolated stages.")
@NOTEBOOK
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; the value is JSON, or text where text is wanted. May be repeated.",
)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=0.0,
    help="How far floats may be apart, absolutely or relative to the larger one.",
)
@click.option(
    "--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a report here."
)
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the executed notebooks here.",
)
@click.option(
    "--observe",
    is_flag=True,
    help="Note what the cells really do, in .zflow beside the notebook; check uses it.",
)
@click.option("--jobs", type=click.IntRange(min=0), default=0, help="Stages at the same time.")
@JSON
def verify(
    notebook: Path,
    *,
    parameters: tuple[str, ...],
    tolerance: float,
    html: Path | None,
    output_dir: Path | None,
    observe: bool,
    jobs: int,
    as_json: bool,
) -> int:
    """Run NOTEBOOK straight and as isolated stages, and compare what they compute.

    Compared are all variables where a stage ends and at the very end, and what each cell printed
    or showed. Where something differs, the notebook runs straight once more: what differs there,
    too, does not count.
    """
    from jupyter_zflow.actions.verify import verify as act
    from jupyter_zflow.cli.progress import progress

    with progress() as on_event:
        result = act(
            notebook,
            assignments=parameters,
            tolerance=tolerance,
            jobs=jobs,
            output_dir=output_dir,
            html=html,
            observe=observe,
            on_event=on_event,
        )
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)
    _explain(result)
    if result.aborted:
        return ABORTED
    return 0 if result.equal else 1


def _show(result: VerifyResult) -> None:
    from jupyter_zflow.cli.tables import console, table

    found = result.found
    out = console()
    told = [row for row in found.variables if row.verdict != "equal" or row.detail]
    rows = [
        (row.stage, row.path or row.name, _word(row.verdict, row), row.straight,
         row.isolated, row.detail)
        for row in told
    ]  # fmt: skip
    if rows:
        columns = ("stage", "variable", "", "straight run", "stages", "")
        out.print(table("", columns, rows))
    printed = [
        (row.stage, str(row.cell + 1), row.kind,
         _word("equal" if row.equal else "different", row), row.said)
        for row in found.outputs
        if not row.equal or row.masked
    ]  # fmt: skip
    if printed:
        out.print(table("", ("stage", "cell", "output", "", ""), printed))
    equal = sum(row.verdict == "equal" for row in found.variables)
    same = sum(row.equal for row in found.outputs)
    click.echo(
        f"{result.analysis.name}: {found.word} in "
        f"{found.seconds:.1f} s. Variables: {equal} of {len(found.compared)} equal, "
        f"{len(found.not_compared)} not compared. Outputs: {same} of {len(found.outputs)} equal."
    )
    for note in found.notes:
        click.echo(note)
    if result.report is not None:
        click.echo(f"Report: {result.report}")
    if result.observed is not None:
        click.echo(f"Observed: {result.observed}")


def _word(verdict: str, row: VariableRow | OutputRow) -> str:
    if row.unstable:
        return "differs between straight runs, too"
    return "undecided" if row.undecided else verdict


def _explain(result: VerifyResult) -> None:
    """Say what failed or where the runs part, on standard error."""
    from jupyter_zflow.verify.failures import failure

    found = result.found
    failed = failure(found)
    if failed:
        click.echo(f"{click.style('Failed:', fg='red')} {failed}", err=True)
    printed = next((row for row in found.outputs if row.counts), None)
    if found.cause is None and printed is not None:
        click.echo(
            f"{click.style('First difference:', fg='red')} output of cell {printed.cell + 1}, "
            f"stage {printed.stage!r}, {printed.said}",
            err=True,
        )
    if found.cause is not None:
        row = found.cause.row
        click.echo(
            f"{click.style('First difference:', fg='red')} {row.path or row.name} of stage "
            f"{row.stage!r}: {found.cause.reason}",
            err=True,
        )
