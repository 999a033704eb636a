"""Long columns of strings, pickled piece by piece.

One pickle of millions of strings holds all their bytes and a table of all of them in memory at
once. Here each piece becomes a pickle of its own that is made while the file is written and that
leaves memory as soon as it was read. What is in such a column cannot change, so nobody sees that
equal strings of two pieces are no longer one object.
"""

from __future__ import annotations

import datetime as dt
import decimal
import mmap
import pickle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONG = 1 << 17
"""Elements from which a column is cut in pieces."""
PIECE = 1 << 16
_CONSTANT = {
    str, bytes, int, float, complex, bool, type(None), dt.date, dt.datetime, decimal.Decimal
}  # fmt: skip


class Piece:
    """A part of a column, pickled when it is asked for."""

    def __init__(self, elements: Any) -> None:
        self._elements = elements

    def raw(self) -> memoryview:
        """Return the pickle, as a buffer does."""
        return memoryview(pickle.dumps(self._elements.tolist(), protocol=5)).toreadonly()


def reduce(
    array: Any, announce: Callable[[pickle.PickleBuffer, Piece], None]
) -> tuple[Any, ...] | None:
    """Reduce a long array of objects that cannot change, or return nothing.

    Parameters
    ----------
    announce
        Is told which piece takes the place of a buffer.
    """
    if array.size < LONG:
        return None
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    flat = array.reshape(-1, order=order)
    starts = range(0, flat.size, PIECE)
    if not all(_constant(flat[start : start + PIECE]) for start in starts):
        return None
    buffers = []
    for start in starts:
        buffer = pickle.PickleBuffer(b"")
        announce(buffer, Piece(flat[start : start + PIECE]))
        buffers.append(buffer)
    return (rebuild, (buffers, array.shape, order, array.flags.writeable))


def _constant(part: Any) -> bool:
    return set(map(type, part)) <= _CONSTANT


# pickle calls this by position.
def rebuild(buffers: Sequence[Any], shape: Any, order: Any, writeable: bool) -> Any:  # noqa: FBT001
    """Make a column of its pieces."""
    import numpy as np

    array: Any = np.empty(shape, dtype=object, order=order)
    flat = array.reshape(-1, order=order)
    start = 0
    for buffer in buffers:
        part = pickle.loads(buffer)
        flat[start : start + len(part)] = part
        start += len(part)
        _let_go(buffer)
    array.flags.writeable = writeable
    return array


def _let_go(buffer: Any) -> None:
    """Let the system take back the pages of a mapped piece; nobody wrote to them."""
    memory = buffer.obj if isinstance(buffer, memoryview) else None
    if not isinstance(memory, mmap.mmap) or not hasattr(mmap, "MADV_DONTNEED"):
        return
    start = _offset(buffer, memory)
    first = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE
    last = (start + buffer.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
    if last > first:
        memory.madvise(mmap.MADV_DONTNEED, first, last - first)


def _offset(buffer: memoryview, memory: mmap.mmap) -> int:
    import numpy as np

    def address(thing: Any) -> int:
        return int(np.frombuffer(thing, dtype=np.uint8).__array_interface__["data"][0])

    return address(buffer) - address(memory)
