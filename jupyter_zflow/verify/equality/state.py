"""Any other object: what pickling it would say, part by part."""

from __future__ import annotations

import copyreg
import weakref
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.walk import Difference, NotComparableError, found

if TYPE_CHECKING:
    from jupyter_zflow.verify.equality.walk import Walk

_STATE = 2


def compare(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    """Compare two objects of one type by their state."""
    left, right = _reduced(one), _reduced(other)
    if isinstance(left, str) or isinstance(right, str):
        return None if left == right else found(path, one, other)
    if len(left) != len(right):
        return found(path, one, other)
    for number, (mine, its) in enumerate(zip(left, right, strict=True)):
        if number == _STATE:
            difference = _differ_state(walk, mine, its, path)
        elif number > _STATE and mine is not None and its is not None:
            difference = walk.each(list(mine), list(its), f"{path} items ")
        else:
            difference = walk.differ(mine, its, f"{path} made by " if number == 0 else path)
        if difference is not None:
            return difference
    return None


def _reduced(value: Any) -> Any:
    if isinstance(value, weakref.ReferenceType):
        raise NotComparableError
    try:
        reducer = copyreg.dispatch_table.get(type(value))
        return reducer(value) if reducer else value.__reduce_ex__(4)
    except Exception:  # noqa: BLE001  whatever the value's own code raises
        members = getattr(value, "__dict__", None)
        if not members:
            raise NotComparableError from None
        return (type(value), (), members)


def _differ_state(walk: Walk, mine: Any, its: Any, path: str) -> Difference | None:
    """Compare states; attributes are called as code calls them."""
    if type(mine) is tuple and type(its) is tuple and len(mine) == len(its) == _STATE:
        for left, right in zip(mine, its, strict=True):
            difference = _differ_state(walk, left, right, path)
            if difference is not None:
                return difference
        return None
    if type(mine) is not dict or type(its) is not dict or not all(type(k) is str for k in mine):
        return walk.differ(mine, its, path)
    # The order in which attributes were set is no part of an object.
    if mine.keys() != its.keys():
        left, right = sorted(mine.keys() - its.keys()), sorted(its.keys() - mine.keys())
        return Difference(path, f"attributes {left}", f"attributes {right}")
    for name, value in mine.items():
        difference = walk.differ(value, its[name], f"{path}.{name}")
        if difference is not None:
            return difference
    return None
