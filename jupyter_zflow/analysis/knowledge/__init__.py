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
from jupyter_zflow.analysis.knowledge.plugins import plugged_in
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

_OWN = frozenset(
    path.partition(".")[0] for path in (*_FUNCTIONS, *_PREFIXES, *STATES) if "." in path
)
"""Libraries that the tables here know."""
_BOOSTED = ("xgboost.", "lightgbm.", "catboost.")
BUILTINS: frozenset[str] = frozenset(builtin.LIBRARY.functions)


def broken(name: str) -> str:
    """Return why the table that a package brings for a library cannot be used; mostly nothing."""
    return "" if name in _OWN else plugged_in(name)[1]


def _table_of(path: str) -> Library | None:
    """Return the table that a package brings for the library of a dotted name."""
    top, dot, _ = path.partition(".")
    return plugged_in(top)[0] if dot and top not in _OWN else None


@cache
def function(path: str) -> Effect | None:
    """Return what calling the thing of that dotted name does, or None when nobody knows."""
    known = _FUNCTIONS.get(path)
    if known is not None:
        return known
    brought = _table_of(path)
    if brought is not None and path in brought.functions:
        return brought.functions[path]
    if path.startswith("sklearn."):
        made = _estimator(path)
        if made is not None:
            return made
    if path.startswith(_BOOSTED) and path.endswith(("Classifier", "Regressor", "Ranker")):
        return Effect("sklearn")
    if path.startswith("scipy.") and path.rpartition(".")[2] in arrays.SEARCHING:
        return arrays.SEARCHES
    if path.startswith("scipy.stats.") and path.rpartition(".")[2] in arrays.DRAWING:
        return arrays.DRAWS
    parent = path
    while "." in parent:
        parent = parent.rpartition(".")[0]
        known = (_PREFIXES if brought is None else brought.prefixes).get(parent + ".")
        if known is not None:
            return known
    return None


def _estimator(path: str) -> Effect | None:
    name = path.rpartition(".")[2]
    if name in learning.COMPOSITE:
        return Effect("sklearn.composite")
    if not name[0].isupper():
        return None
    if name == "FunctionTransformer":
        return Effect("sklearn.handing on")
    return Effect("sklearn" if name in learning.DETERMINISTIC else "sklearn.drawing")


_NOTHING = TypeTable()


def type_table(name: str) -> TypeTable:
    """Return what is known about values of a type; an empty table when nothing is."""
    known = _TYPES.get(name)
    if known is None:
        brought = _table_of(name)
        known = brought.types.get(name) if brought is not None else None
    return known or _NOTHING


def state_of(path: str) -> tuple[str, str] | None:
    """Return the kind of ambient state that a dotted name is part of, and the name's root."""
    brought = _table_of(path)
    states = STATES if brought is None else brought.states
    while path:
        if path in states:
            return states[path], path
        path = path.rpartition(".")[0]
    return None
