"""Stages that are no jobs: the state machine waits, or ends."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.stage import Pause, Refusal
from jupyter_zflow.synth.conditions import field
from jupyter_zflow.synth.expressions import INPUT, expression, literal
from jupyter_zflow.synth.jobs.job import described, refuse

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, State, States


def wait(stage: Stage, context: Context) -> States:
    """Return the stage's only state."""
    refuse(stage, stage, "transform", "retry", "timeout", "may_fail", "for_each")
    pause = stage.pause or Pause(seconds=1)
    state: State = {"Type": "Wait", **described(stage)}
    if pause.until is not None:
        state["Timestamp"] = _moment(stage, pause.until, context)
    else:
        state["Seconds"] = pause.seconds
    return [(context.naming.state(stage), {**state, "Output": INPUT})]


def fail(stage: Stage, context: Context) -> States:
    """Return the stage's only state."""
    refuse(stage, stage, "transform", "retry", "timeout", "may_fail", "for_each")
    refusal = stage.refusal or Refusal()
    state: State = {"Type": "Fail", **described(stage), "Error": literal(refusal.error)}
    if refusal.cause:
        state["Cause"] = literal(refusal.cause)
    return [(context.naming.state(stage), state)]


def until_parameter(stage: Stage) -> str | None:
    """Return the parameter that says until when the stage waits."""
    until = stage.pause.until if stage.pause else None
    return until if until is not None and until.isidentifier() else None


def _moment(stage: Stage, until: str, context: Context) -> str:
    if until_parameter(stage) is not None:
        known = [parameter.name for parameter in context.pipeline.parameters]
        if until not in known:
            raise SettingsError(
                f"Stage {stage.name!r} waits until {until!r}, which is no parameter.",
                remedy=f"Known are {', '.join(known) or 'none'}.",
            )
        return expression(field("parameters", until))
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in until:
        raise SettingsError(
            f"Stage {stage.name!r} waits until {until!r}, which is no moment.",
            remedy="Write it with its offset: 2030-12-01T06:00:00Z.",
        )
    return until
