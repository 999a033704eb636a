"""Instances of the notebook's own classes, stored as they are.

pickle lets a class say what is stored of it (``__getstate__``, ``__reduce__``) and rebuilds lists
and dicts by their methods. That is for values that come back later; here the value goes on as if
nothing had happened, so nothing may be left out and no method of the class may run. What such a
class hides from pickle because it cannot be stored is refused by name instead.
"""

from __future__ import annotations

import copyreg
from typing import Any

MAIN = "__main__"

_CONTAINERS = (list, dict, set, bytearray)
_IMMUTABLE = (tuple, str, bytes, int, float, complex, frozenset)
_PLAIN = {object, *_CONTAINERS, *_IMMUTABLE}
_BYSTANDERS = {("abc", "ABC"), ("typing", "Generic"), ("typing", "Protocol")}
_HOOKS = frozenset(
    "__reduce__ __reduce_ex__ __getstate__ __setstate__ __getnewargs__ __getnewargs_ex__".split()
)


def takes(kind: type) -> bool:
    """Return whether instances of the class are stored here rather than by pickle's own rules."""
    own: list[type] = []
    others: list[type] = []
    for parent in kind.__mro__:
        (own if parent.__module__ == MAIN else others).append(parent)
    if not own:
        return False
    if issubclass(kind, BaseException):
        return True
    known = all(
        parent in _PLAIN or (parent.__module__, parent.__name__) in _BYSTANDERS for parent in others
    )
    if not known:
        return False
    return issubclass(kind, (*_CONTAINERS, *_IMMUTABLE)) or any(
        _HOOKS & vars(parent).keys() for parent in own
    )


def was_raised_from(error: BaseException) -> bool:
    """Return whether a library's exception says more than pickle would keep of it."""
    return error.__cause__ is not None or error.__context__ is not None


def reduce_instance(thing: Any) -> tuple[Any, ...]:
    """Reduce an instance to its class, its content and its attributes."""
    kind = type(thing)
    if isinstance(thing, BaseException):
        return _reduce_exception(thing)
    # A class may refuse to be pickled; what it would leave out is nobody's business here.
    if any("__reduce__" in vars(parent) for parent in kind.__mro__ if parent.__module__ == MAIN):
        thing.__reduce__()
    base = next(parent for parent in kind.__mro__ if parent in _PLAIN)
    if base in _IMMUTABLE:
        return (make, (kind, base, base(thing)), (None, *_attributes(thing)), None, None, fill)
    content = base(thing) if base in _CONTAINERS else None
    return (make, (kind, base), (content, *_attributes(thing)), None, None, fill)


def make(kind: type, base: Any, *content: Any) -> Any:
    """Make an instance without running code of its class."""
    return base.__new__(kind, *content)


def call(maker: Any, arguments: tuple[Any, ...]) -> Any:
    """Make a library's exception as the library says."""
    return maker(*arguments)


def fill(thing: Any, state: tuple[Any, dict[str, Any], dict[str, Any]]) -> None:
    """Give an instance its content and attributes without running code of its class."""
    content, attributes, slots = state
    if isinstance(content, list):
        list.extend(thing, content)
    elif isinstance(content, dict):
        dict.update(thing, content)
    elif isinstance(content, set):
        set.update(thing, content)
    elif isinstance(content, bytearray):
        bytearray.extend(thing, content)
    if attributes:
        object.__getattribute__(thing, "__dict__").update(attributes)
    for name, value in slots.items():
        object.__setattr__(thing, name, value)


def _attributes(thing: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        attributes = dict(object.__getattribute__(thing, "__dict__"))
    except AttributeError:
        attributes = {}
    slots = {}
    for name in copyreg._slotnames(type(thing)):  # type: ignore[attr-defined]  # noqa: SLF001
        try:
            slots[name] = object.__getattribute__(thing, name)
        except AttributeError:
            continue
    return attributes, slots


def _reduce_exception(error: BaseException) -> tuple[Any, ...]:
    kind = type(error)
    causes = (error.__cause__, error.__context__, error.__suppress_context__)
    if kind.__module__ != MAIN:
        reduced: Any = error.__reduce_ex__(4)
        maker, arguments = reduced[:2]
        state = (causes, *_attributes(error))
        return (call, (maker, arguments), state, None, None, fill_exception)
    base = next(parent for parent in kind.__mro__ if parent.__module__ != MAIN)
    return (
        make,
        (kind, base, *error.args),
        (causes, *_attributes(error)),
        None,
        None,
        fill_exception,
    )


def fill_exception(
    error: BaseException, state: tuple[tuple[Any, Any, bool], dict[str, Any], dict[str, Any]]
) -> None:
    """Give an exception its attributes and what it was raised from."""
    causes, attributes, slots = state
    fill(error, (None, attributes, slots))
    error.__cause__, error.__context__, error.__suppress_context__ = causes
