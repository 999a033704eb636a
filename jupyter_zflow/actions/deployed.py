"""What a target on the command line means in AWS: a folder, a stack's name, or an ARN."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.actions.script import SCRIPT
from jupyter_zflow.deploy.account import Account
from jupyter_zflow.deploy.environments import Environment, read_environment
from jupyter_zflow.deploy.stack import Stack, find_stack
from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.names import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

_OUTPUT = "StateMachineArn"


@dataclass(frozen=True, slots=True)
class Where:
    """What the options of a command say about the place."""

    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None
    environment: str | None = None
    stack: str | None = None

    @property
    def given(self) -> bool:
        """Whether anything was said, so that AWS is meant."""
        return any((self.region, self.profile, self.endpoint_url, self.environment, self.stack))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a folder is deployed to."""

    account: Account
    stack: str
    environment: Environment


def place_of(target: str, where: Where) -> Place:
    """Return where a folder, or a stack by its name, is deployed to.

    Raises
    ------
    UsageError
        When the environment is unknown, or the stack's name is.
    """
    folder = Path(target)
    if folder.is_file():
        raise UsageError(
            f"{target!r} is a file; what is deployed is a pipeline folder.",
            remedy="Export the notebook, and name the folder.",
        )
    environment = Environment()
    if where.environment is not None:
        if not folder.is_dir():
            raise UsageError(
                f"--environment {where.environment} is looked up in a pipeline folder; {target!r} "
                "is none.",
                remedy="Name the folder.",
            )
        environment = read_environment(folder, where.environment)
    account = Account(
        region=where.region or environment.region,
        profile=where.profile or environment.profile,
        endpoint_url=where.endpoint_url or environment.endpoint_url,
    )
    name = where.stack or environment.stack
    if name is None and folder.is_dir():
        name = stack_name(folder)
        name = name if where.environment is None else f"{name}-{slug(where.environment)}"
    return Place(account, name or target, environment)


def stack_name(folder: Path) -> str:
    """Return the name that the folder's script gives to its stack.

    Raises
    ------
    UsageError
        When the script does not say it in one word.
    """
    path = folder / SCRIPT
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"{folder} has no {SCRIPT}.",
            remedy="Name a folder that `jupyter zflow export` wrote.",
        ) from None
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from None
    for call in ast.walk(tree):
        match call:
            case ast.Call(
                func=ast.Name(id="StackBuilder") | ast.Attribute(attr="StackBuilder"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                return slug(name) or "stack"
    raise UsageError(
        f"{path} does not say the stack's name as a plain text.", remedy="Give it with --stack."
    )


def machine_of(target: str, where: Where, *, pipeline: str | None = None) -> tuple[Account, str]:
    """Return the state machine that a target means.

    Raises
    ------
    UsageError
        When there is no such stack, or it has several pipelines and none was named.
    """
    if target.startswith("arn:"):
        if ":stateMachine:" not in target:
            raise UsageError(
                f"{target!r} is no ARN of a state machine.",
                remedy="Name one, a pipeline folder, or a stack.",
            )
        return Account(where.region or target.split(":")[3], where.profile, where.endpoint_url), (
            target
        )
    place = place_of(target, where)
    stack = find_stack(place.account, place.stack)
    if stack is None:
        raise UsageError(
            f"There is no stack {place.stack!r}.",
            remedy=f"Deploy it: jupyter zflow deploy {target}, or name another with --stack.",
        )
    return place.account, _machine(stack, pipeline)


def _machine(stack: Stack, pipeline: str | None) -> str:
    found: Mapping[str, str] = {
        name.removesuffix(_OUTPUT): arn
        for name, arn in stack.outputs.items()
        if name.endswith(_OUTPUT)
    }
    if pipeline is not None:
        wanted = "".join(word.capitalize() for word in slug(pipeline).split("-"))
        if wanted in found:
            return found[wanted]
        raise UsageError(
            f"The stack {stack.name!r} has no pipeline {pipeline!r}.",
            remedy=f"It has {', '.join(found) or 'none'}.",
        )
    if len(found) != 1:
        raise UsageError(
            f"The stack {stack.name!r} has {len(found)} pipelines.",
            remedy=f"Name one with --pipeline: {', '.join(found)}." if found else "",
        )
    return next(iter(found.values()))
