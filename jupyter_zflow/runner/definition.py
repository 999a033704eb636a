"""A definition that can be run: read once, and refused when it holds what we do not know.

Only what our own synth emits is accepted, and that exactly. A field that was silently ignored
would make the local run a lie about the deployed one.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

State = dict[str, Any]
Machine = dict[str, Any]

_COMMON = {"Type", "Comment", "QueryLanguage"}
_GOES_ON = {"Next", "End"}
_FALLIBLE = {"Retry", "Catch"}
FIELDS: Mapping[str, set[str]] = {
    "Pass": _COMMON | _GOES_ON | {"Output", "Assign"},
    "Task": _COMMON
    | _GOES_ON
    | _FALLIBLE
    | {"Resource", "Arguments", "Output", "Assign", "TimeoutSeconds", "HeartbeatSeconds"},
    "Choice": _COMMON | {"Choices", "Default", "Output", "Assign"},
    "Wait": _COMMON | _GOES_ON | {"Seconds", "Timestamp", "Output", "Assign"},
    "Succeed": _COMMON | {"Output"},
    "Fail": _COMMON | {"Error", "Cause"},
    "Parallel": _COMMON | _GOES_ON | _FALLIBLE | {"Branches", "Arguments", "Output", "Assign"},
    "Map": _COMMON
    | _GOES_ON
    | _FALLIBLE
    | {"ItemProcessor", "Items", "ItemSelector", "MaxConcurrency", "Output", "Assign"},
}
_MACHINE = {"Comment", "StartAt", "States", "QueryLanguage", "TimeoutSeconds", "Version"}
_RETRIER = {
    "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds",
    "JitterStrategy", "Comment",
}  # fmt: skip
_CATCHER = {"ErrorEquals", "Next", "Output", "Assign", "Comment"}
_CHOICE = {"Condition", "Next", "Output", "Assign", "Comment"}
_PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


def read(text: str) -> Machine:
    """Return the definition after a look at every field.

    Raises
    ------
    DefinitionError
        The text is no definition, or it uses what the local interpreter does not know.
    """
    try:
        machine = json.loads(text)
    except ValueError as error:
        message = f"the state machine is not JSON: {error}."
        raise DefinitionError(message, remedy="Run `jupyter zflow synth` again.") from None
    if not isinstance(machine, dict):
        raise DefinitionError("the state machine is not a JSON object.")
    if machine.get("QueryLanguage") != "JSONata":
        raise DefinitionError(
            f"QueryLanguage is {machine.get('QueryLanguage')!r}; only 'JSONata' can run here."
        )
    _check_machine(machine, "the state machine")
    return machine


def substitute(value: Any, names: Mapping[str, str]) -> Any:
    """Replace CloudFormation's placeholders as ``Fn::Sub`` does; unknown ones stay as they are."""
    if isinstance(value, str):
        return _PLACEHOLDER.sub(
            lambda found: f"${{{found[2]}}}" if found[1] else names.get(found[2], found[0]), value
        )
    if isinstance(value, list):
        return [substitute(item, names) for item in value]
    if isinstance(value, dict):
        return {substitute(key, names): substitute(item, names) for key, item in value.items()}
    return value


def successors(state: State) -> Iterator[str]:
    """Yield the names that a state may lead to."""
    if "Next" in state:
        yield state["Next"]
    if "Default" in state:
        yield state["Default"]
    for rule in [*state.get("Choices", ()), *state.get("Catch", ())]:
        yield rule["Next"]


def inner(state: State) -> list[Machine]:
    """Return the machines inside a state."""
    return [*state.get("Branches", ()), *filter(None, [state.get("ItemProcessor")])]


def _check_machine(machine: Machine, where: str) -> None:
    known = _MACHINE | ({"ProcessorConfig"} if "ProcessorConfig" in machine else set())
    _only(machine, known, where)
    states = machine.get("States")
    if not isinstance(states, dict) or machine.get("StartAt") not in states:
        raise DefinitionError(f"{where}: StartAt is {machine.get('StartAt')!r}, which is no state.")
    config = machine.get("ProcessorConfig", {"Mode": "INLINE"})
    if config != {"Mode": "INLINE"}:
        raise DefinitionError(f"{where}: only inline maps can run here, not {config}.")
    for name, state in states.items():
        _check_state(name, state, states)


def _check_state(name: str, state: State, siblings: Mapping[str, State]) -> None:
    where = f"state {name!r}"
    kind = str(state.get("Type"))
    if kind not in FIELDS:
        allowed = ", ".join(FIELDS)
        raise DefinitionError(f"{where} has the type {kind!r}; allowed are {allowed}.")
    _only(state, set(FIELDS[kind]), where)
    if "End" in FIELDS[kind] and ("Next" in state) == bool(state.get("End")):
        raise DefinitionError(f"{where} needs either Next or End.")
    for rule in state.get("Choices", ()):
        _only(rule, _CHOICE, f"{where}, Choices")
    for rule in state.get("Retry", ()):
        _only(rule, _RETRIER, f"{where}, Retry")
    for rule in state.get("Catch", ()):
        _only(rule, _CATCHER, f"{where}, Catch")
    for target in successors(state):
        if target not in siblings:
            raise DefinitionError(f"{where} leads to {target!r}, which is no state.")
    for machine in inner(state):
        _check_machine(machine, where)


def _only(given: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(given.keys() - known)
    if unknown:
        raise DefinitionError(
            f"{where} has the field {unknown[0]!r}, which cannot run here; "
            f"known are {', '.join(sorted(known))}."
        )
