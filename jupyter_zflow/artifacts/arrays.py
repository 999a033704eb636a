"""NumPy arrays as buffers, with views that keep sharing memory.

An array that shares memory with no other saved array travels as its own buffer. Where several do,
the *region* that they cover is stored once and each array is rebuilt as a window on it: writing
through one is seen through the others, as before.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np

    Array = np.ndarray[Any, Any]

COPY_BELOW = 1 << 20
"""Arrays of fewer bytes are copied on load, so that they own their data (``resize`` works)."""


@dataclass(frozen=True)
class Region:
    """A stretch of memory that several arrays look at."""

    start: int
    stop: int

    def buffer(self) -> Array:
        """Return the memory itself as bytes; its arrays must be alive."""
        import numpy as np

        memory: Any = (ctypes.c_char * (self.stop - self.start)).from_address(self.start)
        array: Array = np.frombuffer(memory, dtype=np.uint8)
        return array


def extent(array: Array) -> tuple[int, int]:
    """Return the first address of an array's memory and the one after the last."""
    start = stop = int(array.__array_interface__["data"][0])
    for length, stride in zip(array.shape, array.strides, strict=True):
        if length == 0:
            return start, start
        reach = (length - 1) * stride
        start, stop = (start + reach, stop) if reach < 0 else (start, stop + reach)
    return start, stop + array.itemsize


def overlapping(arrays: Iterable[Array]) -> list[tuple[Region, list[Array]]]:
    """Return the regions that more than one of the arrays look at, with these arrays."""
    spans = sorted(
        ((*extent(array), array) for array in {id(a): a for a in arrays}.values()),
        key=lambda span: span[:2],
    )
    clusters: list[tuple[Region, list[Array]]] = []
    for start, stop, array in spans:
        if start == stop:
            continue
        if clusters and start < clusters[-1][0].stop:
            region, members = clusters[-1]
            members.append(array)
            clusters[-1] = (Region(region.start, max(region.stop, stop)), members)
        else:
            clusters.append((Region(start, stop), [array]))
    return [cluster for cluster in clusters if len(cluster[1]) > 1]


def is_plain(array: Array) -> bool:
    """Return whether the bytes of the array say everything about it."""
    return not array.dtype.hasobject and array.dtype.itemsize > 0 and array.dtype.char != "T"


def reduce_plain(array: Array) -> tuple[Any, ...]:
    """Reduce an array that shares memory with no other."""
    import numpy as np

    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    flat = np.asarray(array, order=order).reshape(-1, order=order)  # type: ignore[call-overload]
    buffer = PickleBuffer(flat.view(np.uint8)) if flat.size else b""
    return (
        rebuild_array,
        (buffer, array.dtype, array.shape, order, array.flags.writeable),
    )


def reduce_window(array: Array, region: Region, memory: Array) -> tuple[Any, ...]:
    """Reduce an array to a window on the region that it shares with others."""
    offset = int(array.__array_interface__["data"][0]) - region.start
    arguments = (memory, offset, array.dtype, array.shape, array.strides, array.flags.writeable)
    return (rebuild_window, arguments)


def reduce_objects_window(array: Array, root: Array) -> tuple[Any, ...]:
    """Reduce an array of objects to a window on the array that owns them."""
    start = int(root.__array_interface__["data"][0])
    offset = int(array.__array_interface__["data"][0]) - start
    arguments = (root, offset, array.shape, array.strides, array.flags.writeable)
    return (rebuild_objects_window, arguments)


def owner(array: Array) -> Array:
    """Return the array at the end of the chain of bases."""
    import numpy as np

    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


# pickle calls these by position, with the writeable flag last.
def rebuild_array(
    buffer: Any,
    dtype: Any,
    shape: Sequence[int],
    order: Any,
    writeable: bool,  # noqa: FBT001
) -> Array:
    """Make an array of a stored buffer."""
    import numpy as np

    array = np.frombuffer(buffer, dtype=dtype).reshape(shape, order=order)
    if array.nbytes < COPY_BELOW:
        array = array.copy(order="A")
    array.flags.writeable = writeable
    return array


def rebuild_window(  # noqa: PLR0917
    memory: Array,
    offset: int,
    dtype: Any,
    shape: Sequence[int],
    strides: Sequence[int],
    writeable: bool,  # noqa: FBT001
) -> Array:
    """Make an array that looks at shared memory."""
    import numpy as np

    array: Array = np.ndarray(shape, dtype, memory.data, offset, strides)
    array.flags.writeable = writeable
    return array


def rebuild_objects_window(
    root: Array,
    offset: int,
    shape: Sequence[int],
    strides: Sequence[int],
    writeable: bool,  # noqa: FBT001
) -> Array:
    """Make an array of objects that looks at another one's elements."""
    import numpy as np

    flat = root.reshape(-1, order="A")[offset // root.itemsize :]
    return np.lib.stride_tricks.as_strided(flat, shape, strides, writeable=writeable)
