"""Columns of pyarrow and polars over memory that NumPy can write.

Both take a NumPy array's memory as it is. Their own values never change, so only an array that
crosses with them makes a difference: then the column is made over that array again.
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from jupyter_zflow.artifacts.arrays import Region

MODULES = frozenset({"pyarrow.lib", "polars.series.series", "polars.dataframe.frame"})

_SLACK = 4096
"""Bytes by which a buffer may be longer than what is in it."""


class Look(Protocol):
    """Notes an array and says which shared memory it looks at."""

    def __call__(self, array: Any, *, guarded: bool) -> tuple[Region, Any] | None:
        """Return the region and its bytes."""


def reduce(thing: Any, look: Look) -> Any:
    """Reduce a buffer, a column or a frame over shared memory; others by their own rules."""
    name = type(thing).__name__
    if name == "Buffer" and thing.is_cpu and thing.size:
        return _reduce_buffer(thing, look)
    if name == "Series":
        array = _memory(thing)
        found = look(array, guarded=True) if array is not None else None
        return NotImplemented if found is None else (make_series, (thing.name, array))
    if name == "DataFrame":
        columns = thing.get_columns()
        memory = [array for column in columns if (array := _memory(column)) is not None]
        shared = [look(array, guarded=True) for array in memory]
        if any(shared):
            return (make_frame, (columns,))
    return NotImplemented


def reduce_extension(column: Any) -> Any:
    """Reduce a pandas column over pyarrow without the copy that pandas makes of it."""
    whole = column._pa_array  # noqa: SLF001
    if whole.num_chunks != 1:
        return NotImplemented
    chunk = whole.chunk(0)
    if chunk.offset or chunk.get_total_buffer_size() > chunk.nbytes + _SLACK:
        return NotImplemented  # a part of something larger, which must not travel with it
    state = {**vars(column), "_pa_array": chunk}
    if "_cache" in state:
        state["_cache"] = {}
    return (copyreg.__newobj__, (type(column),), state)  # type: ignore[attr-defined]


def _reduce_buffer(buffer: Any, look: Look) -> Any:
    import numpy as np

    array: Any = np.frombuffer(buffer, dtype=np.uint8)
    found = look(array, guarded=True)
    return NotImplemented if found is None else (make_buffer, (array,))


def _memory(column: Any) -> Any:
    """Return a polars column's own memory as an array, if it has one piece and no gaps."""
    try:
        return column.to_numpy(allow_copy=False)
    except Exception:  # noqa: BLE001  polars says in many ways that it would have to copy
        return None


def make_buffer(array: Any) -> Any:
    """Make a pyarrow buffer over an array."""
    import pyarrow as pa

    return pa.py_buffer(array)


def make_series(name: str, array: Any) -> Any:
    """Make a polars column over an array."""
    import polars as pl

    return pl.Series(name, array)


def make_frame(columns: Any) -> Any:
    """Make a polars frame of its columns."""
    import polars as pl

    return pl.DataFrame(columns)
