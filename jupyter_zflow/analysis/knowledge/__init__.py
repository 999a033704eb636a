"""What libraries do, looked up by dotted name or by type."""

from __future__ import annotations

from functools import cache

from jupyter_zflow.analysis.knowledge import (
    arrays,
    builtin,
    frames,
    learning,
    plots,
    stdlib,
    torch,
)
from jupyter_zflow.analysis.knowledge.table import Effect, Library, TypeTable

LIBRARIES: tuple[Library, ...] = (
    builtin.LIBRARY,
    stdlib.LIBRARY,
    arrays.LIBRARY,
    frames.LIBRARY,
    learning.LIBRARY,
    plots.LIBRARY,
    torch.LIBRARY,
)

_FUNCTIONS: dict[str, Effect] = {}
_PREFIXES: dict[str, Effect] = {}
_TYPES: dict[str, TypeTable] = {}
STATES: dict[str, str] = {}
CONSTANTS: frozenset[str] = frozenset()
for _library in LIBRARIES:
    _FUNCTIONS.update(_library.functions)
    _PREFIXES.update(_library.prefixes)
    _TYPES.update(_library.types)
    STATES.update(_library.states)
    CONSTANTS |= _library.constants

_BOOSTED = ("xgboost.", "lightgbm.", "catboost.")
BUILTINS: frozenset[str] = frozenset(builtin.LIBRARY.functions)


@cache
def function(path: str) -> Effect | None:
    """Return what calling the thing of that dotted name does, or None when nobody knows."""
    known = _FUNCTIONS.get(path)
    if known is not None:
        return known
    if path.startswith("sklearn."):
        made = _estimator(path)
        if made is not None:
            return made
    if path.startswith(_BOOSTED) and path.endswith(("Classifier", "Regressor", "Ranker")):
        return Effect("sklearn")
    if path.startswith("scipy.stats.") and path.rpartition(".")[2] in arrays.DRAWING:
        return arrays.DRAWS
    parent = path
    while "." in parent:
        parent = parent.rpartition(".")[0]
        known = _PREFIXES.get(parent + ".")
        if known is not None:
            return known
    return None


def _estimator(path: str) -> Effect | None:
    name = path.rpartition(".")[2]
    if name in learning.COMPOSITE:
        return Effect("sklearn.composite")
    if not name[0].isupper():
        return None
    return Effect("sklearn" if name in learning.DETERMINISTIC else "sklearn.drawing")


_NOTHING = TypeTable()


def type_table(name: str) -> TypeTable:
    """Return what is known about values of a type; an empty table when nothing is."""
    return _TYPES.get(name, _NOTHING)


def state_of(path: str) -> tuple[str, str] | None:
    """Return the kind of ambient state that a dotted name is part of, and the name's root."""
    while path:
        if path in STATES:
            return STATES[path], path
        path = path.rpartition(".")[0]
    return None
