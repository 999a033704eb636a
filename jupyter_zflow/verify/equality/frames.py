"""Frames, series and indices: labels, names, dtypes, then values."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.arrays import differ_arrays
from jupyter_zflow.verify.equality.walk import Difference, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.verify.equality.walk import Compare, Walk

    Place = Callable[[tuple[int, ...]], str]


_SHOWN = 8
"""Columns that are named in a difference."""


def family(value: Any) -> Compare | None:
    """Return how a frame, or a part of one, is compared."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and hasattr(pandas, "DataFrame"):
        table = (
            (pandas.DataFrame, _frame),
            (pandas.Series, _series),
            (pandas.MultiIndex, _levels),
            (pandas.Index, _index),
            (pandas.api.extensions.ExtensionArray, _extension),
            (pandas.api.extensions.ExtensionDtype, _dtype),
            ((pandas.Period, pandas.Interval, pandas.DateOffset), _spelled),
            ((pandas.Timestamp, pandas.Timedelta, type(pandas.NaT), type(pandas.NA)), _spelled),
        )
        for kind, compare in table:
            if isinstance(value, kind):
                return compare
    polars = sys.modules.get("polars")
    if polars is not None and isinstance(value, (polars.DataFrame, polars.Series)):
        return _polars
    arrow = sys.modules.get("pyarrow")
    if arrow is not None and isinstance(value, (arrow.Table, arrow.Array, arrow.ChunkedArray)):
        return _arrow
    return None


def _spelled(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:  # noqa: ARG001
    return None if repr(one) == repr(other) else found(path, one, other)


def _dtype(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    if str(one) != str(other):
        return found(path, one, other)
    for name in ("categories", "ordered", "storage", "na_value", "unit", "tz"):
        if hasattr(one, name):
            difference = walk.differ(getattr(one, name), getattr(other, name, None), path)
            if difference is not None:
                return difference
    return None


def _frame(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    labels = walk.differ(one.columns, other.columns, f"{path}.columns") or walk.differ(
        one.index, other.index, f"{path}.index"
    )
    if labels is not None:
        return labels
    for number, label in enumerate(one.columns):
        left, right = one.iloc[:, number], other.iloc[:, number]
        difference = _values(walk, left, right, f"{path}[{label!r}]", _labels(left.index))
        if difference is not None:
            return difference
    return walk.differ(one.attrs, other.attrs, f"{path}.attrs")


def _series(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return (
        walk.differ(one.name, other.name, f"{path}.name")
        or walk.differ(one.index, other.index, f"{path}.index")
        or _values(walk, one, other, path, _labels(one.index))
        or walk.differ(one.attrs, other.attrs, f"{path}.attrs")
    )


def _levels(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    names = walk.differ(list(one.names), list(other.names), f"{path}.names")
    if names is not None:
        return names
    for level in range(one.nlevels):
        difference = _values(
            walk, one.get_level_values(level), other.get_level_values(level),
            f"{path} level {level}", None,
        )  # fmt: skip
        if difference is not None:
            return difference
    return None


def _index(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return (
        walk.differ(one.name, other.name, f"{path}.name")
        or walk.differ(getattr(one, "freq", None), getattr(other, "freq", None), f"{path}.freq")
        or _values(walk, one, other, path, None)
    )


def _values(walk: Walk, one: Any, other: Any, path: str, place: Place | None) -> Difference | None:
    dtype = walk.differ(one.dtype, other.dtype, f"{path}.dtype")
    if dtype is not None:
        return dtype
    if len(one) != len(other):
        return Difference(path, _counted(one, path), _counted(other, path))
    return differ_arrays(walk, _plain(one), _plain(other), path, place=place)


def _counted(values: Any, path: str) -> str:
    """Return how many there are; of columns also which."""
    if not path.endswith(".columns"):
        return f"{len(values)} rows"
    names = ", ".join(map(str, values[:_SHOWN]))
    return f"{len(values)}: {names}{', ...' if len(values) > _SHOWN else ''}"


def _extension(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return _values(walk, one, other, path, None)


def _plain(values: Any) -> Any:
    """Return an array that holds the very values: NumPy's own where it can, else objects."""
    import numpy as np

    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return np.asarray(values)
    return np.array([*values, None], dtype=object)[:-1]


def _labels(index: Any) -> Place:
    def place(indices: tuple[int, ...]) -> str:
        label = index[indices[0]]
        return f"[{label.item() if hasattr(label, 'item') else label!r}]"

    return place


def _polars(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    if hasattr(one, "schema"):
        schema = walk.differ(
            [(name, str(kind)) for name, kind in one.schema.items()],
            [(name, str(kind)) for name, kind in other.schema.items()],
            f"{path}.schema",
        )
        if schema is not None:
            return schema
        return walk.differ(one.to_dict(as_series=False), other.to_dict(as_series=False), path)
    kinds = [(value.name, str(value.dtype)) for value in (one, other)]
    return walk.differ(kinds[0], kinds[1], path) or walk.each(one.to_list(), other.to_list(), path)


def _arrow(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    kinds = [str(getattr(value, "schema", getattr(value, "type", ""))) for value in (one, other)]
    return walk.differ(kinds[0], kinds[1], f"{path}.schema") or walk.differ(
        one.to_pylist(), other.to_pylist(), path
    )
