"""How one stage becomes states: a module for each kind of job.

Each has a function ``states(stage, context)`` that returns the stage's states in a row, without
``Next`` and ``End``. The state that bears the stage's name is the one whose end is the stage's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import LocalCompute
from jupyter_zflow.synth.jobs import activity, control, databricks, processing, training, transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, States

_KINDS: dict[str, Callable[[Stage, Context], States]] = {
    "processing": processing.states,
    "training": training.states,
    "transform": transform.states,
    "databricks": databricks.states,
    "slurm": activity.slurm,
    "wait": control.wait,
    "fail": control.fail,
}


def states(stage: Stage, context: Context) -> States:
    """Return the stage's states in a row."""
    if stage.heartbeat is not None and stage.compute.backend not in {"slurm", "local"}:
        raise SettingsError(
            f"Stage {stage.name!r}: {stage.kind} jobs give no signs of life, so heartbeat has no "
            "meaning.",
            remedy="Use timeout.",
        )
    if stage.metric_definitions and stage.kind != "training":
        raise SettingsError(
            f"Stage {stage.name!r}: {stage.kind} jobs have no metric_definitions.",
            remedy="Use log_metric, or make it a training stage.",
        )
    if isinstance(stage.compute, LocalCompute):
        return activity.local(stage, context)
    return _KINDS[stage.kind](stage, context)
