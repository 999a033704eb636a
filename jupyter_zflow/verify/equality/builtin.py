"""Python's own values: containers, numbers, dates, patterns, generators of random numbers."""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import fractions
import functools
import io
import pathlib
import random
import re
import types
import uuid
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.brief import brief
from jupyter_zflow.verify.equality.walk import Difference, NotComparableError, found

if TYPE_CHECKING:
    from jupyter_zflow.verify.equality.walk import Compare, Walk

_SPELLED = (
    dt.date, dt.time, dt.timedelta, dt.tzinfo, decimal.Decimal, fractions.Fraction, uuid.UUID,
    pathlib.PurePath, range, slice, re.Pattern, types.GenericAlias, types.UnionType,
)  # fmt: skip
"""Types whose repr says everything."""


def family(value: Any) -> Compare | None:
    """Return how a value of Python's own is compared."""
    kind = type(value)
    exact: Compare | None = _EXACT.get(kind)
    if exact is not None:
        return exact
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return _named
    if isinstance(value, random.Random) and kind.__module__ == "random":
        return _random
    if isinstance(value, _SPELLED) and kind.__module__ != "__main__":
        return _spelled
    return None


def _complex(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    same = walk.same_float(one.real, other.real) and walk.same_float(one.imag, other.imag)
    return None if same else found(path, one, other)


def _spelled(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:  # noqa: ARG001
    return None if repr(one) == repr(other) else found(path, one, other)


def _sequence(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    limits = (getattr(one, "maxlen", None), getattr(other, "maxlen", None))
    if limits[0] != limits[1]:
        return found(f"{path}.maxlen", *limits)
    return walk.each(one, other, path)


def _named(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    for name, left, right in zip(one._fields, one, other, strict=True):
        difference = walk.differ(left, right, f"{path}.{name}")
        if difference is not None:
            return difference
    return None


def _mapping(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    keys, others = list(one), list(other)
    if keys != others or list(map(type, keys)) != list(map(type, others)):
        difference = _differ_keys(walk, keys, others, path)
        if difference is not None:
            return difference
    for left, right in zip(one.items(), other.items(), strict=True):
        difference = walk.differ(left[1], right[1], f"{path}[{brief(left[0])}]")
        if difference is not None:
            return difference
    if isinstance(one, collections.defaultdict):
        factories = (one.default_factory, other.default_factory)
        return walk.differ(*factories, f"{path}.default_factory")
    return None


def _differ_keys(walk: Walk, keys: list[Any], others: list[Any], path: str) -> Difference | None:
    names, other_names = [brief(key) for key in keys], [brief(key) for key in others]
    if sorted(names) != sorted(other_names):
        missing = [name for name in names if name not in other_names][:3]
        extra = [name for name in other_names if name not in names][:3]
        left = f"has the keys {', '.join(missing)}" if missing else f"{len(names)} keys"
        right = f"has the keys {', '.join(extra)}" if extra else f"{len(other_names)} keys"
        return Difference(path, left, right)
    if names != other_names:
        return Difference(
            path, f"keys in order {names[:6]}", f"keys in order {other_names[:6]}",
            "The order of the keys differs.",
        )  # fmt: skip
    for index, (left, right) in enumerate(zip(keys, others, strict=True)):
        difference = walk.differ(left, right, f"{path} key {index}")
        if difference is not None:
            return difference
    return None


def _set(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    ordered, others = sorted(one, key=_rank), sorted(other, key=_rank)
    if len(ordered) != len(others):
        return Difference(path, f"{len(ordered)} elements", f"{len(others)} elements")
    for left, right in zip(ordered, others, strict=True):
        difference = walk.differ(left, right, f"{path}{{{brief(left)}}}")
        if difference is not None:
            return difference
    return None


def _rank(element: Any) -> tuple[str, str]:
    plain = isinstance(element, (str, bytes, int, float, complex, tuple))
    return type(element).__qualname__, repr(element) if plain else brief(element)


def _bytearray(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:  # noqa: ARG001
    return None if bytes(one) == bytes(other) else found(path, one, other)


def _proxy(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(dict(one), dict(other), path)


def _namespace(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(vars(one), vars(other), f"{path}.__dict__")


def _random(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(one.getstate(), other.getstate(), f"{path}.getstate()")


def _partial(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return (
        walk.differ(one.func, other.func, f"{path}.func")
        or walk.differ(one.args, other.args, f"{path}.args")
        or walk.differ(one.keywords, other.keywords, f"{path}.keywords")
    )


def _buffer(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    if one.closed or other.closed:
        return None if one.closed == other.closed else found(f"{path}.closed", one, other)
    return walk.differ(one.getvalue(), other.getvalue(), f"{path}.getvalue()") or walk.differ(
        one.tell(), other.tell(), f"{path}.tell()"
    )


def _cell(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    contents: list[tuple[Any, ...]] = []
    for cell in (one, other):
        try:
            contents.append((cell.cell_contents,))
        except ValueError:
            contents.append(())
    return walk.each(contents[0], contents[1], path)


def _never(*_: Any) -> Difference | None:
    raise NotComparableError


_EXACT: dict[type, Compare] = {
    complex: _complex,
    list: _sequence,
    tuple: _sequence,
    collections.deque: _sequence,
    dict: _mapping,
    collections.OrderedDict: _mapping,
    collections.defaultdict: _mapping,
    collections.Counter: _mapping,
    set: _set,
    frozenset: _set,
    bytearray: _bytearray,
    types.MappingProxyType: _proxy,
    types.SimpleNamespace: _namespace,
    types.CellType: _cell,
    types.TracebackType: _never,
    types.FrameType: _never,
    types.GeneratorType: _never,
    functools.partial: _partial,
    io.StringIO: _buffer,
    io.BytesIO: _buffer,
}
