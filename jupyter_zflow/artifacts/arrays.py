"""NumPy arrays as buffers, with views that keep sharing memory.

An array that shares memory with no other saved array travels as its own buffer. Where several do,
the *region* that they cover is stored once and each array is rebuilt as a window on it: writing
through one is seen through the others, as before. An array over a ``bytearray`` or an
``array.array`` is a window on that object.
"""

from __future__ import annotations

import array as standard
import bisect
import ctypes
from dataclasses import dataclass
from pickle import PickleBuffer, PicklingError
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


class Regions:
    """Regions that do not meet, found by the memory of an array."""

    def __init__(self, regions: Iterable[Region] = ()) -> None:
        self._found = [(region, region.buffer()) for region in regions]
        self._found.sort(key=lambda entry: entry[0].start)
        self._starts = [region.start for region, _ in self._found]

    def at(self, array: Array) -> tuple[Region, Array] | None:
        """Return the region that an array looks at, and its bytes."""
        start, stop = extent(array)
        place = bisect.bisect_right(self._starts, start) - 1
        if place < 0 or start == stop or stop > self._found[place][0].stop:
            return None
        return self._found[place]


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


def reduce_window(array: Array, start: int, memory: Any) -> tuple[Any, ...]:
    """Reduce an array to a window on memory that it shares with others and that starts there."""
    offset = int(array.__array_interface__["data"][0]) - start
    arguments = (memory, offset, array.dtype, array.shape, array.strides, array.flags.writeable)
    return (rebuild_window, arguments)


def reduce_objects_window(array: Array) -> tuple[Any, ...] | None:
    """Reduce an array of objects to a window on the array that owns them, if another one does.

    Raises
    ------
    PicklingError
        No window on the owner gives this array.
    """
    import numpy as np

    root = owner(array)
    if root is array:
        return None
    start = int(root.__array_interface__["data"][0])
    offset = int(array.__array_interface__["data"][0]) - start
    arguments = (
        root, offset, array.dtype, array.shape, array.strides, array.flags.writeable
    )  # fmt: skip
    try:
        again = rebuild_objects_window(*arguments)
    except (TypeError, ValueError):
        again = None
    if again is None or type(root) is not np.ndarray or not _looks_alike(again, array):
        message = f"it shares its elements ({array.dtype}) with another array; store a copy"
        raise PicklingError(message)
    return (rebuild_objects_window, arguments)


def _looks_alike(one: Array, other: Array) -> bool:
    return (
        one.__array_interface__["data"][0] == other.__array_interface__["data"][0]
        and (one.dtype, one.shape, one.strides) == (other.dtype, other.shape, other.strides)
    )  # fmt: skip


def owner(array: Array) -> Array:
    """Return the array at the end of the chain of bases."""
    import numpy as np

    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def reduce_over_buffer(array: Array) -> tuple[Any, ...] | None:
    """Reduce an array that looks at an object that can change, and that is no array itself."""
    import numpy as np

    base: Any = owner(array).base
    if isinstance(base, memoryview):
        base = base.obj
    if not isinstance(base, (bytearray, standard.array, ctypes.Array)) or not array.size:
        return None
    if isinstance(base, ctypes.Array) and not base._b_needsfree_:
        return None
    memory: Any = base
    start = int(np.frombuffer(memory, dtype=np.uint8).__array_interface__["data"][0])
    return reduce_window(array, start, base)


def reduce_subclass(array: Array) -> tuple[Any, ...]:
    """Reduce an instance of a subclass to a plain array and its attributes."""
    import numpy as np

    state = dict(getattr(array, "__dict__", {}))
    state.pop("_mmap", None)
    arguments = (type(array), np.ndarray.view(array, np.ndarray), array.dtype)
    return (rebuild_subclass, arguments, state, None, None, fill_subclass)


def reduce_void(scalar: Any) -> tuple[Any, ...]:
    """Reduce an element of a structured array; it may be a window on the array."""
    import numpy as np

    flat: Array = np.frombuffer(scalar, dtype=scalar.dtype, count=1)
    return (rebuild_void, (flat,))


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
    memory: Any,
    offset: int,
    dtype: Any,
    shape: Sequence[int],
    strides: Sequence[int],
    writeable: bool,  # noqa: FBT001
) -> Array:
    """Make an array that looks at shared memory."""
    import numpy as np

    array: Array = np.ndarray(shape, dtype, memory, offset, strides)
    array.flags.writeable = writeable
    return array


def rebuild_objects_window(  # noqa: PLR0917
    root: Array,
    offset: int,
    dtype: Any,
    shape: Sequence[int],
    strides: Sequence[int],
    writeable: bool,  # noqa: FBT001
) -> Array:
    """Make an array of objects that looks at another one's elements."""
    import numpy as np

    elements, inside = divmod(offset, root.itemsize)
    flat = root.reshape(-1, order="A")[elements:]
    array = np.lib.stride_tricks.as_strided(flat, shape, strides, writeable=writeable)
    return array if dtype == root.dtype else array.getfield(dtype, inside)


def rebuild_subclass(kind: Any, plain: Array, dtype: Any) -> Any:
    """Make an instance of a subclass that looks at a plain array."""
    import numpy as np

    array: Any = np.ndarray.view(plain, kind)
    if array.dtype != dtype:
        array.dtype = dtype
    return array


def fill_subclass(array: Array, state: dict[str, Any]) -> None:
    """Give an instance of a subclass its attributes, without running code of its class."""
    if state:
        array.__dict__.clear()
        array.__dict__.update(state)


def rebuild_void(flat: Array) -> Any:
    """Make an element of a structured array."""
    flat.flags.writeable = True
    return flat.reshape(())[()]
