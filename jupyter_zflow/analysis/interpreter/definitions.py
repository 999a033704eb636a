"""What imports, function and class definitions do."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.code import Code, names_of
from jupyter_zflow.analysis.heap import Ref, join
from jupyter_zflow.analysis.interpreter.arguments import Arguments
from jupyter_zflow.analysis.interpreter.special import Special
from jupyter_zflow.analysis.scope import Frame

if TYPE_CHECKING:
    from jupyter_zflow.analysis.modules import LocalModules

_TRANSPARENT: Final = frozenset(
    "functools.wraps functools.lru_cache functools.cache functools.total_ordering "
    "dataclasses.dataclass contextlib.contextmanager numba.njit numba.jit typing.overload "
    "typing.final typing.runtime_checkable abc.abstractmethod property staticmethod classmethod "
    "functools.cached_property enum.unique functools.singledispatch torch.no_grad "
    "torch.jit.script functools.wraps atexit.register".split()
)
"""Decorators that call what they decorate as it stands."""


_ACCESSORS: Final = frozenset({"getter", "setter", "deleter"})


class Definitions(Special):
    """Runs imports and definitions."""

    modules: LocalModules

    # -- imports ----------------------------------------------------------------------------

    def do_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            text = f"import {alias.name}" + (f" as {alias.asname}" if alias.asname else "")
            path = alias.name if alias.asname else alias.name.partition(".")[0]
            if alias.name != "__main__":
                self._imported(alias.name, node.lineno)
            self.store_name(
                alias.asname or path, Ref(type="module", const=path), node.lineno, statement=text
            )
            self._own_import(text, node.lineno)

    def do_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level:
            self.find(
                "ZF219",
                "error",
                "A relative import has no meaning in a notebook.",
                line=node.lineno,
                remedy="Import the module by its full name.",
            )
            return
        if module == "__future__":
            # IPython keeps it switched on for all later cells.
            for alias in node.names:
                self._own_import(f"from __future__ import {alias.name}", node.lineno)
            return
        self._imported(module, node.lineno)
        for alias in node.names:
            if alias.name == "*":
                self._star(module, node.lineno)
                continue
            text = f"from {module} import {alias.name}"
            text += f" as {alias.asname}" if alias.asname else ""
            self._imported(f"{module}.{alias.name}", node.lineno, attribute=True)
            ref = Ref(type="object", const=f"{module}.{alias.name}")
            self.store_name(alias.asname or alias.name, ref, node.lineno, statement=text)
            self._own_import(text, node.lineno)

    def _imported(self, name: str, line: int, *, attribute: bool = False) -> None:
        files = self.modules.files_of(name)
        if files:
            self.record.modules.update(files)
        elif not attribute:
            top = name.partition(".")[0]
            self.use_package(top, line)
            why = knowledge.broken(top)
            if why:
                self.find(
                    "ZF232",
                    "warning",
                    f"What is known about {top!r} is left aside: {why}.",
                    line=line,
                    remedy=f"Tell the package that brings it, or update {top!r}'s table.",
                )

    def _own_import(self, statement: str, line: int) -> None:
        # An import on some paths only hands on what it bound, as any value.
        if self.frame is None and not self.weak:
            self.record.own_imports[statement] = line

    def _star(self, module: str, line: int) -> None:
        text = f"from {module} import *"
        self._own_import(text, line)
        names = self.modules.public_names(module)
        if names is None:
            self.find(
                "ZF220",
                "error",
                f"Nobody can tell which names {text!r} binds without running it.",
                line=line,
                remedy="Import the names that are used.",
            )
            return
        for name in names:
            ref = Ref(type="object", const=f"{module}.{name}")
            self.store_name(name, ref, line, statement=text)

    # -- definitions --------------------------------------------------------------------------

    def do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        ref = self._decorated(node, self.define(node))
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in _ACCESSORS:
                # The getter, the setter and the deleter of a property go by one name.
                ref = join(self.evaluate(decorator.value), ref)
        self.store_name(node.name, ref, node.lineno)

    do_AsyncFunctionDef = do_FunctionDef

    def do_ClassDef(self, node: ast.ClassDef) -> None:
        bases = tuple(self.evaluate(base) for base in node.bases)
        metaclass = self._metaclass(node, bases)
        names = names_of(node)
        frame = Frame(
            self.heap.new(),
            local=names.bound,
            declared_global=names.declared_global,
            declared_nonlocal=names.declared_nonlocal,
            parent=self.frame,
            is_class=True,
            weak_base=self.weak,
        )
        outer, self.frame = self.frame, frame
        try:
            self.execute(node.body)
        finally:
            self.frame = outer
        code = Code(node, self.record.index, self.frame, members=frame.names, bases=bases)
        code.metaclass = metaclass
        site = self.heap.new(code)
        for ref in (*bases, *frame.names.values()):
            self.heap.link([site], ref.roots)
        if self.frame is not None:
            self._capture(site)
        ref = Ref(frozenset({site}), "class")
        self.note_class(site)
        self._class_hooks(site, code, node.lineno)
        self.store_name(node.name, self._decorated(node, ref), node.lineno)

    def _metaclass(self, node: ast.ClassDef, bases: tuple[Ref, ...]) -> Ref | None:
        found = None
        for base in bases:
            for root in sorted(base.roots):
                code = self.heap.code.get(root)
                found = code.metaclass if code is not None and code.metaclass else found
        for word in node.keywords:
            ref = self.evaluate(word.value)
            if word.arg == "metaclass":
                found = ref
        return found

    def _class_hooks(self, site: int, code: Code, line: int) -> None:
        """Follow the notebook's code that Python runs because a class is defined."""
        made = Ref(frozenset({site}), "class")
        hooks = [(base, "__init_subclass__") for base in code.bases]
        if code.metaclass is not None:
            hooks += [(code.metaclass, name) for name in ("__prepare__", "__new__", "__init__")]
            self.heap.link([site], code.metaclass.roots)
        for owner, name in hooks:
            for root in sorted(owner.roots):
                hook = self.member(root, name)
                if hook is not None:
                    self._call_member(hook, made, Arguments(), line)
        for member in code.members.values():
            self._special(member, "__set_name__", [made], line)

    def _decorated(
        self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, ref: Ref
    ) -> Ref:
        plain = ref
        for decorator in reversed(node.decorator_list):
            maker = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = ast.unparse(maker)
            target = self.evaluate(decorator if not isinstance(decorator, ast.Call) else maker)
            path = target.path or name
            for site in plain.roots:
                code = self.heap.code.get(site)
                if code is not None:
                    code.decorators = (*code.decorators, path.rpartition(".")[2])
            if isinstance(decorator, ast.Call):
                arguments = self.arguments(decorator)
                if path in _TRANSPARENT:
                    continue
                target = self.call(target, arguments, node.lineno, text=name)
            if (
                path in _TRANSPARENT
                or path.endswith((".setter", ".getter", ".deleter"))
                or (target.type == "object" and path in {"property", "staticmethod", "classmethod"})
            ):
                continue
            heavy = self.record.heavy
            if isinstance(maker, ast.Attribute) and maker.attr == "register":
                # functools.singledispatch, atexit and registries of the notebook's own.
                holder = self.evaluate(maker.value)
                self.change(holder.roots, node.lineno)
                self.keep(holder, [ref])
            ref = self.call(target, Arguments([ref]), node.lineno, text=name)
            if target.type == "function":
                # A decorator of the notebook is part of the definition.
                self.record.heavy = heavy
        return ref
