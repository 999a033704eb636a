"""``jupyter zflow start`` and ``stop``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jupyter_zflow.cli.aws import PIPELINE, TARGET, aws
from jupyter_zflow.cli.options import JSON, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.deployed import Where


@click.command(short_help="Start an execution in AWS.")
@TARGET
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter; the value is JSON, or text where text is wanted. May be repeated.",
)
@click.option("--name", help="Name of the execution. Default: date, time and a random part.")
@click.option("--wait", is_flag=True, help="Wait for its end and show the stages.")
@PIPELINE
@aws
@JSON
def start(
    target: str,
    *,
    parameters: tuple[str, ...],
    name: str | None,
    wait: bool,
    pipeline: str | None,
    where: Where,
    as_json: bool,
) -> int:
    """Start an execution of a deployed pipeline."""
    from jupyter_zflow.actions import remote

    account, execution, given = remote.start(
        target, where, assignments=parameters, name=name, pipeline=pipeline
    )
    label = execution.rpartition(":")[2]
    if not wait:
        if as_json:
            content = {"execution": label, "arn": execution, "status": "RUNNING"}
            print_json({**content, "parameters": given})
        else:
            click.echo(f"{label}: RUNNING\n  {execution}")
        return 0
    from jupyter_zflow.cli.executions import show
    from jupyter_zflow.cli.progress import progress

    click.echo(f"{label}: started", err=True)
    with progress() as on_event:
        found = remote.follow(account, execution, on_event=on_event)
    if as_json:
        print_json({**found.to_json(), "execution": found.id})
    else:
        show(found)
    return 0 if found.status == "SUCCEEDED" else 1


@click.command(short_help="Stop an execution in AWS.")
@TARGET
@click.argument("execution", required=False)
@PIPELINE
@aws
@JSON
def stop(
    target: str,
    *,
    execution: str | None,
    pipeline: str | None,
    where: Where,
    as_json: bool,
) -> None:
    """Stop EXECUTION of a deployed pipeline; without a name, the latest that runs."""
    from jupyter_zflow.actions import remote
    from jupyter_zflow.deploy import executions

    account, arn = remote.execution_of(target, where, execution, pipeline=pipeline, running=True)
    executions.stop(account, arn)
    found = executions.describe(account, arn)
    if as_json:
        print_json({**found.to_json(), "execution": found.id})
    else:
        click.echo(f"{found.id}: {found.status}")
