"""What functions and classes of the notebook do when they are called: their bodies, followed."""

from __future__ import annotations

import ast
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.code import Code, global_names, names_of
from jupyter_zflow.analysis.heap import NONE, Ref, join
from jupyter_zflow.analysis.interpreter.arguments import Arguments
from jupyter_zflow.analysis.interpreter.libraries import Libraries
from jupyter_zflow.analysis.scope import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH: Final = 12
"""Calls inside calls that are followed; deeper ones are taken to do anything."""

_CACHES: Final = frozenset({"lru_cache", "cache"})


class Following(Libraries):
    """Evaluates calls of what the notebook defines."""

    depth: int = 0

    results: dict[tuple[object, ...], tuple[int, Ref]]
    """Calls that this cell made -> heap version and result, for calls that say the same again."""

    @abstractmethod
    def evaluate(self, node: ast.expr) -> Ref:
        """Return what an expression may be, noting what evaluating it does."""

    @abstractmethod
    def execute(self, body: Iterable[ast.stmt]) -> None:
        """Note what running statements does."""

    @abstractmethod
    def come_near(self, ref: Ref, line: int) -> None:
        """Note that the cell has something to do with a value."""

    def call_code(
        self, site: int, code: Code, arguments: Arguments, line: int, *, me: Ref | None = None
    ) -> Ref:
        """Follow a call into a function or class that the notebook defines."""
        if isinstance(code.node, ast.ClassDef):
            return self._instantiate(site, code, arguments, line)
        self.heavy(line, f"{code.name}()", repeatable=True)
        if self.depth >= MAX_DEPTH or code.node in self.active:
            return self._call_blindly(site, code, arguments, me, line)
        key = (
            site,
            self.weak > 0,
            me,
            *arguments.positional,
            *arguments.keywords.items(),
            None,
            *arguments.spread,
            None,
            *arguments.unknown,
        )
        known = self.results.get(key)
        if known is not None and known[0] == self.heap.version:
            return known[1]
        self.spend()
        before = self._footprint()
        result = self._follow_call(site, code, arguments, me)
        if _CACHES & set(code.decorators):
            if self._footprint() != before or self._reads_variables(code):
                self.mark(site, "a function that caches what other variables decide")
            self.change(frozenset({site}), line, reason="its cache remembers the call")
        self.results[key] = (self.heap.version, result)
        return result

    def _reads_variables(self, code: Code) -> bool:
        """Return whether a function's result may change because a variable does."""
        return any(
            not self.env[name].imports and self.env[name].ref.type not in {"function", "class"}
            for name in global_names(code.node)
            if name in self.env
        )

    def _footprint(self) -> tuple[int, int, int]:
        record = self.record
        changes = len(record.changed) + len(self.feared) + len(record.relied_states)
        return changes, len(record.file_writes), len(record.state_writes)

    def _follow_call(self, site: int, code: Code, arguments: Arguments, me: Ref | None) -> Ref:
        assert not isinstance(code.node, ast.ClassDef)
        frame = self._frame(code, arguments, me)
        outer, self.frame = self.frame, frame
        active, self.active = self.active, (*self.active, code.node)
        self.depth += 1
        try:
            if isinstance(code.node, ast.Lambda):
                frame.returned.append(self.evaluate(code.node.body))
            else:
                self.execute(code.node.body)
        finally:
            self.depth -= 1
            self.frame, self.active = outer, active
        if frame.yielded or names_of(code.node).is_generator:
            made = self.heap.new()
            for ref in (*frame.yielded, *arguments.all()):
                self.heap.link([made], ref.roots)
            self.heap.link([made], [site])
            manages = {"contextmanager", "asynccontextmanager"} & set(code.decorators)
            return Ref(frozenset({made}), "" if manages else "generator")
        return join(*frame.returned) if frame.returned else NONE

    def _frame(self, code: Code, arguments: Arguments, me: Ref | None) -> Frame:
        assert not isinstance(code.node, ast.ClassDef)
        names = names_of(code.node)
        frame = Frame(
            self.heap.new(),
            local=names.bound,
            declared_global=names.declared_global,
            declared_nonlocal=names.declared_nonlocal,
            parent=code.frame,
            weak_base=self.weak,
        )
        given = [me, *arguments.positional] if me is not None else list(arguments.positional)
        args = code.node.args
        parts = [*(self.inside(ref) for ref in arguments.spread), *arguments.unknown]
        spread = join(*parts) if parts else None
        for parameter in [*args.posonlyargs, *args.args]:
            name = parameter.arg
            if given:
                ref = given.pop(0)
            elif name in arguments.keywords:
                ref = arguments.keywords[name]
            elif spread is not None:
                ref = join(spread, code.defaults.get(name, spread))
            else:
                ref = code.defaults.get(name, Ref())
            frame.names[name] = ref
        for parameter in args.kwonlyargs:
            name = parameter.arg
            default = code.defaults.get(name, spread or Ref())
            frame.names[name] = arguments.keywords.get(name, default)
        if args.vararg is not None:
            frame.names[args.vararg.arg] = self.container(
                "tuple", [*given, *([spread] if spread is not None else [])]
            )
        if args.kwarg is not None:
            known = {parameter.arg for parameter in (*args.args, *args.kwonlyargs)}
            rest = [ref for name, ref in arguments.keywords.items() if name not in known]
            frame.names[args.kwarg.arg] = self.container(
                "dict", [*rest, *([spread] if spread is not None else [])]
            )
        return frame

    def _call_blindly(
        self, site: int, code: Code, arguments: Arguments, me: Ref | None, line: int
    ) -> Ref:
        """Fear the worst of a call that is not followed, such as a recursive one."""
        everything = Arguments(arguments.all() + ([me] if me is not None else []))
        if code.node in self.active and not everything.roots:
            # The call that is already being followed notes everything else it does.
            return Ref(frozenset({self.heap.new()}))
        return self.call_unknown(
            Ref(frozenset({site})), everything, line, text=code.name, follow=False
        )

    def _instantiate(self, site: int, code: Code, arguments: Arguments, line: int) -> Ref:
        me = self._new_object(site, arguments)
        (made,) = me.roots
        initializer = self.member(made, "__init__") or self.member(made, "__post_init__")
        creator = self.member(made, "__new__")
        if self.member(made, "__del__") is not None:
            self.mark(made, "an object that acts when it is deleted")
        for method in (creator, initializer):
            if method is not None:
                self._call_member(method, me, arguments, line)
        self.come_near(me, line)
        if initializer is None and any(base.type not in {"class", "object"} for base in code.bases):
            self.heavy(line, f"{code.name}()")
        return me

    def _new_object(self, site: int, arguments: Arguments) -> Ref:
        made = self.heap.new()
        self.heap.link([made], [site])
        self.journal.put(self.instance_of, made, site)
        self.heap.link([made], arguments.roots)
        return Ref(frozenset({made}), "instance")

    def member(self, site: int, name: str) -> Ref | None:
        """Return what a class of the notebook, or a class that it derives from, binds to a name."""
        todo, seen = [self.instance_of.get(site, site)], set[int]()
        while todo:
            current = todo.pop(0)
            code = self.heap.code.get(current)
            if code is None or current in seen:
                continue
            seen.add(current)
            if name in code.members:
                return code.members[name]
            todo.extend(root for base in code.bases for root in sorted(base.roots))
        return None

    def _call_member(self, method: Ref, receiver: Ref, arguments: Arguments, line: int) -> Ref:
        results: list[Ref] = []
        for site in sorted(method.roots):
            code = self.heap.code.get(site)
            if code is None or isinstance(code.node, ast.ClassDef):
                continue
            me = None if "staticmethod" in code.decorators else receiver
            results.append(self.call_code(site, code, arguments, line, me=me))
        if not results:
            everything = Arguments([receiver, *arguments.all()])
            return self.call_unknown(method, everything, line, text="method")
        return join(*results)
