"""Everything has the type that the other checks rely on; if not, they are not asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

_MACHINE: dict[str, type] = {"StartAt": str, "States": dict}
_STATE: dict[str, type] = {
    "Type": str,
    "Resource": str,
    "Next": str,
    "Default": str,
    "Arguments": dict,
    "Assign": dict,
    "Retry": list,
    "Catch": list,
    "Choices": list,
    "Branches": list,
    "ItemProcessor": dict,
}
_RULE: dict[str, type] = {"ErrorEquals": list, "Next": str, "Assign": dict}
_WORDS: dict[type, str] = {str: "a text", list: "a list", dict: "an object"}


def check_shape(machine: Any, *, where: str = "The state machine") -> Iterator[Finding]:
    """Yield what is of the wrong type, at any depth."""
    yield from _typed(where, machine, _MACHINE)
    if not isinstance(machine, dict) or not isinstance(machine.get("States"), dict):
        return
    for name, state in machine["States"].items():
        yield from _state(f"State {name!r}", state)


def _state(where: str, state: Any) -> Iterator[Finding]:
    yield from _typed(where, state, _STATE)
    if not isinstance(state, dict):
        return
    for field in ("Retry", "Catch", "Choices"):
        for rule in _items(state.get(field)):
            yield from _typed(f"{where}: {field}", rule, _RULE)
            errors = _items(rule.get("ErrorEquals")) if isinstance(rule, dict) else []
            if not all(isinstance(error, str) for error in errors):
                yield finding("ZF304", f"{where}: {field} has an error that is no text.")
    for branch in _items(state.get("Branches")):
        yield from check_shape(branch, where=f"{where}: a branch")
    if "ItemProcessor" in state:
        yield from check_shape(state["ItemProcessor"], where=f"{where}: ItemProcessor")


def _typed(where: str, value: Any, fields: Mapping[str, type]) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield finding("ZF301", f"{where} is {value!r}.", remedy="It is an object.")
        return
    for field, kind in fields.items():
        if field in value and not isinstance(value[field], kind):
            yield finding(
                "ZF301", f"{where}: {field} is {value[field]!r}.", remedy=f"It is {_WORDS[kind]}."
            )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
