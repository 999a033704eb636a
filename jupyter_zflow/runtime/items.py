"""The items of a stage that runs once for each: what a run is given, and all results as lists.

The state machine writes ``<stage>/items.json`` before the runs begin. Each run has its own place
below ``<stage>/items/``. A variable that a later stage loads must be a list in every run; what it
gets is these lists, one after the other, in the order of the items.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.artifacts.store import Store

FILE = "items.json"
_RESULT = "result.json"


@dataclass(frozen=True)
class Items:
    """What the state machine noted about a loop."""

    variable: str
    """The parameter that takes each item."""
    items: list[Any]
    tolerated: int = 0
    """How many runs may fail."""


def place(state: str, item: int | None) -> str:
    """Return the folder of a run below the execution."""
    return state if item is None else f"{state}/items/{item}"


def read(store: Store, state: str) -> Items | None:
    """Return the items of a stage; ``None`` when it runs once."""
    content = store.read(f"{state}/{FILE}")
    return None if content is None else Items(**json.loads(content))


def parameter(store: Store, state: str, item: int | None, known: Iterable[str]) -> dict[str, Any]:
    """Return the parameter that holds the item of a run.

    Parameters
    ----------
    known
        The parameters that the stage's notebook takes.

    Raises
    ------
    UsageError
        There is no such item, or the notebook does not take it.
    """
    if item is None:
        return {}
    found = read(store, state)
    if found is None or not 0 <= item < len(found.items):
        message = f"stage {state!r} has no item {item} in {store.uri}."
        raise UsageError(message, remedy="The state machine writes the items before the stage.")
    if found.variable not in known:
        message = f"the notebook of stage {state!r} takes no parameter {found.variable!r}."
        raise UsageError(message, remedy="Bind it in the notebook's parameters cell.")
    return {found.variable: found.items[item]}


def gathered(
    found: Items, store: Store, state: str, names: Iterable[str], *, workdir: str
) -> dict[str, list[Any]]:
    """Return variables of all runs: their lists, one after the other.

    Raises
    ------
    ArtifactError
        A run is missing, or a variable is not a list in it.
    """
    wanted = tuple(names)
    result: dict[str, list[Any]] = {name: [] for name in wanted}
    failed = 0
    for item in range(len(found.items)):
        here = place(state, item)
        if not _succeeded(store, here):
            failed += 1
            continue
        described = manifest.read(store, here)
        values: dict[str, Any] = {}
        for digest in exchange.plan(described, wanted, ()):
            values |= exchange.load_group(described, digest, store, workdir=workdir)
        for name in wanted:
            result[name] += _list(values, name, state, item)
    if failed > found.tolerated:
        raise ArtifactError(
            f"{failed} of {len(found.items)} items of stage {state!r} have no result in "
            f"{store.uri}.",
            remedy="Run that stage again.",
        )
    return result


def _list(values: dict[str, Any], name: str, state: str, item: int) -> list[Any]:
    value = values.get(name)
    if type(value) is not list:
        what = exchange.type_name(value) if name in values else "not bound"
        raise ArtifactError(
            f"variable {name!r} of stage {state!r} is {what} for item {item}, and the results of "
            "several items are put together as lists.",
            remedy=f"Make it a list with what one item contributes: {name} = [...].",
        )
    return value


def _succeeded(store: Store, here: str) -> bool:
    content = store.read(f"{here}/{_RESULT}")
    return content is not None and json.loads(content).get("status") == "SUCCEEDED"
