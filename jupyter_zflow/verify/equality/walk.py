"""Walk through two values side by side, from their roots to the first difference.

What kinds of values there are is a table: each family of types says which values it knows and how
two of them are compared. What nobody knows is compared by what pickling it would say.
"""

from __future__ import annotations

import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.brief import brief, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Compare = Callable[["Walk", Any, Any, str], "Difference | None"]
    Family = Callable[[Any], "Compare | None"]

_ROOT = ""
_LEAVES = frozenset({int, bool, str, bytes, type(None), type(Ellipsis), type(NotImplemented)})
_QUICK = frozenset({int, bool, str, bytes, type(None)})
"""Types whose values are the same value exactly when they are equal and of one type."""


@dataclass(frozen=True)
class Difference:
    """Where two values begin to differ, and what is there on either side."""

    path: str
    straight: str
    isolated: str
    more: str = ""


class NotComparableError(Exception):
    """A value of a type that says nothing about its contents."""


@dataclass(frozen=True)
class Comparison:
    """What came out: no difference means equal, apart from what was left out."""

    difference: Difference | None
    left_out: tuple[str, ...] = ()
    """Paths and types that could not be compared."""
    whole: bool = field(default=True)
    """Whether anything was compared at all."""


def compare(straight: Any, isolated: Any, *, tolerance: float = 0.0) -> Comparison:
    """Compare two values.

    Parameters
    ----------
    tolerance
        How far floats may be apart, absolutely or relative to the larger one. 0 means exactly.
    """
    walk = Walk(tolerance)
    difference = walk.differ(straight, isolated, _ROOT)
    whole = not any(path == _ROOT for path, _ in walk.left_out)
    texts = tuple(f"{path or 'the value'}: {kind}" for path, kind in walk.left_out)
    return Comparison(difference, texts, whole)


class Walk:
    """One comparison: what was met already, and what had to be left out."""

    def __init__(self, tolerance: float) -> None:
        self.tolerance = tolerance
        self.left_out: list[tuple[str, str]] = []
        self._met: set[tuple[int, int]] = set()
        self._partners: dict[int, int] = {}
        self._alive: list[tuple[Any, Any]] = []
        """Ids are only names of things that live."""

    def differ(self, one: Any, other: Any, path: str) -> Difference | None:
        """Return the first difference of two values."""
        if type(one) is type(other) and type(one) in _LEAVES:
            return None if one == other else found(path, one, other)
        if type(one) is float and type(other) is float:
            return None if self.same_float(one, other) else found(path, one, other)
        if one is other:
            return None
        key = (id(one), id(other))
        if key in self._met:
            return None
        self._met.add(key)
        self._alive.append((one, other))
        kinds = self._differ_kind(one, other, path) or self._differ_identity(one, other, path)
        if kinds is not None:
            return kinds
        try:
            return _known(one)(self, one, other, path)
        except NotComparableError:
            self.left_out.append((path, type_name(one)))
        return None

    def each(self, one: Sequence[Any], other: Sequence[Any], path: str) -> Difference | None:
        """Return the first difference of two sequences."""
        if len(one) != len(other):
            return Difference(path, f"{len(one)} elements", f"{len(other)} elements")
        if _quickly_equal(one, other):
            return None
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            difference = self.differ(left, right, f"{path}[{index}]")
            if difference is not None:
                return difference
        return None

    def same_float(self, one: float, other: float) -> bool:
        """Return whether two floats are the same, or near enough where that was asked for."""
        if one != one or other != other:  # noqa: PLR0124  not a number
            return one != one and other != other  # noqa: PLR0124
        if self.tolerance and abs(one - other) <= self.tolerance * max(1.0, abs(one), abs(other)):
            return True
        return one == other and (bool(one) or str(one) == str(other))

    def _differ_kind(self, one: Any, other: Any, path: str) -> Difference | None:
        left, right = type(one), type(other)
        if left is right:
            return None
        # Classes of the notebook were made anew on either side.
        same = left.__module__ == right.__module__ and left.__qualname__ == right.__qualname__
        if not same or left.__module__ == "builtins":
            return Difference(
                path, f"{type_name(one)} {brief(one)}", f"{type_name(other)} {brief(other)}"
            )
        return self.differ(left, right, f"{path}.__class__")

    def _differ_identity(self, one: Any, other: Any, path: str) -> Difference | None:
        """Return a difference where one side has one object and the other one has two."""
        if type(one) not in {list, dict, set} and type(one).__module__ != "__main__":
            return None
        partners = (self._partners.get(id(one)), self._partners.get(id(other)))
        if partners == (None, None):
            self._partners[id(one)], self._partners[id(other)] = id(other), id(one)
            return None
        if partners == (id(other), id(one)):
            return None
        again, first = "the very object of an earlier place", "an object of its own"
        if partners[0] is not None:
            return Difference(path, again, first, "The contents are equal, the identity is not.")
        return Difference(path, first, again, "The contents are equal, the identity is not.")


def found(path: str, one: Any, other: Any, more: str = "") -> Difference:
    """Return the difference of two values in words."""
    left, right = brief(one), brief(other)
    if left == right:
        left, right = f"{type_name(one)} {left}", f"{type_name(other)} {right}"
    return Difference(path, left, right, more)


def _known(value: Any) -> Compare:
    from jupyter_zflow.verify.equality import arrays, builtin, code, figures, frames, state

    families: tuple[Family, ...] = (
        builtin.family,
        code.family,
        arrays.family,
        frames.family,
        figures.family,
    )
    for family in families:
        chosen = family(value)
        if chosen is not None:
            return chosen
    return state.compare


def _quickly_equal(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Return True when plain sequences are equal without doubt."""
    kinds = set(map(type, one))
    if kinds == {float} and set(map(type, other)) == {float}:
        return array.array("d", one) == array.array("d", other) and (
            array.array("d", one).tobytes() == array.array("d", other).tobytes()
        )
    return kinds <= _QUICK and list(map(type, one)) == list(map(type, other)) and one == other
