"""What a parameter's annotation, or else its default, lets through.

An annotation is read as text and never evaluated: it may name things that only the notebook's
kernel knows. A name that means nothing here leaves the type of the default to decide.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jupyter_zflow.errors import ParameterError

if TYPE_CHECKING:
    from jupyter_zflow.model.value import Json

Check = Callable[[Any], bool]

_WRAPPERS = {"Annotated", "Final", "ClassVar", "Required", "NotRequired"}
_LISTS = {"list", "List", "Sequence", "MutableSequence", "Iterable", "Collection"}
_MAPPINGS = {"dict", "Dict", "Mapping", "MutableMapping"}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SIMPLE: dict[str, Check] = {
    "int": _is_int,
    "float": _is_number,
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "None": lambda value: value is None,
    "NoneType": lambda value: value is None,
    "Any": lambda _value: True,
    "object": lambda _value: True,
    "tuple": lambda value: isinstance(value, list),
    "Tuple": lambda value: isinstance(value, list),
    **dict.fromkeys(_LISTS, lambda value: isinstance(value, list)),
    **dict.fromkeys(_MAPPINGS, lambda value: isinstance(value, dict)),
}


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a parameter takes."""

    name: str
    text: str
    """The type in words of the author, or ``int, like 3``."""
    check: Check
    wants_float: bool
    wants_tuple: bool = False

    @property
    def python(self) -> str | None:
        """The type that JSON loses, ``float`` or ``tuple``."""
        return "float" if self.wants_float else "tuple" if self.wants_tuple else None

    def accepts(self, value: Any) -> bool:
        """Say whether the value has the type."""
        return self.check(value)

    def coerce(self, value: Any) -> Json:
        """Return the value, whole numbers as floats where a float is promised."""
        if not self.check(value):
            message = f"the parameter {self.name!r} is {self.text}; it cannot be {value!r}."
            raise ParameterError(message)
        if self.wants_float and _is_int(value):
            try:
                return float(value)
            except OverflowError:
                message = f"the parameter {self.name!r} is {self.text}; {value} is too large."
                raise ParameterError(message) from None
        return cast("Json", value)


def expectation(name: str, annotation: str | None, default: Json) -> Expectation:
    """Return what a parameter with this annotation and this default takes."""
    check: Check | None = None
    if annotation is not None:
        try:
            check = _checker(ast.parse(annotation.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError):
            check = None
    if annotation is not None and check is not None:
        return Expectation(name, annotation, check, _only_float(check), _is_tuple(annotation))
    if default is None:
        return Expectation(name, annotation or "anything", _SIMPLE["Any"], wants_float=False)
    kind = type(default).__name__
    text = f"{kind}, like its default {default!r}"
    return Expectation(name, text, _like(default), wants_float=kind == "float")


def _is_tuple(annotation: str) -> bool:
    """Say whether the annotation is a tuple and nothing else."""
    return annotation.strip().split("[")[0].rpartition(".")[2] in {"tuple", "Tuple"}


def _only_float(check: Check) -> bool:
    """Say whether whole numbers are taken as floats: ``float`` yes, ``int | float`` no."""
    return check(0.5) and check(1) and not _names_int(check)


def _names_int(check: Check) -> bool:
    return getattr(check, "takes_int", False)


def _like(default: Json) -> Check:
    """Take values of the default's type; a whole number may become a fraction, all may be None."""
    same = _is_number if _is_number(default) else _SIMPLE[type(default).__name__]
    return lambda value: value is None or same(value)


def _checker(node: ast.expr) -> Check | None:
    """Return the check that an annotation means; ``None`` when it is not known."""
    if isinstance(node, ast.Constant):
        if node.value is None:
            return _SIMPLE["None"]
        if isinstance(node.value, str):
            return _checker(ast.parse(node.value.strip(), mode="eval").body)
        return None
    if isinstance(node, ast.Name | ast.Attribute):
        name = _last_name(node)
        return _Int() if name == "int" else _SIMPLE.get(name)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _any_of([_checker(node.left), _checker(node.right)])
    if isinstance(node, ast.Subscript):
        return _subscript(_last_name(node.value), _elements(node.slice))
    return None


def _subscript(name: str, elements: list[ast.expr]) -> Check | None:
    if name == "Literal":
        return _literal(elements)
    if name in _WRAPPERS:
        return _checker(elements[0])
    if name == "Optional":
        return _any_of([_checker(elements[0]), _SIMPLE["None"]])
    if name == "Union":
        return _any_of([_checker(element) for element in elements])
    if name in _LISTS:
        inner = _checker(elements[0])
        return _items(inner or _SIMPLE["Any"])
    if name in _MAPPINGS:
        inner = (_checker(elements[1]) if len(elements) > 1 else None) or _SIMPLE["Any"]
        return _values(inner)
    if name in {"tuple", "Tuple"}:
        return _tuple(elements)
    return None


def _literal(elements: list[ast.expr]) -> Check | None:
    try:
        allowed = [ast.literal_eval(element) for element in elements]
    except ValueError:
        return None
    # True == 1 in Python, but not in a Literal.
    return lambda value: any(type(item) is type(value) and item == value for item in allowed)


def _items(inner: Check) -> Check:
    return lambda value: isinstance(value, list) and all(inner(item) for item in value)


def _values(inner: Check) -> Check:
    return lambda value: isinstance(value, dict) and all(inner(item) for item in value.values())


def _tuple(elements: list[ast.expr]) -> Check:
    last = elements[-1] if elements else None
    if isinstance(last, ast.Constant) and last.value is ...:
        return _items(_checker(elements[0]) or _SIMPLE["Any"])
    checks = [_checker(element) or _SIMPLE["Any"] for element in elements]
    return lambda value: (
        isinstance(value, list)
        and len(value) == len(checks)
        and all(check(item) for check, item in zip(checks, value, strict=True))
    )


class _Int:
    """The check for ``int``, marked so that ``int | float`` keeps whole numbers whole."""

    takes_int = True

    def __call__(self, value: Any) -> bool:
        return _is_int(value)


@dataclass(frozen=True)
class _any_of:  # noqa: N801  (reads as a function)
    """A union; an alternative that is not known lets everything through."""

    checks: list[Check | None]

    @property
    def takes_int(self) -> bool:
        """Whether one alternative is ``int`` itself."""
        return any(check is not None and _names_int(check) for check in self.checks)

    def __call__(self, value: Any) -> bool:
        return any(check is None or check(value) for check in self.checks)


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
