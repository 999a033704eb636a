"""``Retry`` and ``Catch`` are such that Step Functions accepts them and they can act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.checks.machine import states
from jupyter_zflow.synth.checks.rules import did_you_mean, finding
from jupyter_zflow.synth.retry import STATES_ERRORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

_NUMBERS: dict[str, tuple[float, float, type | tuple[type, ...]]] = {
    "IntervalSeconds": (1, 99_999_999, int),
    "MaxAttempts": (0, 99_999_999, int),
    "MaxDelaySeconds": (1, 31_622_400, int),
    "BackoffRate": (1, float("inf"), (int, float)),
}
_RETRY = {*_NUMBERS, "ErrorEquals", "JitterStrategy", "Comment"}
_CATCH = {"ErrorEquals", "Next", "Assign", "Output", "Comment"}


def check_retries(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with retriers and catchers."""
    for name, state in states(definition):
        for what, fields in (("Retry", _RETRY), ("Catch", _CATCH)):
            rules = state.get(what, [])
            for number, rule in enumerate(rules):
                where = f"State {name!r}: {what}"
                yield from _rule(where, rule, fields)
                yield from _errors(where, rule, last=number == len(rules) - 1)


def _rule(where: str, rule: Mapping[str, Any], fields: set[str]) -> Iterator[Finding]:
    for field in rule:
        if field not in fields:
            yield finding("ZF304", f"{where} has {field!r}.", remedy=did_you_mean(field, fields))
    for field, (lowest, highest, kind) in _NUMBERS.items():
        value = rule.get(field, lowest)
        right = isinstance(value, kind) and not isinstance(value, bool)
        if not (right and lowest <= value <= highest):
            yield finding(
                "ZF304",
                f"{where} has {field} {value!r}.",
                remedy=f"It is a number from {lowest} to {highest:.0f}.",
            )
    if rule.get("JitterStrategy", "FULL") not in {"FULL", "NONE"}:
        yield finding("ZF304", f"{where} has JitterStrategy {rule['JitterStrategy']!r}.")
    longest, first = rule.get("MaxDelaySeconds"), rule.get("IntervalSeconds", 1)
    if isinstance(longest, int) and isinstance(first, int) and longest <= first:
        yield finding("ZF304", f"{where} has MaxDelaySeconds {longest} <= IntervalSeconds {first}.")


def _errors(where: str, rule: Mapping[str, Any], *, last: bool) -> Iterator[Finding]:
    errors = rule.get("ErrorEquals")
    if not isinstance(errors, list) or not errors:
        yield finding("ZF304", f"{where} names no error.", remedy="ErrorEquals is a list of names.")
        return
    if "States.ALL" in errors and (len(errors) > 1 or not last):
        yield finding("ZF304", f"{where} has States.ALL, which must be alone and last.")
    for error in errors:
        known = error in STATES_ERRORS or error.startswith("States.Http.StatusCode.")
        if error.startswith("States.") and not known:
            yield finding(
                "ZF304",
                f"{where} names {error!r}, which Step Functions never raises.",
                remedy=did_you_mean(error, STATES_ERRORS),
            )
