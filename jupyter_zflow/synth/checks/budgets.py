"""It fits: sizes that services accept, and the length of an execution's history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.checks.machine import State, retries, states, successors
from jupyter_zflow.synth.checks.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

HISTORY = 25_000
PAYLOAD = 262_144
DEFINITION = 1_048_576
TEMPLATE = 1_000_000
INLINE_TEMPLATE = 51_200

ITEMS = 40
"""Runs of a loop that are counted; how many there are is known when it runs."""
_EVENTS = {
    "Map": 4,
    "Task": 5,
    "Wait": 2,
    "Choice": 2,
    "Pass": 2,
    "Parallel": 4,
    "Succeed": 2,
    "Fail": 1,
}
"""Entries of the history for one pass through a state of each type."""


def check_budgets(definition: Mapping[str, Any], text: str) -> Iterator[Finding]:
    """Yield what is too large in a state machine."""
    if len(text.encode()) > DEFINITION:
        yield finding(
            "ZF342",
            f"The definition has {len(text.encode())} bytes; Step Functions accepts {DEFINITION}.",
            remedy="Split the pipeline.",
        )
    for name, state in states(definition):
        size = len(json.dumps(state.get("Arguments", {})).encode())
        size = max(size, len(json.dumps(state.get("Assign", {})).encode()))
        if size > PAYLOAD:
            yield finding(
                "ZF342",
                f"State {name!r} hands on {size} bytes; Step Functions accepts {PAYLOAD}.",
                remedy="Put large values into a file.",
            )
    events = longest_history(definition)
    if events > HISTORY:
        yield finding(
            "ZF341",
            f"An execution may need {events} entries of history; Step Functions keeps {HISTORY}.",
            remedy="Shorten the timeouts of Databricks stages, retry less, or split the pipeline.",
        )


def check_template_size(text: str) -> Iterator[Finding]:
    """Yield whether the template is too large, or too large to be sent as it is."""
    size = len(text.encode())
    if size > TEMPLATE:
        yield finding(
            "ZF342",
            f"The template has {size} bytes; CloudFormation accepts {TEMPLATE}.",
            remedy="Put the pipelines into several stacks.",
        )
    elif size > INLINE_TEMPLATE:
        yield finding(
            "ZF343",
            f"The template has {size} bytes, more than the {INLINE_TEMPLATE} that can be sent.",
            remedy="Upload it to S3 first, as `deploy` does.",
        )


def longest_history(machine: Mapping[str, Any]) -> int:
    """Return how many entries of history an execution needs at most."""
    inner: dict[str, State] = machine.get("States", {})
    passes = _passes(inner)
    # That every look at a run fails and is repeated is not to be expected.
    return sum(
        _events(state) * passes.get(name, 1 + retries(state)) for name, state in inner.items()
    )


def _events(state: State) -> int:
    nested = sum(longest_history(branch) for branch in state.get("Branches", []))
    if "ItemProcessor" in state:
        # Each iteration begins and ends with an entry of its own.
        nested += ITEMS * (2 + longest_history(state["ItemProcessor"]))
    return _EVENTS.get(state.get("Type", ""), 5) + nested


def _passes(inner: Mapping[str, State]) -> dict[str, int]:
    """Return how often the states of a polling loop are passed, by the loop's own limit."""
    limits = [
        arguments["RequestBody"]["timeout_seconds"]
        for arguments in (state.get("Arguments", {}) for state in inner.values())
        if "timeout_seconds" in (arguments.get("RequestBody") or {})
    ]
    passes: dict[str, int] = {}
    for name, state in inner.items():
        if state.get("Type") == "Wait" and isinstance(state.get("Seconds"), int) and limits:
            looks = max(limits) // max(state["Seconds"], 1) + 1
            loop = _loop(name, inner)
            passes |= dict.fromkeys(loop, looks)
    return passes


def _loop(name: str, inner: Mapping[str, State]) -> set[str]:
    """Return the states from which the state comes again."""
    return {
        other for other in inner if _reaches(name, other, inner) and _reaches(other, name, inner)
    }


def _reaches(start: str, goal: str, inner: Mapping[str, State]) -> bool:
    seen: set[str] = set()
    front = [start]
    while front:
        name = front.pop()
        for following in successors(inner.get(name, {})):
            if following == goal:
                return True
            if following not in seen:
                seen.add(following)
                front.append(following)
    return False
