"""Walk through a state machine, whatever is nested in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

State = dict[str, Any]


def machines(machine: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the machine and those inside its Parallel and Map states."""
    yield machine
    for state in machine.get("States", {}).values():
        for inner in inside(state):
            yield from machines(inner)


def states(machine: Mapping[str, Any]) -> Iterator[tuple[str, State]]:
    """Yield all states with their names, at any depth."""
    for inner in machines(machine):
        yield from inner.get("States", {}).items()


def inside(state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the machines inside a state."""
    processor = state.get("ItemProcessor")
    return [*state.get("Branches", []), *([processor] if processor else [])]


def successors(state: Mapping[str, Any]) -> list[str]:
    """Return the states that may follow a state."""
    places = [state, *state.get("Choices", []), *state.get("Catch", [])]
    following = [place["Next"] for place in places if "Next" in place]
    return [*following, state["Default"]] if "Default" in state else following


def retries(state: Mapping[str, Any]) -> int:
    """Return how often a state is tried again at most."""
    counts = (rule.get("MaxAttempts", 3) for rule in state.get("Retry", []))
    return sum(count for count in counts if isinstance(count, int))


def is_expression(value: object) -> bool:
    """Return whether Step Functions computes the value."""
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")
