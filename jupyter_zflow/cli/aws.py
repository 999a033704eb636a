"""Options that all verbs of AWS share."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

TARGET = click.argument("target", metavar="FOLDER|STACK|ARN")
PIPELINE = click.option("--pipeline", help="Which one, when the stack has several pipelines.")

_OPTIONS = [
    click.option("--region", help="Region of AWS. Default: where boto3 looks for it."),
    click.option("--profile", help="Profile of the AWS configuration."),
    click.option("--endpoint-url", metavar="URL", help="Address of all services."),
    click.option("--environment", metavar="NAME", help="An entry of FOLDER/environments.yaml."),
    click.option("--stack", metavar="NAME", help="The stack. Default: what the script says."),
]


def aws(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options, and hand them on as one value ``where``."""

    @wraps(command)
    def wrapped(*arguments: Any, **options: Any) -> Any:
        from jupyter_zflow.actions.deployed import Where

        names = ("region", "profile", "endpoint_url", "environment", "stack")
        where = Where(**{name: options.pop(name) for name in names})
        return command(*arguments, where=where, **options)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
