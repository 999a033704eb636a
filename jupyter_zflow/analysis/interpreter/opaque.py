"""Code that may do anything: what is known of names and objects, given up bit by bit."""

from __future__ import annotations

from jupyter_zflow.analysis.heap import NOWHERE, Ref, Sites
from jupyter_zflow.analysis.interpreter.ambient import ANY_STATES
from jupyter_zflow.analysis.interpreter.machine import Machine, either
from jupyter_zflow.analysis.record import Read, Write
from jupyter_zflow.analysis.scope import Binding


class Opaque(Machine):
    """Notes code that nobody can follow."""

    def any_name(self, line: int, what: str, *, writes: bool) -> None:
        """Note code that may use any name, and perhaps bind or change any."""
        if self.record.dynamic is None:
            self.record.dynamic = Write(line, what)
        self.heavy(line, what)
        for name in list(self.env):
            self.read(name, line, what)
        for name, cell in self.deleted.items():
            if cell != self.record.index:
                self.record.reads.setdefault(name, Read(cell, line, what))
        if self.wild is not None and self.wild != self.record.index:
            self.record.reads.setdefault("*", Read(self.wild, line, what))
        if not writes:
            return
        self.record.dynamic_writes = True
        self.wild = self.record.index
        for name in list(self.env):
            # What was imported may be something else now; it is handed on like any value.
            self._touch(name, line, what)
        self.record.changes_anything = True
        for kind in ANY_STATES:
            self.write_state(kind, line, reason=what)
        self.read_file(None, line)
        self.write_file(None, line)

    def every_root(self) -> Sites:
        """Return everything that variables of the notebook may be."""
        return NOWHERE.union(*(binding.ref.roots for binding in self.env.values()))

    def forget_meanings(self) -> None:
        """Take every name, of the notebook or built in, to mean anything."""
        anything = self.blur()
        for name, binding in self.env.items():
            ref = either(binding.ref.path, binding.ref.roots | anything.roots)
            self.env[name] = Binding(ref, binding.cell, binding.line)
            self._own(name, anything.roots)
        self.heap.name(anything.roots)
        self.rebound = self.record.index
        self.anything = anything
        for kind in ("cwd", "sys.path", "numpy.options", "pandas.options"):
            self.write_state(kind, 1)

    def open_up(self, line: int, what: str) -> Ref:
        """Note a way into the namespace that passes by the names; return what may be got by it."""
        if self.rebound != self.record.index or not self.record.changes_anything:
            self.any_name(line, what, writes=True)
            self.forget_meanings()
        site = self.heap.new()
        self.mark(site, "the notebook's own namespace, or a way into it")
        self.heap.link([site], self.every_root())
        return Ref(frozenset({site}))

    def blur(self) -> Ref:
        """Forget the heap: every value may be, hold and share anything.

        Functions and classes stay what they are, so that their free names are still known.
        """
        self.journal.sealed = True
        anything = self.heap.new()
        kept: set[int] = set()

        def blurred(ref: Ref) -> Ref:
            if ref.immutable:
                return ref
            code = frozenset(site for site in ref.roots if site in self.heap.code)
            kept.update(code)
            known = code and ref.type in {"function", "class"}
            return Ref(code, ref.type) if known else Ref(code | {anything})

        for name, binding in self.env.items():
            if not binding.imports:
                self.env[name] = Binding(blurred(binding.ref), binding.cell, binding.line)
        for code in self.heap.code.values():
            code.defaults = {name: blurred(ref) for name, ref in code.defaults.items()}
            for name, ref in code.members.items():
                code.members[name] = blurred(ref)
            frame = code.frame
            while frame is not None:
                for name, ref in frame.names.items():
                    frame.names[name] = blurred(ref)
                frame = frame.parent
        kept |= {site for site in self.heap.code if self.heap.code[site].frame is None}
        for site in kept:
            self.heap.holds[site] = {anything}
            self.heap.held_by[site] = {anything}
            self.heap.codes[site] = frozenset(kept)
        self.heap.holds[anything] = set(kept)
        self.heap.held_by[anything] = set(kept)
        self.heap.codes[anything] = frozenset(kept)
        self.heap.version += 1
        self.owners = {}
        for name, binding in self.env.items():
            for site in binding.ref.roots:
                self.owners.setdefault(site, set()).add(name)
        return Ref(frozenset({anything}))
