"""Which failures are tried again.

Without a word from the author only what AWS itself may cure is tried again: throttling and a lack
of instances when a job is created. A stage whose code raises would raise again, so its author has
to ask for a retry.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Retry, Stage

SAGEMAKER = ("SageMaker.AmazonSageMakerException", "SageMaker.ResourceLimitExceededException")
S3 = ("S3.SdkClientException", "S3.S3Exception")
HTTP = ("States.Http.StatusCode.429", "States.Http.StatusCode.503", "States.Http.Socket")

STATES_ERRORS = (
    "States.ALL",
    "States.BranchFailed",
    "States.ExceedToleratedFailureThreshold",
    "States.HeartbeatTimeout",
    "States.Http.Socket",
    "States.IntrinsicFailure",
    "States.ItemReaderFailed",
    "States.NoChoiceMatched",
    "States.Permissions",
    "States.QueryEvaluationError",
    "States.ResultWriterFailed",
    "States.TaskFailed",
    "States.Timeout",
)
"""Error names that Step Functions itself raises, without the families of HTTP codes."""


def transient(errors: tuple[str, ...]) -> dict[str, Any]:
    """Return the retrier for what the service may cure by itself."""
    return {
        "ErrorEquals": list(errors),
        "IntervalSeconds": 30,
        "MaxAttempts": 4,
        "BackoffRate": 2,
        "JitterStrategy": "FULL",
    }


def retriers(stage: Stage, *, service: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the ``Retry`` field of the stage's task, or nothing when nothing is retried."""
    if stage.retry is None:
        return {"Retry": [transient(service)]} if service else {}
    rules = [retry for retry in stage.retries if retry.max_attempts]
    if not rules:
        return {}
    for retry in rules:
        _check(stage.name, retry)
    own = [_own(retry) for retry in rules]
    _check_order(stage.name, own)
    named = {error for rule in own for error in rule["ErrorEquals"]}
    # The author's retriers are asked first and count by themselves; a wildcard leaves nothing over.
    left = tuple(error for error in service if error not in named)
    wild = {"States.ALL", "States.TaskFailed"} & named
    if wild or not left:
        return {"Retry": own}
    return {"Retry": [*own, transient(left)]}


def _own(retry: Retry) -> dict[str, Any]:
    own: dict[str, Any] = {
        "ErrorEquals": list(retry.errors or ("States.TaskFailed",)),
        "IntervalSeconds": retry.interval,
        "MaxAttempts": retry.max_attempts,
        "BackoffRate": int(retry.backoff) if retry.backoff == int(retry.backoff) else retry.backoff,
    }
    if retry.max_delay is not None:
        own["MaxDelaySeconds"] = retry.max_delay
    if retry.jitter:
        own["JitterStrategy"] = "FULL"
    return own


def _check_order(stage: str, rules: list[dict[str, Any]]) -> None:
    """Refuse a rule that is never asked, because one before it takes all its errors."""
    seen: set[str] = set()
    for rule in rules:
        errors = set(rule["ErrorEquals"])
        repeated = errors & seen
        if "States.ALL" in seen or repeated:
            raise SettingsError(
                f"Stage {stage!r}: the retry for {', '.join(rule['ErrorEquals'])} is never asked; "
                "one before it takes the same errors.",
                remedy="Name each error once, and States.ALL in the last rule only.",
            )
        seen |= errors


def _check(stage: str, retry: Retry) -> None:
    if "States.ALL" in retry.errors and len(retry.errors) > 1:
        raise SettingsError(
            f"Stage {stage!r}: retry.errors has 'States.ALL' beside other names.",
            remedy="Step Functions wants it alone; leave out the others.",
        )
    for error in retry.errors:
        known = error in STATES_ERRORS or error.startswith("States.Http.StatusCode.")
        if error.startswith("States.") and not known:
            near = get_close_matches(error, STATES_ERRORS, n=1)
            raise SettingsError(
                f"Stage {stage!r}: retry.errors has {error!r}, which Step Functions never raises.",
                remedy=f"Did you mean {near[0]!r}?" if near else f"Use {', '.join(STATES_ERRORS)}.",
            )
    if retry.max_delay is not None and retry.max_delay <= retry.interval:
        raise SettingsError(
            f"Stage {stage!r}: retry.max_delay is {retry.max_delay} seconds, not more than "
            f"retry.interval, {retry.interval}.",
            remedy="Make max_delay longer than interval, or leave it out.",
        )
