"""It is a state machine: what the Amazon States Language demands of states and links."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from jupyter_zflow.model.names import STATE_NAME_LIMIT
from jupyter_zflow.synth.checks.machine import is_expression, machines, states, successors
from jupyter_zflow.synth.checks.rules import did_you_mean, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

_COMMON = {"Type", "Comment", "QueryLanguage"}
_LINKS = {"Next", "End"}
_FLOW = {"Assign", "Output"}
_TRIES = {"Retry", "Catch", "Arguments"}
FIELDS: dict[str, set[str]] = {
    "Task": _COMMON
    | _LINKS
    | _FLOW
    | _TRIES
    | {"Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials"},
    "Pass": _COMMON | _LINKS | _FLOW,
    "Wait": _COMMON | _LINKS | _FLOW | {"Seconds", "Timestamp"},
    "Choice": _COMMON | _FLOW | {"Choices", "Default"},
    "Parallel": _COMMON | _LINKS | _FLOW | _TRIES | {"Branches"},
    "Map": _COMMON
    | _LINKS
    | _FLOW
    | _TRIES
    | {
        "ItemProcessor",
        "Items",
        "ItemSelector",
        "ItemReader",
        "ItemBatcher",
        "ResultWriter",
        "MaxConcurrency",
        "ToleratedFailurePercentage",
        "ToleratedFailureCount",
        "Label",
    },
    "Succeed": _COMMON | {"Output"},
    "Fail": _COMMON | {"Error", "Cause"},
}
"""Fields of each type of state where the query language is JSONata."""

_REQUIRED = {
    "Task": ("Resource",),
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
    "Map": ("ItemProcessor",),
}
_LONGEST_TIME = 99_999_999


def check_structure(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with states and their links."""
    if definition.get("QueryLanguage") != "JSONata":
        yield finding("ZF301", "The state machine's QueryLanguage is not 'JSONata'.")
    for machine in machines(definition):
        yield from _links(machine)
    for name, state in states(definition):
        yield from _fields(name, state)
        yield from _times(name, state)
    yield from _names(definition)


def _links(machine: Mapping[str, Any]) -> Iterator[Finding]:
    inner, start = machine.get("States", {}), machine.get("StartAt")
    if not inner or start is None:
        yield finding("ZF301", "A state machine needs StartAt and at least one state.")
        return
    if start not in inner:
        yield finding("ZF302", f"StartAt is {start!r}.", remedy=did_you_mean(str(start), inner))
    for name, state in inner.items():
        for following in successors(state):
            if following not in inner:
                yield finding(
                    "ZF302",
                    f"State {name!r} leads to {following!r}, which is not beside it.",
                    remedy=did_you_mean(str(following), inner),
                )
    reached, front = set(), [start]
    while front:
        name = front.pop()
        if name in inner and name not in reached:
            reached.add(name)
            front += successors(inner[name])
    for name in inner:
        if name not in reached:
            yield finding("ZF302", f"State {name!r} is never reached.")
    if not any(_ends(state) for state in inner.values()):
        yield finding("ZF302", f"No state beside {start!r} ends.")


def _ends(state: Mapping[str, Any]) -> bool:
    return bool(state.get("End")) or state.get("Type") in {"Succeed", "Fail"}


def _fields(name: str, state: Mapping[str, Any]) -> Iterator[Finding]:
    kind = state.get("Type")
    if kind not in FIELDS:
        yield finding(
            "ZF301", f"State {name!r} is of type {kind!r}.", remedy=did_you_mean(str(kind), FIELDS)
        )
        return
    for field in state:
        if field not in FIELDS[kind]:
            yield finding(
                "ZF301",
                f"State {name!r} has {field!r}, which {kind} states do not have.",
                remedy=did_you_mean(field, FIELDS[kind]),
            )
    for field in _REQUIRED.get(kind, ()):
        if not state.get(field):
            yield finding("ZF301", f"State {name!r} has no {field}.")
    if "End" in FIELDS[kind] and ("Next" in state) == bool(state.get("End")):
        yield finding("ZF301", f"State {name!r} needs either Next or End.")
    if kind == "Wait" and ("Seconds" in state) == ("Timestamp" in state):
        yield finding("ZF301", f"State {name!r} needs either Seconds or Timestamp.")
    for choice in state.get("Choices", []):
        if not is_expression(choice.get("Condition")) or "Next" not in choice:
            yield finding(
                "ZF301",
                f"State {name!r} has a choice without an expression as Condition and a Next.",
            )


def _times(name: str, state: Mapping[str, Any]) -> Iterator[Finding]:
    for field in ("TimeoutSeconds", "HeartbeatSeconds", "Seconds"):
        value = state.get(field, 1)
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_expression(value) and not (whole and 0 < value <= _LONGEST_TIME):
            yield finding(
                "ZF301",
                f"State {name!r}: {field} is {value!r}.",
                remedy=f"It is a whole number from 1 to {_LONGEST_TIME}.",
            )
    beat, limit = state.get("HeartbeatSeconds"), state.get("TimeoutSeconds")
    if isinstance(beat, int) and isinstance(limit, int) and beat >= limit:
        yield finding(
            "ZF301",
            f"State {name!r}: HeartbeatSeconds is {beat}, not less than TimeoutSeconds, {limit}.",
        )


def _names(definition: Mapping[str, Any]) -> Iterator[Finding]:
    for name, count in Counter(name for name, _ in states(definition)).items():
        if count > 1:
            yield finding("ZF303", f"{count} states are called {name!r}.")
        if len(name) > STATE_NAME_LIMIT:
            yield finding(
                "ZF303",
                f"The state name {name!r} has {len(name)} characters.",
                remedy=f"At most {STATE_NAME_LIMIT} are allowed.",
            )
