"""``jupyter zflow deploy``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from jupyter_zflow.cli.aws import aws
from jupyter_zflow.cli.options import FOLDER, JSON, print_json

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.actions.deploy import DeployPlan, DeployResult
    from jupyter_zflow.actions.deployed import Where


@click.command(short_help="Deploy a pipeline folder with a change set.")
@FOLDER
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the stack, such as Bucket. Earlier values stay. May be repeated.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
@aws
@JSON
def deploy(
    folder: Path,
    *,
    parameters: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    where: Where,
    as_json: bool,
) -> int:
    """Deploy FOLDER: checks, change set, confirmation, upload of the code, execution."""
    from jupyter_zflow.actions import deploy as act
    from jupyter_zflow.errors import UsageError

    if not yes and not dry_run and not sys.stdin.isatty():
        raise UsageError(
            "There is nobody to ask here.", remedy="Give --yes to deploy, or --dry-run to look."
        )
    plan = act.plan_deployment(folder, where, parameters=parameters)
    try:
        _show_plan(plan)
        wanted = not dry_run and (yes or _agreed(plan))
    except BaseException:
        act.decline(plan)
        raise
    if wanted:
        result = act.execute(plan, on_event=_tell)
    else:
        result = act.decline(plan, status="PLANNED" if dry_run else "DECLINED")
    if as_json:
        print_json(result.to_json())
    else:
        _show(result)
    return 0


def _show_plan(plan: DeployPlan) -> None:
    """Show what would change, on standard error."""
    for line in plan.lines():
        click.echo(line, err=True)
    if plan.change_set is None:
        click.echo(f"The stack {plan.stack} stays as it is.", err=True)
        return
    counted = ", ".join(f"{count} {word}" for word, count in plan.counted().items() if count)
    new = " (new)" if plan.before is None else ""
    click.echo(f"Stack {plan.stack}{new}: resources {counted or 'unchanged'}.", err=True)
    for resource in plan.change_set.resources:
        if resource.replaced or resource.action == "Remove":
            word = "replaced" if resource.replaced else "removed"
            click.echo(f"  {word}: {resource.logical} ({resource.type})", err=True)


def _agreed(plan: DeployPlan) -> bool:
    return plan.change_set is None or click.confirm("Deploy this?", default=False, err=True)


def _tell(event: dict[str, Any]) -> None:
    if event["event"] == "uploading":
        click.echo(f"uploading {event['files']} files to {event['uri']}", err=True)
    elif not event["status"].endswith("_IN_PROGRESS") or event["reason"]:
        reason = f": {event['reason']}" if event["reason"] else ""
        click.echo(f"{event['status']} {event['resource']} ({event['type']}){reason}", err=True)


def _show(result: DeployResult) -> None:
    click.echo(f"{result.plan.stack}: {result.status}")
    for upload in result.uploads:
        click.echo(
            f"  code {upload.uri}: {len(upload.uploaded)} files uploaded, {len(upload.copied)} "
            f"copied, {upload.present} were there"
        )
    for name, value in result.outputs.items():
        click.echo(f"  {name} = {value}")
