"""Operators: arithmetic, comparisons and tests, and the special methods behind them."""

from __future__ import annotations

import ast
from typing import Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import CONTAINERS, SCALARS, UNKNOWN_SCALAR, Ref, concatenate, join
from jupyter_zflow.analysis.interpreter.access import NAMESPACE, Access, called_name
from jupyter_zflow.analysis.interpreter.machine import HISTORY

_UNARY: Final = ("__neg__", "__pos__", "__invert__")

TRUTH: Final = ("__bool__", "__len__")
"""Special methods that a test for truth calls."""


_COMPARISONS: Final[dict[type[ast.cmpop], tuple[str, ...]]] = {
    ast.In: ("__contains__", "__iter__", "__next__"),
    ast.NotIn: ("__contains__", "__iter__", "__next__"),
    ast.Eq: ("__eq__",),
    ast.NotEq: ("__ne__", "__eq__"),
    ast.Lt: ("__lt__",),
    ast.LtE: ("__le__",),
    ast.Gt: ("__gt__",),
    ast.GtE: ("__ge__",),
}

_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitOr: "or",
    ast.BitAnd: "and",
    ast.BitXor: "xor",
    ast.MatMult: "matmul",
}


class Operators(Access):
    """Evaluates operators."""

    def on_BinOp(self, node: ast.BinOp) -> Ref:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        return self.operate(left, right, node)

    def operate(self, left: Ref, right: Ref, node: ast.BinOp | ast.AugAssign) -> Ref:
        """Return the result of a binary operator."""
        if left.type == right.type == "str" and isinstance(node.op, ast.Add):
            return concatenate([left, right])
        if left.type == "path" and isinstance(node.op, ast.Div):
            return concatenate([left, right], between="/", kind="path")
        if left.immutable and right.immutable and left.type in SCALARS and right.type in SCALARS:
            return Ref(type="str" if left.type == "str" else "scalar")
        for operand in (left, right):
            kind = knowledge.type_table(operand.type).arithmetic
            if kind:
                return Ref(frozenset({self.heap.new()}), kind)
        if left.type in CONTAINERS or right.type in CONTAINERS:
            kind = left.type if left.type in CONTAINERS else right.type
            return self.container(kind, [self.elements(left), self.elements(right)])
        name = _OPERATORS[type(node.op)]
        for operand, other, prefixes in ((left, right, ("", "i")), (right, left, ("r",))):
            if not self.instance_of.keys().isdisjoint(operand.roots):
                for prefix in prefixes:
                    self._special(operand, f"__{prefix}{name}__", [other], node.lineno)
        made = self.heap.new()
        roots = left.roots | right.roots
        if self.is_own(left, right):
            roots = self.heap.reach(roots)
        self.heap.link([made], roots)
        plain = frozenset(
            root for root in roots if root not in self.heap.code and root not in self.instance_of
        )
        return Ref(roots - plain | self.heap.few(plain) | {made})

    def on_UnaryOp(self, node: ast.UnaryOp) -> Ref:
        operand = self.evaluate(node.operand)
        if isinstance(node.op, ast.Not):
            self.protocol(operand, node.lineno, *TRUTH)
            return Ref(type="bool")
        self.protocol(operand, node.lineno, *_UNARY)
        if isinstance(operand.const, int | float) and isinstance(node.op, ast.USub):
            return Ref(type=operand.type, const=-operand.const)
        if operand.type in SCALARS:
            return UNKNOWN_SCALAR
        if self.is_own(operand):
            return Ref(self.heap.reach(operand.roots))
        kind = knowledge.type_table(operand.type).arithmetic
        return Ref(frozenset({self.heap.new()}), kind) if kind else operand

    def on_BoolOp(self, node: ast.BoolOp) -> Ref:
        first = self.evaluate(node.values[0])
        self.protocol(first, node.lineno, *TRUTH)
        self.weak += 1
        rest = [self.evaluate(value) for value in node.values[1:]]
        self.weak -= 1
        return join(first, *rest)

    def on_Compare(self, node: ast.Compare) -> Ref:
        operands = [node.left, *node.comparators]
        if _is_namespace_test(node):
            line = node.lineno
            self.any_name(line, f"{called_name(node.comparators[0])}()", writes=False)
            name = self.evaluate(node.left).text
            if name in HISTORY:
                self.lookup(name, line)
            return Ref(type="bool")
        refs = [self.evaluate(operand) for operand in operands[:2]]
        self.weak += 1
        refs += [self.evaluate(operand) for operand in operands[2:]]
        self.weak -= 1
        if (
            any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops)
            and not any(isinstance(operand, ast.Constant) for operand in operands)
            and not any(ref.path is not None or ref.type == "choice" for ref in refs)
        ):
            for ref, operand in zip(refs, operands, strict=True):
                self.test_identity(ref.roots)
                if ref.immutable and ref.path is None and ref.type not in {"None", "bool", "type"}:
                    self._ask_identity(operand)
        for left, op, right in zip(refs, node.ops, refs[1:], strict=False):
            owner, other = (right, left) if isinstance(op, ast.In | ast.NotIn) else (left, right)
            for method in _COMPARISONS.get(type(op), ()):
                self._special(owner, method, [other], node.lineno)
        for ref in refs:
            kind = knowledge.type_table(ref.type).arithmetic
            if kind and kind != "path":
                return Ref(frozenset({self.heap.new()}), kind)
            self._consume(
                ref, node.lineno, when=any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
            )
        if all(ref.immutable or ref.type in CONTAINERS for ref in refs):
            return Ref(type="bool")
        if self.is_own(*refs):
            return join(*(Ref(self.heap.reach(ref.roots)) for ref in refs))
        return Ref(frozenset({self.heap.new()}))

    def _ask_identity(self, operand: ast.expr) -> None:
        """Refuse ``is`` between numbers or strings of other processes: they come as copies."""
        for part in ast.walk(operand):
            if isinstance(part, ast.Name) and part.id in self.record.reads:
                why = "a number or string whose identity is asked about"
                self.record.bound.setdefault(part.id, why)


def _is_namespace_test(node: ast.Compare) -> bool:
    return (
        len(node.ops) == 1
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        and called_name(node.comparators[0]) in NAMESPACE
    )
