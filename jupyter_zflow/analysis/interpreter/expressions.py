"""What expressions evaluate to, and what evaluating them does."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.code import (
    COMPREHENSIONS,
    Code,
    FunctionNode,
    annotation_expressions,
)
from jupyter_zflow.analysis.heap import (
    MISSING,
    Ref,
    concatenate,
    join,
)
from jupyter_zflow.analysis.interpreter.access import (
    COMPREHENSION,
    NAMESPACE,
    called_name,
)
from jupyter_zflow.analysis.interpreter.arguments import Arguments
from jupyter_zflow.analysis.interpreter.operators import TRUTH, Operators
from jupyter_zflow.analysis.scope import Frame

if TYPE_CHECKING:
    from collections.abc import Callable

_PLAIN: Final = {
    type(None): "None",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    complex: "complex",
    type(...): "ellipsis",
}
_COMPREHENSION_TYPES: Final = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}

_KEEPING_ORDER: Final = frozenset("list tuple zip enumerate map filter iter reversed".split())
_ITERATING: Final = frozenset(
    "list tuple set dict sorted sum min max any all zip enumerate map filter frozenset iter "
    "reversed".split()
)
_LOOKING: Final = frozenset("print len sorted list set dict repr str any all bool".split())
"""Built-ins that only look at a namespace that they are given."""
_LOOKING_METHODS: Final = frozenset("get items keys values copy".split())


class Expressions(Operators):
    """Evaluates expressions."""

    @abstractmethod
    def super_method(self, name: str, arguments: Arguments, line: int) -> Ref:
        """Call a method of ``super()``."""

    @abstractmethod
    def namespace(self, node: ast.Call, name: str) -> Ref:
        """Evaluate ``globals()`` and the like."""

    def evaluate(self, node: ast.expr) -> Ref:
        """Return what an expression may be, noting what evaluating it does."""
        method: Callable[[ast.expr], Ref] | None = getattr(self, f"on_{type(node).__name__}", None)
        if method is not None:
            return method(node)
        return join(
            *[
                self.evaluate(child)
                for child in ast.iter_child_nodes(node)
                if isinstance(child, ast.expr)
            ]
        )

    def on_Constant(self, node: ast.Constant) -> Ref:
        return Ref(type=_PLAIN.get(type(node.value), "scalar"), const=node.value)

    def on_Name(self, node: ast.Name) -> Ref:
        return self.lookup(node.id, node.lineno)

    def on_JoinedStr(self, node: ast.JoinedStr) -> Ref:
        parts = [self.evaluate(value) for value in node.values]
        return concatenate(parts)

    def on_FormattedValue(self, node: ast.FormattedValue) -> Ref:
        value = self.evaluate(node.value)
        self.protocol(value, node.lineno, "__format__", "__str__", "__repr__")
        if node.format_spec is not None or node.conversion != -1:
            return Ref(type="str")
        return value if value.const is not MISSING else Ref(type="str", glob=value.glob)

    def on_List(self, node: ast.List) -> Ref:
        return self.container("list", [self.evaluate(item) for item in node.elts])

    def on_Set(self, node: ast.Set) -> Ref:
        return self.container("set", [self.evaluate(item) for item in node.elts])

    def on_Tuple(self, node: ast.Tuple) -> Ref:
        return self.container("tuple", [self.evaluate(item) for item in node.elts])

    def on_Dict(self, node: ast.Dict) -> Ref:
        held = [self.evaluate(key) for key in node.keys if key is not None]
        for key, value in zip(node.keys, node.values, strict=True):
            ref = self.evaluate(value)
            if key is None:
                self.protocol(ref, value.lineno, "keys", "__getitem__", "__iter__", "__next__")
            held.append(ref if key is not None else self.inside(ref))
        return self.container("dict", held)

    def on_Starred(self, node: ast.Starred) -> Ref:
        return self.iterate(node.value)

    def on_IfExp(self, node: ast.IfExp) -> Ref:
        self.protocol(self.evaluate(node.test), node.lineno, *TRUTH)
        self.weak += 1
        result = join(self.evaluate(node.body), self.evaluate(node.orelse))
        self.weak -= 1
        return result

    def on_NamedExpr(self, node: ast.NamedExpr) -> Ref:
        ref = self.evaluate(node.value)
        frame = self.frame
        while frame is not None and frame.local == COMPREHENSION:
            frame = frame.parent
        outer, self.frame = self.frame, frame
        self.assign(node.target, ref)
        self.frame = outer
        return ref

    def on_Await(self, node: ast.Await) -> Ref:
        return self.evaluate(node.value)

    def on_Yield(self, node: ast.Yield) -> Ref:
        if node.value is not None and self.frame is not None:
            self.frame.yielded.append(self.evaluate(node.value))
        return Ref()

    def on_YieldFrom(self, node: ast.YieldFrom) -> Ref:
        ref = self.iterate(node.value)
        if self.frame is not None:
            self.frame.yielded.append(ref)
        return Ref()

    def on_Attribute(self, node: ast.Attribute) -> Ref:
        return self.attribute(self.evaluate(node.value), node.attr, node.lineno)

    def on_Slice(self, node: ast.Slice) -> Ref:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part)
        return Ref(type="slice")

    def _comprehension(self, node: ast.expr) -> Ref:
        assert isinstance(node, COMPREHENSIONS)
        outer = self.frame
        first = self.iterate(node.generators[0].iter)
        self.frame = Frame(self.heap.new(), local=COMPREHENSION, parent=outer, weak_base=self.weak)
        self.weak += 1
        try:
            for position, generator in enumerate(node.generators):
                item = self.iterate(generator.iter) if position else first
                self.assign(generator.target, item)
                for condition in generator.ifs:
                    self.protocol(self.evaluate(condition), condition.lineno, *TRUTH)
            if isinstance(node, ast.DictComp):
                held = [self.evaluate(node.key), self.evaluate(node.value)]
            else:
                held = [self.evaluate(node.elt)]
        finally:
            self.weak -= 1
            self.frame = outer
        return self.container(_COMPREHENSION_TYPES[type(node)], held)

    on_ListComp = on_SetComp = on_DictComp = on_GeneratorExp = _comprehension

    def on_Lambda(self, node: ast.Lambda) -> Ref:
        return self.define(node)

    def define(self, node: FunctionNode) -> Ref:
        """Return the function that a definition makes; its body is followed when it is called."""
        code = Code(node, self.record.index, self.frame)
        for expression in annotation_expressions(node):
            self.annotation(expression)
        site = self.heap.new(code)
        args = node.args
        positional = [*args.posonlyargs, *args.args]
        for parameter, default in zip(
            positional[len(positional) - len(args.defaults) :], args.defaults, strict=True
        ):
            code.defaults[parameter.arg] = self.evaluate(default)
        for parameter, keyword in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            if keyword is not None:
                code.defaults[parameter.arg] = self.evaluate(keyword)
        for ref in code.defaults.values():
            self.heap.link([site], ref.roots)
        self._capture(site)
        return Ref(frozenset({site}), "function")

    def _capture(self, site: int) -> None:
        frame = self.frame
        while frame is not None:
            self.heap.link([site], [frame.site])
            for ref in frame.names.values():
                self.heap.link([frame.site], ref.roots)
            frame = frame.parent

    def annotation(self, node: ast.expr) -> None:
        """Evaluate an annotation; quoted ones are text to Python and to us."""
        self.forgiving += 1
        self.evaluate(node)
        self.forgiving -= 1

    def arguments(self, node: ast.Call) -> Arguments:
        """Evaluate the arguments of a call."""
        result = Arguments()
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                result.spread.append(self.evaluate(argument.value))
            elif result.spread:
                result.spread.append(self.container("tuple", [self.evaluate(argument)]))
            else:
                result.positional.append(self.evaluate(argument))
        for word in node.keywords:
            ref = self.evaluate(word.value)
            if word.arg is None:
                result.spread.append(ref)
                result.spread_keywords.append(ref)
            else:
                result.keywords[word.arg] = ref
        return result

    def on_Call(self, node: ast.Call) -> Ref:
        func = node.func
        if isinstance(func, ast.Attribute):
            return self._call_attribute(node, func)
        target = self.evaluate(func)
        if target.type == "object" and isinstance(func, ast.Name) and target.const == func.id:
            special = getattr(self, f"call_{func.id}", None)
            if special is not None:
                result: Ref = special(node)
                return result
            if func.id in NAMESPACE and not node.args:
                return self.namespace(node, func.id)
        looks = target.path in _LOOKING and self._only_shows(node)
        self.only_looks += looks
        arguments = self.arguments(node)
        self.only_looks -= looks
        if target.path in knowledge.BUILTINS:
            for ref in arguments.positional:
                self.protocol(ref, node.lineno)
                if target.path in _ITERATING:
                    self._consume(ref, node.lineno)
                if target.path in _KEEPING_ORDER:
                    self.walk(ref, node.lineno)
        return self.call(target, arguments, node.lineno, text=ast.unparse(func)[:40])

    def _only_shows(self, node: ast.Call) -> bool:
        """Return whether a namespace is an argument, and nothing is done to it before."""
        inside = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        return all(
            part in node.args or not self.is_namespace(part) for part in inside if part is not node
        )

    def _call_attribute(self, node: ast.Call, func: ast.Attribute) -> Ref:
        owner = called_name(func.value)
        if owner == "get_ipython":
            return self.interactive(func.attr, self.arguments(node), node)
        if owner == "super":
            return self.super_method(func.attr, self.arguments(node), node.lineno)
        looks = self.is_namespace(func.value) and func.attr in _LOOKING_METHODS
        self.only_looks += looks
        receiver = self.evaluate(func.value)
        self.only_looks -= looks
        arguments = self.arguments(node)
        if receiver.type == "IPython":
            return self.interactive(func.attr, arguments, node)
        if func.attr == "cache_info":
            self._ask(receiver, "a function whose cache is asked about")
        elif func.attr == "__subclasses__":
            self.any_name(node.lineno, "__subclasses__()", writes=False)
        if receiver.path is not None:
            return self.call_path(f"{receiver.path}.{func.attr}", arguments, node.lineno)
        if receiver.type == "choice":
            method = self.attribute(receiver, func.attr, node.lineno)
            return self.call(method, arguments, node.lineno, text=f".{func.attr}")
        return self.call_method(receiver, func.attr, arguments, node.lineno)
