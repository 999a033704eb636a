"""What all other statements do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import Ref, join
from jupyter_zflow.analysis.interpreter.definitions import Definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_CATCHES_NAME_ERROR: Final = frozenset({"NameError", "Exception", "BaseException"})

_SWALLOWING: Final = frozenset(
    "contextlib.suppress contextlib.ExitStack contextlib.AsyncExitStack".split()
)
"""Context managers that may end the exceptions of their block."""

_PLAIN_NAMES: Final = (ast.Name, ast.Attribute)


class Statements(Definitions):
    """Runs statements."""

    def execute(self, body: Iterable[ast.stmt]) -> None:
        """Note what running statements does."""
        for statement in body:
            method: Callable[[ast.stmt], None] | None = getattr(
                self, f"do_{type(statement).__name__}", None
            )
            if method is not None:
                method(statement)

    def _branch(self, body: Iterable[ast.stmt]) -> None:
        self.weak += 1
        self.execute(body)
        self.weak -= 1

    # -- simple statements -----------------------------------------------------------------

    def do_Expr(self, node: ast.Expr) -> None:
        ref = self.evaluate(node.value)
        if self.frame is None:
            self.protocol(
                ref,
                node.lineno,
                "__repr__",
                "_repr_html_",
                "_repr_mimebundle_",
                "_ipython_display_",
            )

    def do_Assign(self, node: ast.Assign) -> None:
        value = node.value
        if isinstance(value, ast.Tuple | ast.List) and self._pairwise(node):
            return
        ref = self.evaluate(value)
        if _is_own_dict(value):
            # Loaded elsewhere, it would be a copy.
            site = self.heap.new()
            self.heap.link([site], ref.roots)
            self.mark(site, "an object's own dictionary")
            ref = Ref(ref.roots | {site})
        for target in node.targets:
            self.assign(target, ref)

    def _pairwise(self, node: ast.Assign) -> bool:
        """Assign ``a, b = x, y`` item by item, so that each name keeps its own value."""
        target, value = node.targets[0], node.value
        if len(node.targets) != 1 or not isinstance(target, ast.Tuple | ast.List):
            return False
        if not isinstance(value, ast.Tuple | ast.List) or len(target.elts) != len(value.elts):
            return False
        if any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts)):
            return False
        refs = [self.evaluate(item) for item in value.elts]
        for item, ref in zip(target.elts, refs, strict=True):
            self.assign(item, ref)
        return True

    def do_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.annotation(node.annotation)
        if node.value is not None:
            self.assign(node.target, self.evaluate(node.value))

    def do_AugAssign(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name):
            old = self.lookup(target.id, target.lineno)
        elif isinstance(target, ast.Attribute):
            holder = self.evaluate(target.value)
            old = self.attribute(holder, target.attr, target.lineno)
            if holder.path is not None:
                self.store_attribute(holder, target.attr, Ref(), target.lineno)
                return
        else:
            assert isinstance(target, ast.Subscript)
            old = self.on_Subscript(target)
        value = self.evaluate(node.value)
        if old.immutable:
            new = self.operate(old, value, node)
        else:
            self.protocol(value, node.lineno, "__iter__", "__next__", "__getitem__")
            self.heap.link(old.roots, value.roots)
            self.change(old.roots, node.lineno)
            result = self.operate(old, value, node)
            new = old if old.type and old.type != "instance" else join(old, result)
        self.assign(target, new)

    def do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                if self.frame is None or target.id in self.frame.declared_global:
                    self.unbind(target.id, target.lineno)
                else:
                    self.frame.names.pop(target.id, None)
            elif isinstance(target, ast.Attribute):
                self.delete_attribute(self.evaluate(target.value), target.attr, target.lineno)
            elif isinstance(target, ast.Subscript):
                value = self.evaluate(target.value)
                index = self.evaluate(target.slice)
                if not self.instance_of.keys().isdisjoint(value.roots):
                    self._special(value, "__delitem__", [index], target.lineno)
                self.change(value.roots, target.lineno)

    def do_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            ref = self.evaluate(node.value)
            if self.frame is not None:
                self.frame.returned.append(ref)

    def do_Raise(self, node: ast.Raise) -> None:
        for part in (node.exc, node.cause):
            if part is not None:
                self.raised |= self.evaluate(part).roots

    def _test(self, node: ast.expr) -> None:
        """Evaluate a condition."""
        self.protocol(self.evaluate(node), node.lineno, "__bool__", "__len__")

    def do_Assert(self, node: ast.Assert) -> None:
        self._test(node.test)
        if node.msg is not None:
            self.evaluate(node.msg)

    # -- control ------------------------------------------------------------------------------

    def do_If(self, node: ast.If) -> None:
        self._test(node.test)
        if _never(node.test):
            return
        self._branch(node.body)
        self._branch(node.orelse)

    def do_For(self, node: ast.For | ast.AsyncFor) -> None:
        item = self.iterate(node.iter)
        self.weak += 1
        # Twice: what one round leaves behind is what the next one finds.
        outer, bound = self.walking, _names_in(node.target) if self.frame is None else ()
        for _ in range(2):
            self.walks = self.weak == 1
            self.surely = _has_something(node.iter) and "range" not in self.env
            self.assign(node.target, item)
            self.walks = False
            self.walking = outer.union(bound)
            self.execute(node.body)
            self.walking = outer
        self.weak -= 1
        self._branch(node.orelse)

    do_AsyncFor = do_For

    def do_While(self, node: ast.While) -> None:
        self._test(node.test)
        for _ in range(2):
            self._branch(node.body)
            self._test(node.test)
        self._branch(node.orelse)

    def do_With(self, node: ast.With | ast.AsyncWith) -> None:
        swallows = False
        for item in node.items:
            manager = self.evaluate(item.context_expr)
            entered = manager
            for site in sorted(manager.roots):
                if site in self.instance_of:
                    entered = self._special(manager, "__enter__", [], node.lineno)
                    self._special(manager, "__exit__", [], node.lineno)
            if not manager.type and manager.roots:
                self.change(manager.roots, node.lineno)
                entered = self.inside(entered)
            if item.optional_vars is not None:
                self.assign(item.optional_vars, entered)
            swallows = swallows or self._may_swallow(item.context_expr, manager)
        if swallows:
            self._branch(node.body)
        else:
            self.execute(node.body)

    def _may_swallow(self, node: ast.expr, manager: Ref) -> bool:
        """Return whether the block may end early and the notebook go on below it."""
        for site in sorted(manager.roots):
            leave = self.member(site, "__exit__") if site in self.instance_of else None
            for root in leave.roots if leave is not None else ():
                code = self.heap.code.get(root)
                if code is None or _returns_something(code.node):
                    return True
        if manager.type or manager.immutable:
            return False
        made_by = node.func if isinstance(node, ast.Call) else None
        path = self.evaluate(made_by).path if isinstance(made_by, _PLAIN_NAMES) else None
        return path is None or path in _SWALLOWING or knowledge.function(path) is None

    do_AsyncWith = do_With

    def do_Try(self, node: ast.Try) -> None:
        forgiving = any(_catches_name_error(handler) for handler in node.handlers)
        self.forgiving += forgiving
        self._branch(node.body)
        self.forgiving -= forgiving
        for handler in node.handlers:
            if handler.type is not None:
                self.evaluate(handler.type)
            self.weak += 1
            before = handler.name in self.env
            if handler.name:
                caught = Ref(self.raised | {self.heap.new()})
                self.store_name(handler.name, caught, handler.lineno)
            self.execute(handler.body)
            if handler.name and self.frame is None and not before:
                self._forget_caught(handler.name)
            self.weak -= 1
        self._branch(node.orelse)
        self.execute(node.finalbody)

    do_TryStar = do_Try

    def _forget_caught(self, name: str) -> None:
        """Unbind the name of an exception, as Python does when its handler ends."""
        binding = self.env.get(name)
        if binding is not None and binding.cell == self.record.index:
            self.forget(name)

    def do_Match(self, node: ast.Match) -> None:
        subject = self.evaluate(node.subject)
        parts = join(subject, self.inside(subject))
        for case in node.cases:
            self.weak += 1
            self._capture_pattern(case.pattern, parts)
            if case.guard is not None:
                self.evaluate(case.guard)
            self.execute(case.body)
            self.weak -= 1

    def _capture_pattern(self, pattern: ast.pattern, parts: Ref) -> None:
        for part in ast.walk(pattern):
            name = None
            if isinstance(part, ast.MatchAs | ast.MatchStar):
                name = part.name
            elif isinstance(part, ast.MatchMapping):
                name = part.rest
            elif isinstance(part, ast.MatchValue):
                self.evaluate(part.value)
            elif isinstance(part, ast.MatchClass):
                self.evaluate(part.cls)
            if name:
                ref = parts
                if not isinstance(part, ast.MatchAs):
                    kind = "dict" if isinstance(part, ast.MatchMapping) else "list"
                    ref = self.container(kind, [parts])
                self.store_name(name, ref, pattern.lineno)


def _names_in(target: ast.expr) -> set[str]:
    """Return the names that a loop binds."""
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def _has_something(node: ast.expr) -> bool:
    """Return whether there surely is something to walk."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(not isinstance(item, ast.Starred) for item in node.elts)
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return False
    (count, *more) = [*node.args, None]
    number = count.value if isinstance(count, ast.Constant) else 0
    return node.func.id == "range" and more == [None] and isinstance(number, int) and number > 0


def _is_own_dict(node: ast.expr) -> bool:
    """Return whether an expression is ``x.__dict__`` or ``vars(x)``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "vars" and bool(node.args)
    return isinstance(node, ast.Attribute) and node.attr == "__dict__"


def _returns_something(function: ast.AST) -> bool:
    """Return whether a function may return anything but None and False."""
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and not node.value.value)
        for node in ast.walk(function)
    )


def _never(test: ast.expr) -> bool:
    """Return whether a test is ``TYPE_CHECKING`` or a literal falsehood."""
    if isinstance(test, ast.Name):
        return test.id == "TYPE_CHECKING"
    return isinstance(test, ast.Constant) and not test.value


def _catches_name_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    return any(
        isinstance(node, ast.Name) and node.id in _CATCHES_NAME_ERROR
        for node in ast.walk(handler.type)
    )
