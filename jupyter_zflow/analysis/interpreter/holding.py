"""What containers, arrays and other values hold, and what is found in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import CONTAINERS, NOWHERE, SCALARS, Ref, Sites
from jupyter_zflow.analysis.interpreter.relying import Relying

if TYPE_CHECKING:
    from collections.abc import Iterable

_TABLES: Final = frozenset({"numpy", "pandas", "polars"})

_HELD: Final = CONTAINERS - {"iterator"}


class Holding(Relying):
    """Puts values into others and finds them there."""

    def keep(self, holder: Ref, given: Iterable[Ref]) -> None:
        """Note that a value may hold others afterwards, or what they hold."""
        for ref in given:
            self.heap.link(holder.roots, ref.roots | self.elements(ref).roots)
            if ref.path is not None:
                self.add_thing(holder, ref.path)

    def add_thing(self, holder: Ref, path: str) -> None:
        """Note that a container holds something of a library."""
        for root in holder.roots:
            things = self.heap.things.get(root, ())
            self.journal.put(self.heap.things, root, tuple(sorted({*things, path})))

    def inside(self, ref: Ref) -> Ref:
        """Return what may be found in a value by subscript, attribute or iteration."""
        table = knowledge.type_table(ref.type)
        if ref.immutable:
            return Ref(type=table.element if table.element in SCALARS else "")
        cells = self.cells(ref)
        if cells:
            return Ref(cells | (NOWHERE if table.element in SCALARS else ref.roots))
        if table.element in SCALARS:
            return Ref(type=table.element)
        if ref.type in CONTAINERS or self.heap.kind_of(ref.roots) in CONTAINERS:
            return self.elements(ref)
        return Ref(self.heap.reach(ref.roots), table.element)

    def cells(self, *refs: Ref) -> Sites:
        """Return the lists, objects and the like that arrays and frames hold one by one."""
        found: set[int] = set()
        for ref in refs:
            if ref.type in CONTAINERS and ref.roots:
                held = self.elements(ref)
                found |= self.cells(held) if held.type in _TABLES else NOWHERE
            if ref.type not in _TABLES or not ref.roots:
                continue
            for site in self.heap.reach(ref.roots):
                if site not in self.instance_of and self.heap.kinds.get(site) not in _HELD:
                    continue
                # A list that a dict holds is a column.
                if any(self.heap.kinds.get(holder) != "dict" for holder in self.heap.held_by[site]):
                    found.add(site)
        return frozenset(found)

    def elements(self, ref: Ref) -> Ref:
        """Return what a container holds; of anything else, all that it may be or reach."""
        if ref.immutable:
            return Ref()
        kind = ref.type or self.heap.kind_of(ref.roots)
        if kind not in CONTAINERS:
            return Ref(self.heap.reach(ref.roots))
        held = self.heap.held_in(ref.roots)
        things = sorted({path for root in ref.roots for path in self.heap.things.get(root, ())})
        if things:
            if not held and len(things) == 1:
                return Ref(type="object", const=things[0])
            return Ref(held, "choice", tuple(things))
        return Ref(held, self.heap.kind_of(held) if held else "")

    def container(self, kind: str, held: Iterable[Ref]) -> Ref:
        """Return a new container of the built-in type that holds the values."""
        held = list(held)
        roots = frozenset[int]().union(*(ref.roots for ref in held))
        things = [ref.path for ref in held if ref.path is not None]
        things += [path for ref in held if ref.type == "choice" for path in paths_in(ref)]
        if kind == "tuple" and not roots and not things:
            return Ref(type="tuple")
        made = self.heap.new(kind=kind)
        self.heap.link([made], roots)
        if things:
            self.journal.put(self.heap.things, made, tuple(sorted(set(things))))
        return Ref(frozenset({made}), kind)


def paths_in(ref: Ref) -> tuple[str, ...]:
    """Return the dotted names that a value picked from a container may be."""
    return ref.const if isinstance(ref.const, tuple) else ()
