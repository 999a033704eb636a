"""``jupyter zflow executions``, ``status`` and ``logs``: on this machine, or in AWS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jupyter_zflow.cli.aws import PIPELINE, aws
from jupyter_zflow.cli.options import JSON, print_json

if TYPE_CHECKING:
    from jupyter_zflow.actions.deployed import Where
    from jupyter_zflow.actions.history import ExecutionRecord
    from jupyter_zflow.deploy.executions import AwsExecution

TARGET = click.argument("target", metavar="NOTEBOOK|FOLDER|STACK|ARN")
AWS = click.option("--aws", "in_aws", is_flag=True, help="Those in AWS, though FOLDER is a folder.")


@click.command(short_help="List executions, here or in AWS.")
@TARGET
@click.option("--limit", type=click.IntRange(min=1), default=20, help="How many, the latest first.")
@AWS
@PIPELINE
@aws
@JSON
def executions(
    target: str,
    *,
    limit: int,
    in_aws: bool,
    pipeline: str | None,
    where: Where,
    as_json: bool,
) -> None:
    """List executions, the latest first.

    For a notebook or a folder these are the ones on this machine; with --aws or an option that
    says where, for a stack or an ARN, those of Step Functions.
    """
    from jupyter_zflow.actions import remote

    found: list[Any]
    if remote.is_local(target, where, aws=in_aws):
        found = remote.local_executions(Path(target), limit=limit)
    else:
        from jupyter_zflow.actions.deployed import machine_of
        from jupyter_zflow.deploy.executions import latest

        account, machine = machine_of(target, where, pipeline=pipeline)
        found = latest(account, machine, limit=limit)
    if as_json:
        print_json({"executions": [record.to_json() for record in found]})
        return
    from jupyter_zflow.cli.tables import console, table

    rows = [
        (record.id, record.status, record.started or "", record.ended or "") for record in found
    ]
    console().print(table("", ("execution", "status", "started", "ended"), rows))


@click.command(short_help="Say how an execution stands.")
@TARGET
@click.argument("execution", required=False)
@AWS
@PIPELINE
@aws
@JSON
def status(
    target: str,
    *,
    execution: str | None,
    in_aws: bool,
    pipeline: str | None,
    where: Where,
    as_json: bool,
) -> int:
    """Say how EXECUTION stands; without a name, the latest. The exit status is 1 when it failed."""
    found = _find(target, where, execution, in_aws=in_aws, pipeline=pipeline)
    if as_json:
        print_json({**found.to_json(), "execution": found.id})
    else:
        show(found)
    return 0 if found.status in {"SUCCEEDED", "RUNNING"} else 1


@click.command(short_help="Print what stages printed.")
@TARGET
@click.argument("execution", required=False)
@click.option("--stage", "stages", multiple=True, help="Only this stage. May be repeated.")
@AWS
@PIPELINE
@aws
@JSON
def logs(
    target: str,
    *,
    execution: str | None,
    stages: tuple[str, ...],
    in_aws: bool,
    pipeline: str | None,
    where: Where,
    as_json: bool,
) -> None:
    """Print what the stages of EXECUTION printed; without a name, of the latest."""
    from jupyter_zflow.actions import remote

    found = _find(target, where, execution, in_aws=in_aws, pipeline=pipeline)
    wanted = [remote.known_stage(name, [s.name for s in found.stages]) for name in stages]
    entries = []
    for stage, time, line in _lines(found, wanted, target, where, pipeline=pipeline):
        if as_json:
            entries.append({"stage": stage, "time": time, "line": line})
        else:
            click.echo(f"{stage}: {line}")
    if as_json:
        print_json({"execution": found.id, "lines": entries})


def _find(
    target: str,
    where: Where,
    execution: str | None,
    *,
    in_aws: bool,
    pipeline: str | None,
) -> ExecutionRecord | AwsExecution:
    from jupyter_zflow.actions import remote

    if remote.is_local(target, where, aws=in_aws):
        return remote.local_execution(Path(target), execution)
    from jupyter_zflow.deploy.executions import describe

    account, arn = remote.execution_of(target, where, execution, pipeline=pipeline)
    return describe(account, arn)


def _lines(
    found: ExecutionRecord | AwsExecution,
    wanted: list[str],
    target: str,
    where: Where,
    *,
    pipeline: str | None,
) -> Any:
    """Yield stage, time and line."""
    from jupyter_zflow.actions import remote
    from jupyter_zflow.actions.history import ExecutionRecord

    if isinstance(found, ExecutionRecord):
        for name, line in remote.local_log(found, wanted):
            yield name, None, line
        return
    from jupyter_zflow.deploy.executions import log_lines

    account, _ = remote.execution_of(target, where, found.id, pipeline=pipeline)
    for stage in found.stages:
        if stage.name in wanted or (not wanted and stage.job is not None):
            for time, line in log_lines(account, stage):
                yield stage.name, time, line.rstrip("\n")


def show(found: ExecutionRecord | AwsExecution) -> None:
    """Show an execution and its stages."""
    from jupyter_zflow.cli.tables import console, table

    rows = [
        (
            stage.name,
            stage.status,
            "" if not stage.attempt else str(stage.attempt + 1),
            ", ".join(f"{name} = {value}" for name, value in stage.metrics.items()),
            stage.notebook or "",
        )
        for stage in found.stages
    ]
    console().print(table("", ("stage", "status", "attempt", "metrics", "notebook"), rows))
    click.echo(f"{found.id}: {found.status}")
    if found.error:
        cell = found.error.get("cell")
        place = "" if cell is None else f", cell {cell + 1}"
        who = f"stage {found.error['stage']!r}{place}: " if found.error.get("stage") else ""
        said = f"{found.error.get('name', '')}: {found.error.get('message', '')}".rstrip(": ")
        click.echo(f"{click.style('Failed:', fg='red')} {who}{said}", err=True)
