"""States in blocks: what one stage becomes, entered at its first state.

A state that says nothing about what follows is open: it leads to whatever comes after its block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.expressions import INPUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.synth.jobs.job import State, States

Block = list[tuple[str, dict[str, Any]]]

_NEVER_OPEN = {"Choice", "Fail", "Succeed"}


def row(states: States) -> Block:
    """Return states in a row: each leads to the next one, the last one stays open."""
    names = [name for name, _ in states[1:]]
    linked = [
        (name, {**state, "Next": following} if _is_open(state) else state)
        for (name, state), following in zip(states[:-1], names, strict=True)
    ]
    return [*linked, states[-1]]


def machine(blocks: Sequence[Block]) -> dict[str, Any]:
    """Return the machine that runs blocks one after the other."""
    links: list[State] = [*({"Next": block[0][0]} for block in blocks[1:]), {"End": True}]
    return {
        "StartAt": blocks[0][0][0],
        "States": {
            name: {**state, **link} if _is_open(state) else state
            for block, link in zip(blocks, links, strict=True)
            for name, state in block
        },
    }


def caught(item: tuple[str, State], following: str) -> tuple[str, State]:
    """Return a state whose failure leads to another one, with the data that it was given."""
    name, state = item
    if state["Type"] == "Fail":
        return name, {"Type": "Pass", "Next": following}
    if state["Type"] not in {"Task", "Parallel", "Map"}:
        return item
    rule = {"ErrorEquals": ["States.ALL"], "Output": INPUT, "Next": following}
    # Beside Retry, where reviewers look for what follows a failure.
    last: State = {key: state[key] for key in ("Assign", "Output") if key in state}
    first = {key: value for key, value in state.items() if key not in last}
    return name, {**first, "Catch": [rule], **last}


def _is_open(state: State) -> bool:
    return state["Type"] not in _NEVER_OPEN and not {"Next", "End"} & state.keys()
