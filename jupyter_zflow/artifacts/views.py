"""Memory views and arrays of ctypes: windows on the memory of another object.

The object crosses with the view, once, and the view is made over it again. A view that cannot be
made again exactly is refused.
"""

from __future__ import annotations

import array
import ctypes
from pickle import PicklingError
from typing import Any

_REFUSAL = "a memory view shares memory with another object; store bytes instead"


def reduce_view(view: memoryview) -> tuple[Any, ...]:
    """Reduce a memory view to the object that it looks at, and where it looks.

    Raises
    ------
    PicklingError
        The object cannot cross, or the view cannot be made again.
    """
    owner: Any = view.obj
    known = isinstance(owner, (bytes, bytearray, array.array, ctypes.Array))
    if not known and not hasattr(type(owner), "__array_finalize__"):
        raise PicklingError(_REFUSAL)
    whole = memoryview(owner)
    if (whole.format, whole.shape, whole.strides) == (view.format, view.shape, view.strides):
        return (make_whole_view, (owner, view.readonly))
    try:
        offset = _address(view) - _address(whole)
        again = make_view(owner, offset, view.format, view.shape, view.strides, view.readonly)
    except (ImportError, TypeError, ValueError):
        raise PicklingError(_REFUSAL) from None
    same = _address(again) == _address(view) or not view.nbytes
    if not same or (again.shape, again.strides) != (view.shape, view.strides):
        raise PicklingError(_REFUSAL)
    arguments = (owner, offset, view.format, view.shape, view.strides, view.readonly)
    return (make_view, arguments)


def _address(view: memoryview) -> int:
    import numpy as np

    return int(np.asarray(view).__array_interface__["data"][0])


# pickle calls these by position.
def make_whole_view(owner: Any, readonly: bool) -> memoryview:  # noqa: FBT001
    """Make a view of all that an object holds."""
    view = memoryview(owner)
    return view.toreadonly() if readonly else view


def make_view(  # noqa: PLR0917
    owner: Any,
    offset: int,
    form: Any,
    shape: Any,
    strides: Any,
    readonly: bool,  # noqa: FBT001
) -> memoryview:
    """Make a view of a part of what an object holds."""
    count, size, step = shape[0], memoryview(b"").cast(form).itemsize, strides[0]
    if len(shape) > 1 or step == size or count == 0:
        length = size
        for extent in shape:
            length *= extent
        piece = memoryview(owner).cast("B")[offset : offset + length]
        view = piece.cast(form, list(shape)) if length else piece.cast(form)
    else:
        reach = (count - 1) * step
        first, last = min(offset, offset + reach), max(offset, offset + reach) + size
        piece = memoryview(owner).cast("B")[first:last]
        view = piece.cast(form)[:: step // size]
    return view.toreadonly() if readonly and not view.readonly else view


def is_ctypes(kind: type) -> bool:
    """Return whether a class describes memory for ctypes."""
    return type(kind).__module__ == "_ctypes"


def reduce_ctypes(thing: Any) -> Any:
    """Reduce what ctypes made; only memory of its own can cross."""
    if not thing._b_needsfree_:
        message = "it looks at memory of another object (ctypes)"
        raise PicklingError(message)
    return NotImplemented


def reduce_array_type(kind: Any) -> Any:
    """Reduce the type of a ctypes array, which has no name to import, to its element."""
    if not issubclass(kind, ctypes.Array) or kind is not kind._type_ * kind._length_:
        return NotImplemented
    return (make_array_type, (kind._type_, kind._length_))


def make_array_type(element: Any, length: int) -> Any:
    """Return the type of a ctypes array."""
    return element * length
