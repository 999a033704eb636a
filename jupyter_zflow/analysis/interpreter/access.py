"""Attributes, items, iteration, and stores into them."""

from __future__ import annotations

import ast
from typing import Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import (
    CELL_BITS,
    CONTAINERS,
    SCALARS,
    UNKNOWN_SCALAR,
    Method,
    Ref,
    join,
)
from jupyter_zflow.analysis.interpreter.ambient import STATE_TYPES
from jupyter_zflow.analysis.interpreter.arguments import Arguments
from jupyter_zflow.analysis.interpreter.implicit import Implicit

NAMESPACE: Final = frozenset({"globals", "locals", "vars", "dir"})
_BACK_DOORS: Final = frozenset(
    "__globals__ f_globals f_locals f_back f_builtins gi_frame cr_frame tb_frame".split()
)
"""Attributes that lead to the namespace of the notebook."""
COMPREHENSION: Final = frozenset({"<comprehension>"})
"""The local names of a comprehension's frame, which binds nothing for others."""


class Access(Implicit):
    """Evaluates access to parts of values, and stores."""

    only_looks: int = 0
    """Whether ``globals()`` is only looked at."""

    def attribute(self, value: Ref, name: str, line: int) -> Ref:
        """Return ``value.name``."""
        if value.type == "choice" and isinstance(value.const, tuple):
            paths = tuple(f"{path}.{name}" for path in value.const)
            return Ref(self.heap.reach(value.roots), "choice", paths)
        if value.path is not None:
            return self._library_attribute(value, name, line)
        if name in _BACK_DOORS:
            return self.open_up(line, name)
        computed = self._attribute_hooks(value, name, line)
        if computed is not None:
            return computed
        if name == "cache_info":
            self._ask(value, "a function whose cache is asked about")
        elif name == "base" and value.type == "numpy":
            # What it looks at may be of another stage, though the array itself is new.
            for site in self.heap.reach(value.roots):
                self.record.origins.setdefault(site >> CELL_BITS, line)
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
        return Ref(self.heap.reach(value.roots), const=Method(value, name))

    def _library_attribute(self, value: Ref, name: str, line: int) -> Ref:
        if value.path == "__main__":
            return self.lookup(name, line)
        path = f"{value.path}.{name}"
        self.use_local_module(path, line, calls=False)
        if path in knowledge.CONSTANTS:
            return UNKNOWN_SCALAR
        return Ref(value.roots, "object", path)

    def _attribute_hooks(self, value: Ref, name: str, line: int) -> Ref | None:
        """Follow the notebook's own code that getting the attribute runs."""
        found: list[Ref] = []
        properties = 0
        for site in sorted(value.roots):
            if site not in self.instance_of:
                continue
            found += [
                self._special(value, hook, [Ref(type="str")], line)
                for hook in ("__getattribute__", "__getattr__")
                if self.member(site, hook) is not None
            ]
            member = self.member(site, name)
            if member is not None and self._is_property(member):
                found.append(self._call_member(member, value, Arguments(), line))
                properties += 1
            elif member is not None and any(root in self.instance_of for root in member.roots):
                found.append(self._special(member, "__get__", [value], line))
        if found and properties == len(found) == len(value.roots):
            return join(*found)
        if found:
            return join(*found, Ref(self.heap.reach(value.roots)))
        return None

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
        if self.is_namespace(node.value):
            return self._named_item(node)
        value = self.evaluate(node.value)
        index = self.evaluate(node.slice)
        if value.path == "sys.modules":
            if index.text is None:
                return self.open_up(node.lineno, "sys.modules")
            return Ref(type="module", const=index.text)
        if value.path is not None:
            if knowledge.state_of(value.path):
                return UNKNOWN_SCALAR
            return Ref(value.roots, "object", value.path)
        if not self.instance_of.keys().isdisjoint(value.roots):
            result = self._special(value, "__getitem__", [index], node.lineno)
            if all(site in self.instance_of for site in value.roots):
                return result
            return join(result, Ref(self.heap.reach(value.roots)))
        table = knowledge.type_table(value.type)
        if value.type == "pandas" and (
            isinstance(node.slice, ast.List | ast.Compare | ast.BoolOp)
            or index.type in {"list", "pandas", "numpy"}
        ):
            made = self.heap.new()
            self.heap.link([made], value.roots)
            return Ref(frozenset({made}), "pandas")
        if "defaultdict" in {value.type, self.heap.kind_of(value.roots)}:
            # A missing key is added, and the factory called.
            self.change(value.roots, node.lineno)
            new = self.invoke(value, Arguments(), None, node.lineno)
            self.heap.link(value.roots, new.roots)
        if value.type in CONTAINERS or self.heap.kind_of(value.roots) in CONTAINERS:
            element = self.elements(value)
            return (
                self.container(value.type or "list", [element])
                if (index.type == "slice")
                else element
            )
        if value.immutable:
            return Ref(type=table.item if table.item in SCALARS else "scalar")
        return Ref(self.heap.reach(value.roots), table.item)

    def iterate(self, node: ast.expr) -> Ref:
        """Return what iterating over an expression yields."""
        self.only_looks += self.is_namespace(node)
        ref = self.evaluate(node)
        self.only_looks -= self.is_namespace(node)
        self._consume(ref, node.lineno)
        self.walk(ref, node.lineno)
        for site in sorted(ref.roots):
            if site in self.instance_of:
                for method in ("__iter__", "__next__", "__getitem__", "__len__"):
                    self._special(ref, method, [], node.lineno)
        return self.inside(ref)

    def _consume(self, ref: Ref, line: int, *, when: bool = True) -> None:
        """Note that iterating uses up a generator, or a value that may be one."""
        if not when or ref.immutable or ref.path is not None:
            return
        table = knowledge.type_table(ref.type)
        if table.consumed:
            self.change(ref.roots, line)
        elif not ref.type and self.heap.kind_of(ref.roots) not in CONTAINERS - {"iterator"}:
            self.change(ref.roots, line, reason="iterating may use it up")

    def assign(self, target: ast.expr, ref: Ref) -> None:
        """Bind or change a target."""
        line = target.lineno
        if isinstance(target, ast.Name):
            self.store_name(target.id, ref, line)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, self.container("list", [ref]))
        elif isinstance(target, ast.Tuple | ast.List):
            self._consume(ref, line)
            self.protocol(ref, line, "__iter__", "__next__", "__getitem__")
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
                joined = join(outer.names.get(name, ref), ref)
                self.journal.put(outer.names, name, joined)
                self.heap.link([outer.site], ref.roots)
                self.change(frozenset({outer.site}), line)
                return
        weak = self.weak > frame.weak_base and frame.local != COMPREHENSION
        old = frame.names.get(name)
        frame.names[name] = join(old, ref) if weak and old is not None else ref
        self.heap.link([frame.site], ref.roots)

    def store_attribute(self, value: Ref, name: str | None, ref: Ref, line: int) -> None:
        """Note ``value.name = ref``; on something of a library it is ambient state."""
        paths = value.const if value.type == "choice" else (value.path,)
        for path in paths if isinstance(paths, tuple) else ():
            if path is not None:
                self._store_in_library(path, name, ref, line)
        if value.path is not None:
            return
        if value.type in STATE_TYPES:
            self.write_state(STATE_TYPES[value.type], line)
        for site in sorted(value.roots):
            self._store_member(site, name, ref)
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
                self.mark(site, "an object that shares its attributes with another")
        self.heap.link(value.roots, ref.roots)
        self.change(value.roots, line)

    def _store_in_library(self, owner: str, name: str | None, ref: Ref, line: int) -> None:
        if owner == "__main__":
            if name is None:
                self.open_up(line, "setattr()")
            else:
                self.bind(name, ref, line, weak=self.frame is not None)
            return
        path = f"{owner}.{name}"
        state = knowledge.state_of(path)
        self.write_state(state[0] if state else f"module:{path}", line)
        if ref.roots:
            self.heavy(line, f"{path} = ...")

    def _store_member(self, site: int, name: str | None, ref: Ref) -> None:
        """Note that a class of the notebook is given another method."""
        code = self.heap.code.get(site)
        if code is None or not isinstance(code.node, ast.ClassDef):
            return
        for member in [name] if name else list(code.members):
            old = code.members.get(member, ref)
            self.journal.put(code.members, member, join(old, ref))
        self.note_class(site)

    def delete_attribute(self, value: Ref, name: str, line: int) -> None:
        """Note ``del value.name``."""
        for site in sorted(value.roots):
            member = self.member(site, name) if site in self.instance_of else None
            if member is not None and self._is_property(member):
                self._call_member(member, value, Arguments(), line)
            elif member is not None:
                self._special(member, "__delete__", [value], line)
        if not self.instance_of.keys().isdisjoint(value.roots):
            self._special(value, "__delattr__", [Ref(type="str")], line)
        self.store_attribute(value, name, Ref(type="None"), line)

    def is_namespace(self, node: ast.expr) -> bool:
        """Return whether an expression is ``globals()``, or at the top level its likes."""
        name = called_name(node)
        return name == "globals" or (name in NAMESPACE - {"dir"} and self.frame is None)

    def _named_item(self, node: ast.Subscript) -> Ref:
        """Return ``globals()[name]``."""
        assert isinstance(node.value, ast.Call)
        name = self.evaluate(node.slice).text
        if name is not None and not node.value.args:
            return self.read(name, node.lineno) or Ref(frozenset({self.heap.new()}))
        self.only_looks += 1
        value = self.evaluate(node.value)
        self.only_looks -= 1
        return Ref(self.heap.reach(value.roots) - value.roots)

    def _store_named(self, target: ast.Subscript, ref: Ref) -> bool:
        """Bind ``globals()[name]``; return whether it is known which name that is."""
        assert isinstance(target.value, ast.Call)
        name = self.evaluate(target.slice)
        if target.value.args:
            return False
        if name.text is not None:
            self.bind(name.text, ref, target.lineno, weak=self.frame is not None)
            return True
        return False

    def _store_item(self, target: ast.Subscript, ref: Ref) -> None:
        if self.is_namespace(target.value) and self._store_named(target, ref):
            return
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
        if ref.path is not None:
            self.add_thing(value, ref.path)
        self.change(value.roots, line)


def called_name(node: ast.expr) -> str:
    """Return ``f`` for ``f(...)``, else nothing."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id
    return ""
