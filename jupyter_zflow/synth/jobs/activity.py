"""Work that somebody else fetches: a Step Functions activity.

The HPC cluster is not reachable from AWS, so it asks: a worker on its login node polls the
activity of a queue, submits what it gets with ``sbatch`` and sends heartbeats while the job
waits and runs. A stage on the author's own machine is the same with another worker, but as nobody
promises that this machine is on, it cannot be deployed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import SlurmCompute
from jupyter_zflow.synth.expressions import INPUT, expression, literal
from jupyter_zflow.synth.jobs.job import (
    ITEM,
    ONE_DAY,
    compute_of,
    described,
    environment,
    refuse,
)
from jupyter_zflow.synth.retry import retriers

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, State, States

LOCAL_ACTIVITY = "LocalActivity"
"""The placeholder of stages that run where the pipeline is started."""
HEARTBEAT = 300
"""Seconds without a sign of life after which the worker counts as dead; it sends one a minute."""
QUEUEING = ONE_DAY
"""Seconds that a job may wait in the cluster's queue besides its own time limit."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": ONE_DAY}


def slurm(stage: Stage, context: Context) -> States:
    """Return the stage's only state, for a worker of the queue."""
    compute = compute_of(stage, SlurmCompute)
    refuse(stage, stage, "transform")
    wanted: dict[str, Any] = literal(compute.model_dump(exclude={"backend"}, exclude_none=True))
    limit = ONE_DAY if compute.time is None else seconds(compute.time, stage=stage.name)
    task = _task(stage, context, f"${{{context.naming.activity(compute.queue)}}}", wanted)
    task["TimeoutSeconds"] = stage.timeout or limit + QUEUEING
    beat = stage.heartbeat or HEARTBEAT
    if task["TimeoutSeconds"] > beat:
        task["HeartbeatSeconds"] = beat
    elif stage.heartbeat:
        raise SettingsError(
            f"Stage {stage.name!r}: heartbeat is {beat} seconds, not less than the "
            f"{task['TimeoutSeconds']} that a run may take.",
            remedy="Make it shorter, or the timeout longer.",
        )
    return [(context.naming.state(stage), _ordered(task))]


def local(stage: Stage, context: Context) -> States:
    """Return the stage's only state, for the machine that runs the pipeline."""
    refuse(stage, stage, "transform")
    task = _task(stage, context, f"${{{LOCAL_ACTIVITY}}}", {})
    return [(context.naming.state(stage), _ordered(task))]


def seconds(time: str, *, stage: str = "") -> int:
    """Return a duration as Slurm or people write it: ``"90m"``, ``"2h"``, ``"1-12:00:00"``."""
    if short := re.fullmatch(r"(\d+)\s*([smhd])", time.strip()):
        return int(short[1]) * _UNITS[short[2]]
    if long := re.fullmatch(r"(?:(\d+)-)?(\d+)(?::(\d+))?(?::(\d+))?", time.strip()):
        days, *rest = (None if part is None else int(part) for part in long.groups())
        first, second, third = (part or 0 for part in rest)
        if days is not None:
            return days * ONE_DAY + first * 3600 + second * 60 + third
        # Without days Slurm reads one number as minutes and two as minutes and seconds.
        if long[4] is None:
            return first * 60 + second
        return first * 3600 + second * 60 + third
    raise SettingsError(
        f"{f'Stage {stage!r}: ' if stage else ''}time is {time!r}, which is no duration.",
        remedy="Write it like '90m', '2h' or as Slurm does, '1-12:00:00'.",
    )


def _task(stage: Stage, context: Context, resource: str, compute: dict[str, Any]) -> State:
    variables = environment(stage, limit=32_768)
    return {
        "Type": "Task",
        **described(stage),
        "Resource": resource,
        "Arguments": {
            "bundle": context.bundle,
            "stage": context.naming.state(stage),
            "execution": expression(context.execution),
            "attempt": expression("$states.context.State.RetryCount"),
            **({"item": expression(ITEM)} if context.item else {}),
            **({"compute": compute} if compute else {}),
            **({"environment": variables} if variables else {}),
        },
        **({"TimeoutSeconds": stage.timeout} if stage.timeout else {}),
        **({"HeartbeatSeconds": stage.heartbeat} if stage.heartbeat else {}),
        **retriers(stage),
        "Output": INPUT,
    }


def _ordered(task: State) -> State:
    """Put the times before ``Retry``, where the other kinds have them."""
    first = ("Type", "Comment", "Resource", "Arguments", "TimeoutSeconds", "HeartbeatSeconds")
    return {key: task[key] for key in (*first, "Retry", "Output") if key in task}
