"""Job names stay within what the services accept, whatever the retry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.checks.machine import is_expression, retries, states
from jupyter_zflow.synth.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

LIMITS = {
    "ProcessingJobName": 63,
    "TrainingJobName": 63,
    "TransformJobName": 63,
    "ModelName": 63,
    "HyperParameterTuningJobName": 32,
}
_DIGEST = 8
_ITEM = 5
"""Digits of an item's number in a loop, and the hyphen before it."""


def check_job_names(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield jobs whose name is too long, wrong, or the same for every attempt."""
    for name, state in states(definition):
        for field in LIMITS.keys() & state.get("Arguments", {}).keys():
            value = state["Arguments"][field]
            # What an earlier state named is checked there.
            if not (is_expression(value) and re.fullmatch(r"\{% \$\w+ %\}", value)):
                yield from _check(name, field, value, state)


def _check(name: str, field: str, value: Any, state: Mapping[str, Any]) -> Iterator[Finding]:
    begin = re.match(r"\{% '([^']*)'", str(value))
    if not is_expression(value) or "State.RetryCount" not in value or not begin:
        yield finding(
            "ZF315",
            f"State {name!r}: {field} is {value!r}, which another attempt would have too.",
            remedy="Begin with a fixed text and end with $states.context.State.RetryCount.",
        )
        return
    longest = len(begin[1]) + _DIGEST + len("-") + len(str(retries(state)))
    longest += _ITEM if "Map.Item.Index" in value else 0
    if longest > LIMITS[field]:
        yield finding(
            "ZF315",
            f"State {name!r}: {field} may have {longest} characters.",
            remedy=f"At most {LIMITS[field]} are allowed: shorten the stage's name.",
        )
    if not re.fullmatch(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*-?", begin[1]):
        yield finding(
            "ZF315",
            f"State {name!r}: {field} begins with {begin[1]!r}.",
            remedy="Letters, digits and single hyphens are allowed.",
        )
