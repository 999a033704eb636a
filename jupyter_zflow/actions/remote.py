"""Executions of what was deployed, or ran here: start, follow, find, and their logs."""

from __future__ import annotations

import secrets
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.declared import declared_parameters
from jupyter_zflow.actions.deployed import Where, machine_of
from jupyter_zflow.deploy import executions
from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.parameters import parse_assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jupyter_zflow.actions.history import ExecutionRecord
    from jupyter_zflow.deploy.account import Account
    from jupyter_zflow.deploy.executions import AwsExecution

    Observer = Callable[[dict[str, Any]], None]

_PAUSE = 0.3
_LONGEST = 15.0
"""Seconds between two looks at a remote execution."""
_OVER = {"SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"}


def start(
    target: str,
    where: Where,
    *,
    assignments: Sequence[str] = (),
    name: str | None = None,
    pipeline: str | None = None,
) -> tuple[Account, str, dict[str, Any]]:
    """Start an execution; return the account, the execution's ARN, and its parameters.

    Parameters
    ----------
    assignments
        ``name=value`` for each parameter that differs from its default.

    Raises
    ------
    ParameterError
        When a parameter is unknown or has the wrong type.
    ServiceError
        When AWS cannot be reached or refuses.
    """
    account, machine = machine_of(target, where, pipeline=pipeline)
    given: dict[str, Any] = {}
    if assignments:
        answer = account.call("stepfunctions", "describe_state_machine", stateMachineArn=machine)
        folder = Path(target)
        # The notebooks beside the template know the types; without them the defaults do.
        declared = declared_parameters(answer["definition"], folder)
        given = dict(parse_assignment(text, declared) for text in assignments)
    label = name or f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    return account, executions.start(account, machine, name=label, parameters=given), given


def follow(
    account: Account,
    execution: str,
    *,
    on_event: Observer = lambda _event: None,
    pause: Callable[[float], object] = time.sleep,
) -> AwsExecution:
    """Wait for an execution's end and tell when stages begin and end."""
    known: dict[str, tuple[str, int | None]] = {}
    wait = _PAUSE
    while True:
        found = executions.describe(account, execution, results=False)
        for stage in found.stages:
            before = known.get(stage.name)
            if before == (stage.status, stage.attempt):
                continue
            known[stage.name] = (stage.status, stage.attempt)
            if stage.status == executions.RUNNING:
                on_event({"event": "stage_started", "stage": stage.name, "attempt": stage.attempt})
            elif stage.status in _OVER:
                on_event({"event": "stage_finished", "stage": stage.name, "status": stage.status})
        if found.status in _OVER:
            return executions.describe(account, execution)
        pause(wait)
        wait = min(wait * 1.3, _LONGEST)


def execution_of(
    target: str,
    where: Where,
    name: str | None,
    *,
    pipeline: str | None = None,
    running: bool = False,
) -> tuple[Account, str]:
    """Return the ARN of an execution: that of a name, else the latest."""
    if target.startswith("arn:") and ":execution:" in target:
        from jupyter_zflow.deploy.account import Account as Made

        region = where.region or target.split(":")[3]
        return Made(region, where.profile, where.endpoint_url), target
    account, machine = machine_of(target, where, pipeline=pipeline)
    return account, executions.find(account, machine, name, running=running)


def is_local(target: str, where: Where, *, aws: bool) -> bool:
    """Say whether executions on this machine are meant: files, and nothing said about AWS."""
    return not aws and not where.given and Path(target).exists()


def local_executions(target: Path, *, limit: int | None = None) -> list[ExecutionRecord]:
    """Return the executions of a notebook or a folder on this machine, the latest first."""
    from jupyter_zflow.actions.history import executions_below, latest_first, read_execution

    place = target if target.is_dir() else target.parent
    wanted = target.resolve()
    records = map(read_execution, latest_first(executions_below(place.absolute())))
    return list(islice((record for record in records if _is_about(record, wanted)), limit))


def local_execution(target: Path, name: str | None) -> ExecutionRecord:
    """Return one execution on this machine: that of a name, else the latest.

    Raises
    ------
    UsageError
        When there is none.
    """
    for record in local_executions(target):
        if name is None or record.id == name:
            return record
    what = "no execution" if name is None else f"no execution {name!r}"
    raise UsageError(
        f"There is {what} of {target} on this machine.",
        remedy=f"Run it: jupyter zflow run {target}. With --aws, those in AWS are meant.",
    )


def local_log(record: ExecutionRecord, stages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield stage and line of what the stages of a local execution printed."""
    from jupyter_zflow.model.names import state_name
    from jupyter_zflow.runner.stages import LOG

    for name in stages or [stage.name for stage in record.stages]:
        path = record.run / state_name(name) / LOG
        if path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                if not line.startswith("zflow_event "):
                    yield name, line


def _is_about(record: ExecutionRecord, wanted: Path) -> bool:
    if record.about is None or not wanted.is_file():
        return True
    return Path(record.about.target).resolve() == wanted


def known_stage(name: str, stages: Sequence[str]) -> str:
    """Return a stage by the name that a person gives it.

    Raises
    ------
    UsageError
        When there is none.
    """
    if name in stages:
        return name
    from difflib import get_close_matches

    near = get_close_matches(name, stages, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise UsageError(f"There is no stage {name!r}.{hint}", remedy=f"Stages: {', '.join(stages)}.")
