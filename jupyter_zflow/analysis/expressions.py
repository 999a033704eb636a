"""What expressions evaluate to, and what evaluating them does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.calls import Arguments, Calls
from jupyter_zflow.analysis.code import (
    COMPREHENSIONS,
    Code,
    FunctionNode,
    annotation_expressions,
)
from jupyter_zflow.analysis.heap import (
    CONTAINERS,
    MISSING,
    SCALARS,
    UNKNOWN_SCALAR,
    Ref,
    concatenate,
    join,
)
from jupyter_zflow.analysis.machine import HISTORY
from jupyter_zflow.analysis.scope import Frame
from jupyter_zflow.analysis.transform import parse_fragment

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
_NAMESPACE: Final = frozenset({"globals", "locals", "vars", "dir"})


class Expressions(Calls):
    """Evaluates expressions."""

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

    # -- atoms -----------------------------------------------------------------------------

    def on_Constant(self, node: ast.Constant) -> Ref:
        return Ref(type=_PLAIN.get(type(node.value), "scalar"), const=node.value)

    def on_Name(self, node: ast.Name) -> Ref:
        return self.lookup(node.id, node.lineno)

    def on_JoinedStr(self, node: ast.JoinedStr) -> Ref:
        parts = [self.evaluate(value) for value in node.values]
        return concatenate(parts)

    def on_FormattedValue(self, node: ast.FormattedValue) -> Ref:
        value = self.evaluate(node.value)
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
            held.append(ref if key is not None else self.inside(ref))
        return self.container("dict", held)

    def on_Starred(self, node: ast.Starred) -> Ref:
        return self.iterate(node.value)

    # -- operators -------------------------------------------------------------------------

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
            made = self.heap.new()
            self.heap.link([made], left.roots | right.roots)
            return Ref(frozenset({made}), kind)
        for operand, other in ((left, right), (right, left)):
            for site in sorted(operand.roots):
                if site in self.instance_of:
                    self._special(operand, _OPERATORS.get(type(node.op), ""), [other], node.lineno)
        made = self.heap.new()
        roots = left.roots | right.roots
        self.heap.link([made], roots)
        return Ref(roots | {made})

    def on_UnaryOp(self, node: ast.UnaryOp) -> Ref:
        operand = self.evaluate(node.operand)
        if isinstance(node.op, ast.Not):
            return Ref(type="bool")
        if isinstance(operand.const, int | float) and isinstance(node.op, ast.USub):
            return Ref(type=operand.type, const=-operand.const)
        if operand.type in SCALARS:
            return UNKNOWN_SCALAR
        kind = knowledge.type_table(operand.type).arithmetic
        return Ref(frozenset({self.heap.new()}), kind) if kind else operand

    def on_BoolOp(self, node: ast.BoolOp) -> Ref:
        first = self.evaluate(node.values[0])
        self.weak += 1
        rest = [self.evaluate(value) for value in node.values[1:]]
        self.weak -= 1
        return join(first, *rest)

    def on_Compare(self, node: ast.Compare) -> Ref:
        operands = [node.left, *node.comparators]
        if _is_namespace_test(node):
            line = node.lineno
            self.any_name(line, f"{_call_name(node.comparators[0])}()", writes=False)
            name = self.evaluate(node.left).text
            if name in HISTORY:
                self.lookup(name, line)
            return Ref(type="bool")
        refs = [self.evaluate(operand) for operand in operands]
        if any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops) and not any(
            isinstance(operand, ast.Constant) for operand in operands
        ):
            for ref in refs:
                self.test_identity(ref.roots)
        for ref in refs:
            kind = knowledge.type_table(ref.type).arithmetic
            if kind and kind != "path":
                return Ref(frozenset({self.heap.new()}), kind)
            self._consume(
                ref, node.lineno, when=any(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
            )
        if all(ref.immutable or ref.type in CONTAINERS for ref in refs):
            return Ref(type="bool")
        return Ref(frozenset({self.heap.new()}))

    def on_IfExp(self, node: ast.IfExp) -> Ref:
        self.evaluate(node.test)
        self.weak += 1
        result = join(self.evaluate(node.body), self.evaluate(node.orelse))
        self.weak -= 1
        return result

    def on_NamedExpr(self, node: ast.NamedExpr) -> Ref:
        ref = self.evaluate(node.value)
        frame = self.frame
        while frame is not None and frame.local == _COMPREHENSION:
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

    # -- attributes, subscripts, iteration ---------------------------------------------------

    def on_Attribute(self, node: ast.Attribute) -> Ref:
        return self.attribute(self.evaluate(node.value), node.attr, node.lineno)

    def attribute(self, value: Ref, name: str, line: int) -> Ref:
        """Return ``value.name``."""
        if value.path is not None:
            path = f"{value.path}.{name}"
            self.use_local_module(path, line, calls=False)
            if path in knowledge.CONSTANTS:
                return UNKNOWN_SCALAR
            return Ref(value.roots, "object", path)
        for site in sorted(value.roots):
            if site in self.instance_of:
                for hook in ("__getattribute__", "__getattr__"):
                    if self.member(site, hook) is not None:
                        self._special(value, hook, [Ref(type="str")], line)
                member = self.member(site, name)
                if member is not None and self._is_property(member):
                    return self._call_member(member, value, Arguments(), line)
                if member is not None and any(root in self.instance_of for root in member.roots):
                    self._special(member, "__get__", [value], line)
        if name == "cache_info":
            self._ask(value, "a function whose cache is asked about")
        elif name == "base" and value.type == "numpy":
            self._ask(value, "an array whose base is asked about")
        elif name == "__subclasses__":
            self.any_name(line, "__subclasses__()", writes=False)
        table = knowledge.type_table(value.type)
        kind = table.attributes.get(name, "")
        if kind in SCALARS or kind == "path":
            return Ref(type=kind)
        if value.immutable:
            return UNKNOWN_SCALAR if value.type in SCALARS else Ref()
        if kind:
            return Ref(value.roots, kind)
        return Ref(self.heap.reach(value.roots))

    def _ask(self, value: Ref, why: str) -> None:
        """Refuse a question that only the process that made the value can answer."""
        for name in self._seen_by(value.roots):
            if name in self.record.reads:
                self.record.bound.setdefault(name, why)

    def _is_property(self, member: Ref) -> bool:
        return any(
            {"property", "cached_property"} & set(self.heap.code[site].decorators)
            for site in member.roots
            if site in self.heap.code
        )

    def on_Subscript(self, node: ast.Subscript) -> Ref:
        value = self.evaluate(node.value)
        if _call_name(node.value) in _NAMESPACE:
            return Ref(self.heap.reach(value.roots))
        index = self.evaluate(node.slice)
        if value.path is not None:
            if knowledge.state_of(value.path):
                return UNKNOWN_SCALAR
            return Ref(value.roots, "object", value.path)
        for site in sorted(value.roots):
            if site in self.instance_of:
                return self._special(value, "__getitem__", [index], node.lineno)
        table = knowledge.type_table(value.type)
        if value.type == "pandas" and (
            isinstance(node.slice, ast.List | ast.Compare | ast.BoolOp)
            or index.type in {"list", "pandas", "numpy"}
        ):
            made = self.heap.new()
            self.heap.link([made], value.roots)
            return Ref(frozenset({made}), "pandas")
        if value.immutable:
            return Ref(type=table.item if table.item in SCALARS else "scalar")
        return Ref(self.heap.reach(value.roots), table.item)

    def on_Slice(self, node: ast.Slice) -> Ref:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(part)
        return Ref(type="slice")

    def iterate(self, node: ast.expr) -> Ref:
        """Return what iterating over an expression yields."""
        ref = self.evaluate(node)
        self._consume(ref, node.lineno)
        for site in sorted(ref.roots):
            if site in self.instance_of:
                for method in ("__iter__", "__next__"):
                    self._special(ref, method, [], node.lineno)
        return self.inside(ref)

    def _consume(self, ref: Ref, line: int, *, when: bool = True) -> None:
        """Note that iterating uses up a generator, or a value that may be one."""
        if not when or ref.immutable or ref.path is not None:
            return
        table = knowledge.type_table(ref.type)
        if table.consumed:
            self.change(ref.roots, line)
        elif not ref.type:
            self.change(ref.roots, line, reason="iterating may use it up")

    def _special(self, value: Ref, name: str, given: list[Ref], line: int) -> Ref:
        results = []
        for site in sorted(value.roots):
            method = self.member(site, name) if site in self.instance_of and name else None
            if method is not None:
                results.append(self._call_member(method, value, Arguments(given), line))
        if results:
            return join(*results)
        return Ref(self.heap.reach(value.roots))

    # -- comprehensions and functions ---------------------------------------------------------

    def _comprehension(self, node: ast.expr) -> Ref:
        assert isinstance(node, COMPREHENSIONS)
        outer = self.frame
        first = self.iterate(node.generators[0].iter)
        self.frame = Frame(self.heap.new(), local=_COMPREHENSION, parent=outer, weak_base=self.weak)
        self.weak += 1
        try:
            for position, generator in enumerate(node.generators):
                item = self.iterate(generator.iter) if position else first
                self.assign(generator.target, item)
                for condition in generator.ifs:
                    self.evaluate(condition)
            if isinstance(node, ast.DictComp):
                held = [self.evaluate(node.key), self.evaluate(node.value)]
            else:
                held = [self.evaluate(node.elt)]
        finally:
            self.weak -= 1
            self.frame = outer
        return self.container(_COMPREHENSION_TYPES[type(node)], held)

    on_ListComp = on_SetComp = on_DictComp = on_GeneratorExp = _comprehension  # noqa: N815

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

    # -- calls -------------------------------------------------------------------------------

    def arguments(self, node: ast.Call) -> Arguments:
        """Evaluate the arguments of a call."""
        result = Arguments()
        for argument in node.args:
            if isinstance(argument, ast.Starred):
                result.spread.append(self.evaluate(argument.value))
            elif result.spread:
                result.spread.append(self.evaluate(argument))
            else:
                result.positional.append(self.evaluate(argument))
        for word in node.keywords:
            ref = self.evaluate(word.value)
            if word.arg is None:
                result.spread.append(ref)
            else:
                result.keywords[word.arg] = ref
        return result

    def on_Call(self, node: ast.Call) -> Ref:
        func = node.func
        if isinstance(func, ast.Attribute):
            if _call_name(func.value) == "get_ipython":
                return self.interactive(func.attr, self.arguments(node), node)
            if _call_name(func.value) == "super":
                return self._super(func.attr, self.arguments(node), node.lineno)
            receiver = self.evaluate(func.value)
            arguments = self.arguments(node)
            if func.attr == "cache_info":
                self._ask(receiver, "a function whose cache is asked about")
            elif func.attr == "__subclasses__":
                self.any_name(node.lineno, "__subclasses__()", writes=False)
            if receiver.path is not None:
                return self.call_path(f"{receiver.path}.{func.attr}", arguments, node.lineno)
            return self.call_method(receiver, func.attr, arguments, node.lineno)
        target = self.evaluate(func)
        if target.type == "object" and isinstance(func, ast.Name) and target.const == func.id:
            special = getattr(self, f"call_{func.id}", None)
            if special is not None:
                result: Ref = special(node)
                return result
            if func.id in _NAMESPACE and not node.args:
                return self._namespace(node, func.id)
        arguments = self.arguments(node)
        if target.path in knowledge.BUILTINS:
            for ref in arguments.positional:
                if target.path in _ITERATING:
                    self._consume(ref, node.lineno)
                    self._iterate_instance(ref, node.lineno)
        return self.call(target, arguments, node.lineno, text=ast.unparse(func)[:40])

    def _iterate_instance(self, ref: Ref, line: int) -> None:
        for site in sorted(ref.roots):
            if site in self.instance_of:
                for method in ("__iter__", "__next__", "__len__"):
                    self._special(ref, method, [], line)

    def _super(self, name: str, arguments: Arguments, line: int) -> Ref:
        me = next(iter(self.frame.names.values()), Ref()) if self.frame is not None else Ref()
        results = []
        for site in sorted(me.roots):
            owner = self.heap.code.get(self.instance_of.get(site, site))
            for base in owner.bases if owner is not None else ():
                for root in sorted(base.roots):
                    method = self.member(root, name)
                    if method is not None:
                        results.append(self._call_member(method, me, arguments, line))
        self.heap.link(me.roots, arguments.roots)
        return join(*results) if results else Ref(self.heap.reach(me.roots))

    def _namespace(self, node: ast.Call, name: str) -> Ref:
        if self.frame is not None and name in {"locals", "vars"}:
            return self.container("dict", self.frame.names.values())
        self.any_name(node.lineno, f"{name}()", writes=name != "dir")
        roots = frozenset[int]().union(*(binding.ref.roots for binding in self.env.values()))
        return Ref(roots | {self.heap.new()}, "dict" if name != "dir" else "list")

    def call_eval(self, node: ast.Call) -> Ref:
        """Look into a literal ``eval``; take any other to use every name."""
        arguments = self.arguments(node)
        text = arguments.positional[0].text if arguments.positional else None
        tree = None if text is None else parse_fragment(text, line=node.lineno)
        if tree is not None and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr):
            return self.evaluate(tree.body[0].value)
        self._dynamic(node, "eval()")
        return Ref(frozenset({self.heap.new()}))

    def call_exec(self, node: ast.Call) -> Ref:
        """Look into a literal ``exec``; take any other to use and bind every name."""
        arguments = self.arguments(node)
        text = arguments.positional[0].text if arguments.positional else None
        tree = None if text is None else parse_fragment(text, line=node.lineno)
        if tree is not None and len(node.args) == 1 and self.frame is None:
            self.execute(tree.body)
        else:
            self._dynamic(node, "exec()")
        return Ref(type="None", const=None)

    def _dynamic(self, node: ast.Call, what: str) -> None:
        self.any_name(node.lineno, what, writes=True)
        self.find(
            "ZF208",
            "warning",
            f"{what} runs text that only exists at run time, so this "
            "stage keeps the notebook's order and carries every variable.",
            line=node.lineno,
            remedy="Write the code out, or keep it in one stage.",
        )

    def call_input(self, node: ast.Call) -> Ref:
        """Refuse: nobody answers in a pipeline."""
        self.find(
            "ZF213",
            "error",
            "input() waits for somebody to type, and nobody does in a pipeline.",
            line=node.lineno,
            remedy="Make the value a parameter.",
        )
        return Ref(type="str")

    def call_setattr(self, node: ast.Call) -> Ref:
        """Set an attribute by name."""
        arguments = self.arguments(node)
        if len(arguments.positional) >= 3:  # noqa: PLR2004
            target, name, value = arguments.positional[:3]
            self.store_attribute(target, name.text, value, node.lineno)
        return Ref(type="None", const=None)

    def call_delattr(self, node: ast.Call) -> Ref:
        """Delete an attribute by name."""
        arguments = self.arguments(node)
        if arguments.positional:
            self.change(arguments.positional[0].roots, node.lineno)
        return Ref(type="None", const=None)

    def call___import__(self, node: ast.Call) -> Ref:
        """Import by name."""
        arguments = self.arguments(node)
        name = arguments.positional[0].text if arguments.positional else None
        if name is None:
            return Ref(frozenset({self.heap.new()}))
        self.record.packages.add(name.partition(".")[0])
        return Ref(type="module", const=name.partition(".")[0])

    # -- stores (statements assign, and so does the walrus) --------------------------------------

    def assign(self, target: ast.expr, ref: Ref) -> None:
        """Bind or change a target."""
        line = target.lineno
        if isinstance(target, ast.Name):
            self.store_name(target.id, ref, line)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.container("list", [ref]))
        elif isinstance(target, ast.Tuple | ast.List):
            self._consume(ref, line)
            for item in target.elts:
                self.assign(item, self.inside(ref))
        elif isinstance(target, ast.Attribute):
            self.store_attribute(self.evaluate(target.value), target.attr, ref, line)
        elif isinstance(target, ast.Subscript):
            self._store_item(target, ref)

    def store_name(self, name: str, ref: Ref, line: int, *, statement: str = "") -> None:
        """Bind a name in the scope that Python would bind it in."""
        frame = self.frame
        if frame is None or name in frame.declared_global:
            self.bind(name, ref, line, statement=statement, weak=frame is not None)
            return
        if name in frame.declared_nonlocal:
            outer = frame.parent
            while outer is not None and (outer.is_class or name not in outer.local):
                outer = outer.parent
            if outer is not None:
                outer.names[name] = join(outer.names.get(name, ref), ref)
                self.heap.link([outer.site], ref.roots)
                self.change(frozenset({outer.site}), line)
                return
        weak = self.weak > frame.weak_base and frame.local != _COMPREHENSION
        old = frame.names.get(name)
        frame.names[name] = join(old, ref) if weak and old is not None else ref
        self.heap.link([frame.site], ref.roots)

    def store_attribute(self, value: Ref, name: str | None, ref: Ref, line: int) -> None:
        """Note ``value.name = ref``; on something of a library it is ambient state."""
        if value.path is not None:
            path = f"{value.path}.{name}"
            state = knowledge.state_of(path)
            kind = state[0] if state else f"module:{path}"
            self.write_state(kind, line)
            if ref.roots:
                self.heavy(line, f"{path} = ...")
            return
        for site in sorted(value.roots):
            if site not in self.instance_of:
                continue
            if self.member(site, "__setattr__") is not None:
                self._special(value, "__setattr__", [Ref(type="str"), ref], line)
            member = self.member(site, name) if name else None
            if member is not None:
                self._special(member, "__set__", [value, ref], line)
                if self._is_property(member):
                    self._call_member(member, value, Arguments([ref]), line)
            if name == "__dict__":
                self.unportable[site] = "an object that shares its attributes with another"
        self.heap.link(value.roots, ref.roots)
        self.change(value.roots, line)

    def _store_item(self, target: ast.Subscript, ref: Ref) -> None:
        value = self.evaluate(target.value)
        index = self.evaluate(target.slice)
        line = target.lineno
        if value.path is not None:
            state = knowledge.state_of(value.path)
            self.write_state(state[0] if state else f"module:{value.path}", line)
            return
        for site in sorted(value.roots):
            if site in self.instance_of:
                self._special(value, "__setitem__", [index, ref], line)
        self.heap.link(value.roots, ref.roots | index.roots)
        self.change(value.roots, line)


_COMPREHENSION: Final = frozenset({"<comprehension>"})
_COMPREHENSION_TYPES: Final = {
    ast.ListComp: "list",
    ast.SetComp: "set",
    ast.DictComp: "dict",
    ast.GeneratorExp: "generator",
}
_ITERATING: Final = frozenset(
    "list tuple set dict sorted sum min max any all zip enumerate map filter frozenset iter "
    "reversed".split()
)
_OPERATORS: Final[dict[type[ast.operator], str]] = {
    ast.Add: "__add__",
    ast.Sub: "__sub__",
    ast.Mult: "__mul__",
    ast.Div: "__truediv__",
    ast.FloorDiv: "__floordiv__",
    ast.Mod: "__mod__",
    ast.Pow: "__pow__",
    ast.LShift: "__lshift__",
    ast.RShift: "__rshift__",
    ast.BitOr: "__or__",
    ast.BitAnd: "__and__",
    ast.BitXor: "__xor__",
    ast.MatMult: "__matmul__",
}


def _call_name(node: ast.expr) -> str:
    """Return ``f`` for ``f(...)``, else nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""


def _is_namespace_test(node: ast.Compare) -> bool:
    return (
        len(node.ops) == 1
        and isinstance(node.ops[0], ast.In | ast.NotIn)
        and _call_name(node.comparators[0]) in _NAMESPACE
    )
