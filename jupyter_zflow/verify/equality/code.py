"""Functions by code, defaults and closure; classes by their members; modules by name."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.equality.walk import Difference, found

if TYPE_CHECKING:
    from jupyter_zflow.verify.equality.walk import Compare, Walk

_CODE = (
    "co_name", "co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_flags",
    "co_argcount", "co_posonlyargcount", "co_kwonlyargcount",
)  # fmt: skip
"""What a code object does; where it was written does not count."""
_FUNCTION = (
    "__code__", "__defaults__", "__kwdefaults__", "__closure__", "__annotations__", "__doc__",
    "__qualname__", "__dict__",
)  # fmt: skip
_NO_MEMBERS = frozenset(
    {"__dict__", "__weakref__", "__module__", "__firstlineno__", "__static_attributes__",
     "_abc_impl", "__slotnames__", "__subclasshook__"}
)  # fmt: skip
"""Entries of a class that tell nothing, or that looking at the class makes."""


def family(value: Any) -> Compare | None:
    """Return how code is compared."""
    if isinstance(value, types.FunctionType):
        return _function
    if isinstance(value, types.CodeType):
        return _code
    if isinstance(value, type):
        return _class
    return _OTHERS.get(type(value))


def _function(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return _attributes(walk, one, other, path, _FUNCTION)


def _attributes(
    walk: Walk, one: Any, other: Any, path: str, names: tuple[str, ...]
) -> Difference | None:
    for name in names:
        difference = walk.differ(
            getattr(one, name, None), getattr(other, name, None), f"{path}.{name}"
        )
        if difference is not None:
            return difference
    return None


def _code(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return _attributes(walk, one, other, path, _CODE) or walk.differ(
        one.co_consts, other.co_consts, f"{path}.co_consts"
    )


def _class(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    if one.__qualname__ != other.__qualname__ or one.__module__ != other.__module__:
        return found(path, one, other)
    bases = walk.differ(one.__bases__, other.__bases__, f"{path}.__bases__")
    if bases is not None:
        return bases
    members, others = _members(one), _members(other)
    if members.keys() != others.keys():
        left, right = sorted(members.keys() - others.keys()), sorted(others.keys() - members.keys())
        return Difference(path, f"members {left}", f"members {right}")
    for name, member in members.items():
        difference = walk.differ(member, others[name], f"{path}.{name}")
        if difference is not None:
            return difference
    return None


def _members(cls: type) -> dict[str, Any]:
    return {
        name: member
        for name, member in vars(cls).items()
        if name not in _NO_MEMBERS
        # Asking for annotations makes empty ones.
        and not (name == "__annotations__" and not member)
        and not isinstance(member, (types.MemberDescriptorType, types.GetSetDescriptorType))
    }


def _wrapped(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(one.__func__, other.__func__, path)


def _property(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return _attributes(walk, one, other, path, ("fget", "fset", "fdel", "__doc__"))


def _method(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return _attributes(walk, one, other, path, ("__func__", "__self__"))


def _by_name(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    return walk.differ(_name(one), _name(other), path)


def _name(thing: Any) -> tuple[Any, ...]:
    owner = getattr(thing, "__self__", None)
    kind = type(owner).__qualname__ if owner is not None else None
    return getattr(thing, "__qualname__", thing.__name__), getattr(thing, "__module__", None), kind


def _builtin(walk: Walk, one: Any, other: Any, path: str) -> Difference | None:
    owners = (getattr(one, "__self__", None), getattr(other, "__self__", None))
    difference = _by_name(walk, one, other, path)
    if difference is None and not isinstance(owners[0], types.ModuleType):
        difference = walk.differ(*owners, f"{path}.__self__")
    return difference


_OTHERS: dict[type, Compare] = {
    types.ModuleType: _by_name,
    types.BuiltinFunctionType: _builtin,
    types.WrapperDescriptorType: _by_name,
    types.MethodDescriptorType: _by_name,
    types.MethodType: _method,
    staticmethod: _wrapped,
    classmethod: _wrapped,
    property: _property,
}
