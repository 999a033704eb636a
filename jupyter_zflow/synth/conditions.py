"""From a condition in Python to JSONata that decides the same, or fails.

Python and JSONata disagree quietly in a few places: what counts as true, ``True == 1``, and ``in``
with something that is no list. Where the types are not known, the JSONata says what it expects and
fails with a reason instead of deciding something else.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from jupyter_zflow.model.condition import ending, length, reference
from jupyter_zflow.synth.expressions import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.model.condition import Condition, Reference

    Resolve = Callable[[Reference], str]

_WORDS = {"true", "false", "null", "function", "and", "or", "in"}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_COMPUTED: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


def field(variable: str, name: str) -> str:
    """Return the JSONata of a field of a variable."""
    plain = re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) and name not in _WORDS
    return f"${variable}.{name}" if plain else f"$lookup(${variable}, {quoted(name)})"


def flag(state: str) -> str:
    """Return the JSONata of how a stage ended that did not do its work; else it has no value."""
    return f"$lookup($states.input, {quoted(state)})"


def absent(state: str) -> str:
    """Return the JSONata that tells whether a stage did not do its work."""
    return f"$exists({flag(state)})"


def a_list(source: str, what: str) -> str:
    """Return the JSONata of a value that must be a list."""
    return f"($type({source}) = 'array' ? {source} : $error({quoted(f'{what} is not a list')}))"


def translated(condition: Condition, *, resolve: Resolve, state_of: Callable[[str], str]) -> str:
    """Return the condition as JSONata.

    Parameters
    ----------
    resolve
        Gives the JSONata of a value that is named.
    state_of
        Gives the state of a stage that is asked how it ended.
    """
    return _Translator(resolve, state_of).truth(condition.tree, outermost=True)


class _Translator:
    def __init__(self, resolve: Resolve, state_of: Callable[[str], str]) -> None:
        self._resolve = resolve
        self._state_of = state_of

    def truth(self, node: ast.expr, *, outermost: bool = False) -> str:
        """Return JSONata that is true or false, or fails."""
        if (ended := ending(node)) is not None:
            word, stage = ended
            state = self._state_of(stage)
            if word == "succeeded":
                return f"$not({absent(state)})"
            return f"{flag(state)} = {quoted(word)}"
        match node:
            case ast.BoolOp(op=op, values=values):
                word = " and " if isinstance(op, ast.And) else " or "
                text = word.join(self._part(value) for value in values)
                return text if outermost else f"({text})"
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return f"$not({self.truth(operand, outermost=True)})"
            case ast.Compare():
                return self._compare(node)
        value = self.value(node)
        said = quoted(f"{ast.unparse(node)} is neither true nor false")
        return f"($type({value}) = 'boolean' ? {value} : $error({said}))"

    def _part(self, node: ast.expr) -> str:
        text = self.truth(node)
        # Comparisons bind closer than and/or; several of them in a row are joined by "and".
        several = isinstance(node, ast.Compare) and len(node.ops) > 1
        return f"({text})" if several else text

    def value(self, node: ast.expr) -> str:
        """Return the JSONata of a value."""
        if (named := reference(node)) is not None:
            return self._resolve(named)
        if (measured := length(node)) is not None:
            inner = self.value(measured)
            return f"($type({inner}) = 'string' ? $length({inner}) : $count({inner}))"
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return f"[{', '.join(map(self.value, items))}]"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self.value(operand)}"
            case ast.BinOp(left=left, op=op, right=right):
                return f"({self.value(left)} {_COMPUTED[type(op)]} {self.value(right)})"
        return f"({self.truth(node, outermost=True)})"

    def _compare(self, node: ast.Compare) -> str:
        parts = []
        left = node.left
        for op, right in zip(node.ops, node.comparators, strict=True):
            parts.append(self._pair(left, op, right))
            left = right
        return " and ".join(parts)

    def _pair(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        match op:
            case ast.Eq() | ast.Is():
                return self._equal(left, right)
            case ast.NotEq() | ast.IsNot():
                text = self._equal(left, right)
                return text.replace(" = ", " != ", 1) if _plain(text) else f"$not({text})"
            case ast.In():
                return self._member(left, right)
            case ast.NotIn():
                return f"$not({self._member(left, right)})"
        return f"{self.value(left)} {_COMPARED[type(op)]} {self.value(right)}"

    def _equal(self, left: ast.expr, right: ast.expr) -> str:
        one, other = self.value(left), self.value(right)
        if not (_may_be_both(left) and _may_be_both(right)):
            return f"{one} = {other}"
        # True == 1 in Python only.
        mixed = (
            f"$sort([$type({one}), $type({other})]) = ['boolean', 'number']"
            if not isinstance(right, ast.Constant)
            else f"$type({one}) = '{_other_type(right.value)}'"
        )
        said = quoted(f"{ast.unparse(left)} == {ast.unparse(right)} compares a number and a truth")
        return f"({mixed} ? $error({said}) : {one} = {other})"

    def _member(self, left: ast.expr, right: ast.expr) -> str:
        if isinstance(right, ast.List | ast.Tuple):
            if all(isinstance(i, ast.Constant) and isinstance(i.value, str) for i in right.elts):
                return f"{self.value(left)} in {self.value(right)}"
            return f"({' or '.join(self._equal(left, item) for item in right.elts) or 'false'})"
        return f"{self.value(left)} in {a_list(self.value(right), ast.unparse(right))}"


def _plain(text: str) -> bool:
    return "?" not in text and text.count(" = ") == 1


def _may_be_both(node: ast.expr) -> bool:
    """Return whether a value may be equal to a truth value and to a number in Python."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool | int | float) and node.value in {0, 1}
    return reference(node) is not None


def _other_type(value: object) -> str:
    return "number" if isinstance(value, bool) else "boolean"


def _constant(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)
