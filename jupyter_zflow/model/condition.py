"""The small language of ``when`` and ``for_each``: Python's, cut down to what is decided safely.

A condition compares values that exist before the stage would run: parameters, and what stages
before it saved or logged. ``auc > 0.8`` names a value; ``fit.auc`` says which stage's, by the
stage's name as a Python identifier. ``failed(fit)``, ``skipped(fit)`` and ``succeeded(fit)`` ask
how a stage ended that was allowed to fail or to be left out.

Only what means the same in Python and in the state machine's JSONata is accepted.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import get_close_matches

from jupyter_zflow.errors import SettingsError

ENDINGS = ("failed", "skipped", "succeeded")
"""Functions that ask how a stage ended."""
EXACT_INTEGER = 2**53
"""Larger integers lose digits in JSONata, which counts in doubles."""
_FORMS = (
    "names of parameters and results, stage.result, numbers, texts, lists, comparisons, "
    "in, and, or, not, + - * /, len(...), failed(stage), skipped(stage), succeeded(stage)"
)
_COMPARISONS = (
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn, ast.Is, ast.IsNot,
)  # fmt: skip
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Reference:
    """A value that is named: a parameter, or what a stage saved or logged."""

    name: str
    stage: str | None = None
    """The stage as an identifier; None leaves it to whoever resolves the name."""

    def __str__(self) -> str:
        return self.name if self.stage is None else f"{self.stage}.{self.name}"


@dataclass(frozen=True)
class Condition:
    """A condition that was read."""

    text: str
    tree: ast.expr
    references: tuple[Reference, ...]
    asked: tuple[str, ...]
    """Stages, as identifiers, that it asks how they ended."""


@dataclass(frozen=True)
class Loop:
    """``variable in items``."""

    text: str
    variable: str
    items: Reference


def parse_condition(text: str) -> Condition:
    """Return the condition.

    Raises
    ------
    SettingsError
        It is not Python, or more than a condition may be.
    """
    tree = _parsed(text, "when")
    references: dict[Reference, None] = {}
    asked: dict[str, None] = {}
    _look(tree, text, references, asked)
    if isinstance(tree, ast.Constant) or not (references or asked):
        raise _wrong(text, "it depends on nothing")
    return Condition(text, tree, tuple(references), tuple(asked))


def parse_loop(text: str) -> Loop:
    """Return the loop.

    Raises
    ------
    SettingsError
        It is not ``variable in items``.
    """
    tree = _parsed(text, "for_each")
    match tree:
        case ast.Compare(left=ast.Name(id=variable), ops=[ast.In()], comparators=[right]):
            items = reference(right)
            if items is not None:
                return Loop(text, variable, items)
    raise SettingsError(
        f"for_each is {text!r}, which does not say what each item is called.",
        remedy="Write it like 'region in regions': a parameter that takes each item, and a "
        "parameter or an earlier stage's list.",
    )


def reference(node: ast.expr) -> Reference | None:
    """Return what a name or ``stage.name`` refers to."""
    match node:
        case ast.Name(id=name):
            return Reference(name)
        case ast.Attribute(value=ast.Name(id=stage), attr=name):
            return Reference(name, stage)
    return None


def ending(node: ast.expr) -> tuple[str, str] | None:
    """Return function and stage of ``failed(stage)`` and its like."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=stage)], keywords=[]):
            return (name, stage) if name in ENDINGS else None
    return None


def length(node: ast.expr) -> ast.expr | None:
    """Return what ``len(...)`` is asked about."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[inner], keywords=[]):
            return inner
    return None


def _parsed(text: str, field: str) -> ast.expr:
    try:
        return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", str(error))
        raise SettingsError(
            f"{field} is {text!r}, which is not a Python expression: {reason}.",
            remedy="Write it like 'auc > 0.8'." if field == "when" else "",
        ) from None


def _look(
    node: ast.expr, text: str, references: dict[Reference, None], asked: dict[str, None]
) -> None:
    if (found := reference(node)) is not None:
        references[found] = None
        return
    if (ended := ending(node)) is not None:
        asked[ended[1]] = None
        return
    for inner in _inside(node, text):
        _look(inner, text, references, asked)


def _inside(node: ast.expr, text: str) -> list[ast.expr]:
    """Return the parts of an expression, or raise when its form is not allowed."""
    if (measured := length(node)) is not None:
        return [measured]
    match node:
        case ast.Constant(value=value):
            _check_constant(value, text)
            return []
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return items
        case ast.BoolOp(values=values):
            return values
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            return [operand]
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
            return [left, right]
        case ast.Compare(left=left, ops=ops, comparators=others) if all(
            isinstance(op, _COMPARISONS) for op in ops
        ):
            _check_is(ops, others, text)
            return [left, *others]
    hint = ""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        near = get_close_matches(node.func.id, (*ENDINGS, "len"), n=1)
        hint = f"; did you mean {near[0]!r}" if near else ""
    raise _wrong(text, f"{ast.unparse(node)!r} cannot be decided by the state machine{hint}")


def _check_constant(value: object, text: str) -> None:
    if not isinstance(value, bool | int | float | str | None):
        raise _wrong(text, f"{value!r} is no JSON value")
    if isinstance(value, int | float) and not abs(value) <= EXACT_INTEGER:
        raise _wrong(text, f"{value} is too large to be compared exactly")


def _check_is(ops: list[ast.cmpop], others: list[ast.expr], text: str) -> None:
    for op, other in zip(ops, others, strict=True):
        if isinstance(op, ast.Is | ast.IsNot) and not (
            isinstance(other, ast.Constant) and other.value is None
        ):
            raise _wrong(text, "'is' can only ask for None; use ==")
        if isinstance(op, ast.In | ast.NotIn) and not (
            isinstance(other, ast.List | ast.Tuple) or reference(other) is not None
        ):
            raise _wrong(text, "'in' needs a list")


def _wrong(text: str, reason: str) -> SettingsError:
    return SettingsError(f"when is {text!r}: {reason}.", remedy=f"Allowed are {_FORMS}.")
