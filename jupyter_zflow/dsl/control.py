"""Stages that run nothing: they wait, or end the execution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.dsl.values import build, check_name
from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.stage import Pause, Refusal, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping


def wait(
    name: str,
    *,
    seconds: int | None = None,
    until: str | None = None,
    when: str | None = None,
    description: str = "",
) -> Stage:
    """Define a stage that only waits.

    Parameters
    ----------
    until
        A moment with its offset, ``"2030-12-01T06:00:00Z"``, or a parameter that holds one.

    Raises
    ------
    SettingsError
        Not exactly one of both was given.
    """
    check_name("stage", name)
    if (seconds is None) == (until is None):
        raise SettingsError(
            f"Stage {name!r} needs either seconds or until.", remedy="Give it one of the two."
        )
    pause = build(Pause, f"Stage {name!r}", {"seconds": seconds, "until": until})
    fields = {"kind": "wait", "pause": pause, "when": when}
    return _stage(name, fields, description)


def fail(
    name: str,
    *,
    when: str | None = None,
    error: str = "Pipeline.Failed",
    cause: str = "",
    description: str = "",
) -> Stage:
    """Define a stage that ends the execution as failed, where its condition holds.

    Parameters
    ----------
    error
        A name that alarms and people can look for.
    cause
        What happened, for people.
    """
    check_name("stage", name)
    refusal = build(Refusal, f"Stage {name!r}", {"error": error, "cause": cause})
    return _stage(name, {"kind": "fail", "refusal": refusal, "when": when}, description)


def _stage(name: str, fields: Mapping[str, object], description: str) -> Stage:
    return build(Stage, f"Stage {name!r}", {"name": name, "description": description, **fields})
