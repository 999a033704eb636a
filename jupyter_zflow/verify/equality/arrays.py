"""NumPy arrays and scalars, sparse matrices, tensors: shape, dtype, then elements."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.walk import Difference, found

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.verify.equality.walk import Compare, Walk


def family(value: Any) -> Compare | None:
    """Return how an array of any kind is compared."""
    numpy, sparse, torch = (sys.modules.get(name) for name in ("numpy", "scipy.sparse", "torch"))
    if numpy is not None:
        if isinstance(value, numpy.ma.MaskedArray):
            return _masked
        if isinstance(value, numpy.ndarray):
            return _array
        if isinstance(value, numpy.generic):
            return _scalar
        if isinstance(value, numpy.dtype):
            return _spelled
        if isinstance(value, numpy.ufunc):
            return _ufunc
        if isinstance(value, numpy.random.Generator):
            return _generator
        if isinstance(value, numpy.random.BitGenerator):
            return _bits
        if isinstance(value, numpy.random.RandomState):
            return _legacy
    if sparse is not None and sparse.issparse(value):
        return _sparse
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor
    return None


def differ_arrays(
    walk: Walk,
    one: Any,
    other: Any,
    path: str,
    *,
    place: Callable[[tuple[int, ...]], str] | None = None,
) -> Difference | None:
    """Return the first difference of two arrays.

    Parameters
    ----------
    place
        Says how an element at some indices is called; default: by its indices.
    """
    import numpy as np

    if one.dtype != other.dtype or one.dtype.str != other.dtype.str:
        return Difference(f"{path}.dtype", str(one.dtype), str(other.dtype))
    if one.shape != other.shape:
        return Difference(f"{path}.shape", str(one.shape), str(other.shape))
    if one.dtype.names:
        for name in one.dtype.names:
            field = differ_arrays(walk, one[name], other[name], f"{path}[{name!r}]")
            if field is not None:
                return field
        return None
    at = place or (lambda indices: "".join(f"[{index}]" for index in indices))
    if one.dtype.hasobject:
        return _differ_objects(walk, one, other, path, at)
    differing = _differing(walk, one, other)
    if not differing.any():
        return None
    first = tuple(int(index) for index in np.unravel_index(int(differing.argmax()), one.shape))
    count = int(differing.sum())
    more = f"{count} of {one.size} elements differ." if one.size > 1 else ""
    return Difference(f"{path}{at(first)}", str(one[first]), str(other[first]), more)


def _differing(walk: Walk, one: Any, other: Any) -> Any:
    """Return where elements differ."""
    import numpy as np

    kind = one.dtype.kind
    with np.errstate(all="ignore"):
        if kind == "c":
            return _differing(walk, one.real, other.real) | _differing(walk, one.imag, other.imag)
        if kind == "V":
            whole = np.ascontiguousarray(one).tobytes() != np.ascontiguousarray(other).tobytes()
            return np.full(one.shape, whole)
        same = np.asarray(one == other)
        if kind == "f":
            same = (same & ((one != 0) | (np.signbit(one) == np.signbit(other)))) | (
                np.isnan(one) & np.isnan(other)
            )
            if walk.tolerance:
                larger = np.maximum(1.0, np.maximum(np.abs(one), np.abs(other)))
                same |= np.abs(one - other) <= walk.tolerance * larger
        elif kind in "mM":
            same |= np.isnat(one) & np.isnat(other)
    return ~same


def _differ_objects(
    walk: Walk, one: Any, other: Any, path: str, at: Callable[[tuple[int, ...]], str]
) -> Difference | None:
    import numpy as np

    left, right = one.ravel().tolist(), other.ravel().tolist()
    difference = walk.each(left, right, "\0")
    if difference is None:
        return None
    index, _, rest = difference.path.removeprefix("\0[").partition("]")
    indices = tuple(int(part) for part in np.unravel_index(int(index), one.shape))
    place = f"{path}{at(indices)}{rest}"
    return Difference(place, difference.straight, difference.isolated, difference.more)


def _array(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    import numpy as np

    return differ_arrays(walk, np.asarray(one), np.asarray(other), path)


def _masked(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    import numpy as np

    return (
        differ_arrays(walk, np.ma.getmaskarray(one), np.ma.getmaskarray(other), f"{path}.mask")
        or differ_arrays(walk, one.filled(), other.filled(), path)
        or walk.differ(one.fill_value, other.fill_value, f"{path}.fill_value")
    )


def _scalar(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    import numpy as np

    difference = differ_arrays(walk, np.asarray(one), np.asarray(other), path)
    return None if difference is None else found(path, one, other)


def _spelled(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:  # noqa: ARG001
    return None if one == other else found(path, one, other)


def _ufunc(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(one.__name__, other.__name__, path)


def _generator(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(one.bit_generator, other.bit_generator, f"{path}.bit_generator")


def _bits(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(one.state, other.state, f"{path}.state")


def _legacy(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    states = (one.get_state(legacy=False), other.get_state(legacy=False))
    return walk.differ(*states, f"{path}.get_state()")


def _sparse(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    if one.shape != other.shape:
        return found(f"{path}.shape", one.shape, other.shape)
    left, right = one.tocsr().copy(), other.tocsr().copy()
    for matrix in (left, right):
        matrix.sum_duplicates()
        matrix.sort_indices()
    for name in ("indptr", "indices", "data"):
        difference = differ_arrays(walk, getattr(left, name), getattr(right, name), path)
        if difference is not None:
            return Difference(
                f"{path}.{name}", difference.straight, difference.isolated, difference.more
            )
    return None


def _tensor(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    for name in ("dtype", "device", "layout", "requires_grad"):
        if str(getattr(one, name)) != str(getattr(other, name)):
            return found(f"{path}.{name}", getattr(one, name), getattr(other, name))
    left, right = (
        value.detach().to_dense().cpu() if str(value.layout) != "torch.strided" else
        value.detach().cpu()
        for value in (one, other)
    )  # fmt: skip
    if str(left.dtype) == "torch.bfloat16":  # NumPy has no such numbers; each is a float32
        left, right = left.float(), right.float()
    return differ_arrays(walk, left.numpy(), right.numpy(), path)
