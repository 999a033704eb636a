"""What Python does behind the text: special methods of the notebook's classes, and descriptors.

A comparison, a look into a list, a ``print`` may call ``__eq__``, ``__hash__`` or ``__repr__`` of
whatever the objects in reach are. Most such methods only look at their object; a class with one
that may do more is *restless*. A cell that comes near an object of a restless class may have run
these methods, so each is followed once, weakly, when the object comes into sight, and once more at
the end of the cell, when all is known that the object then holds.
"""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.code import names_of
from jupyter_zflow.analysis.heap import NOWHERE, Ref, Sites, join
from jupyter_zflow.analysis.interpreter.arguments import Arguments
from jupyter_zflow.analysis.interpreter.calls import Calls

if TYPE_CHECKING:
    from jupyter_zflow.analysis.code import Code

_PROTOCOL: Final = tuple(
    "__str__ __repr__ __len__ __bool__ __iter__ __next__ __hash__ __eq__ __lt__ __int__ __float__ "
    "__index__ __abs__ __round__ __reversed__ __contains__ __format__ __getitem__".split()
)

_SPELT_OUT: Final = frozenset(
    "__init__ __new__ __post_init__ __call__ __enter__ __exit__ __aenter__ __aexit__ __await__ "
    "__init_subclass__ __set_name__ __prepare__ __setattr__ __setitem__ __delattr__ __delitem__ "
    "__set__ __delete__ __setstate__ __iadd__ __isub__ __imul__ __itruediv__ __ifloordiv__ "
    "__imod__ __ipow__ __ilshift__ __irshift__ __iand__ __ior__ __ixor__ __imatmul__ "
    "__class__ __slots__ __doc__ __annotations__ __match_args__".split()
)
"""Special methods that only run where the text shows it."""

_OF_METACLASSES: Final = _SPELT_OUT - {"__call__", "__setattr__", "__delattr__", "__setitem__"}

_MAY_KEEP_PLACE: Final = frozenset("__iter__ __next__ __getitem__ __missing__ __getattr__".split())
"""Methods that often note something on their own object; where they run is seen elsewhere."""

_WRAPPERS: Final = frozenset("property cached_property setter getter deleter".split())

_QUIET_CALLS: Final = frozenset(
    "abs all any bool bytes dict divmod enumerate float format frozenset getattr hasattr hash id "
    "int isinstance issubclass iter len list max min object range repr reversed round set slice "
    "sorted str sum super tuple type zip NotImplementedError AttributeError KeyError IndexError "
    "TypeError ValueError StopIteration".split()
)
_QUIET_METHODS: Final = frozenset(
    "get keys values items copy format join split strip lower upper title startswith endswith "
    "index count isoformat strftime total_seconds tolist mean round".split()
)
_STORES: Final = (ast.Store, ast.Del)
_LOUD: Final = (
    ast.Global, ast.Nonlocal, ast.With, ast.AsyncWith, ast.Import, ast.ImportFrom, ast.Await,
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
)  # fmt: skip


class Implicit(Calls):
    """Follows code that Python runs by itself."""

    stirred: dict[tuple[int, str], Sites]
    """Class and special method -> the objects that it was followed with in this cell."""
    nearby: dict[Ref, int]
    """What this cell came near -> line."""
    calm: bool = False
    """Whether everything has been feared already."""

    def begin(self, index: int) -> None:
        """Start the record of a cell."""
        super().begin(index)
        self.stirred, self.nearby, self.calm = {}, {}, False

    # -- restless classes ----------------------------------------------------------------------

    def note_class(self, site: int) -> None:
        """Note which special methods of a class may do more than look at their object."""
        code = self.heap.code[site]
        names = tuple(name for name in code.members if self._is_restless(code, name))
        if names != self.restless.get(site, ()):
            self.journal.put(self.restless, site, names)

    def _is_restless(self, code: Code, name: str) -> bool:
        member = code.members[name]
        methods = [self.heap.code[root] for root in member.roots if root in self.heap.code]
        if _is_special(name):
            loud = _OF_METACLASSES if self._is_metaclass(code) else _SPELT_OUT
            if name in loud:
                return False
            keeps = name in _MAY_KEEP_PLACE
        else:
            wrapped = any(_WRAPPERS & set(method.decorators) for method in methods)
            plain = member.type in {"function", "class"} or all(
                method.name == name for method in methods
            )
            if plain and not wrapped:
                return False
            keeps = wrapped
        return not all(
            isinstance(method.node, ast.ClassDef) or _is_quiet(method.node, keeps=keeps)
            for method in methods
        )

    def _is_metaclass(self, code: Code) -> bool:
        return any(
            base.path == "type"
            or any(
                self._is_metaclass(self.heap.code[root])
                for root in base.roots
                if root in self.heap.code and self.heap.code[root] is not code
            )
            for base in code.bases
        )

    def come_near(self, ref: Ref, line: int) -> None:
        """Note that the cell has something to do with a value."""
        if self.calm or not self.restless or not ref.roots:
            return
        if self.heap.codes_of(ref.roots).isdisjoint(self.restless):
            return
        self.nearby.setdefault(ref, line)
        self._stir(ref, line, again=False)

    def settle(self) -> None:
        """Follow the special methods once more, with what their objects hold in the end."""
        line = 1
        for ref, line in list(self.nearby.items()):
            self._stir(ref, line, again=True)
        for key, sites in sorted(self.stirred.items()):
            self._run_behind(*key, Ref(sites, "instance"), line)
        # The rest is about names; no code of the cell comes near anything any more.
        self.calm = True

    def _follow(self, ref: Ref, line: int) -> None:
        super()._follow(ref, line)
        self.come_near(ref, line)

    def _stir(self, ref: Ref, line: int, *, again: bool) -> None:
        objects: dict[tuple[int, str], set[int]] = {}
        for site in self.heap.reach(ref.roots):
            for maker in self._makers(site):
                for owner in self._lineage(maker):
                    for name in self.restless.get(owner, ()):
                        objects.setdefault((owner, name), set()).add(site)
        for key, sites in sorted(objects.items()):
            first = key not in self.stirred
            self.stirred[key] = self.stirred.get(key, NOWHERE) | sites
            if first and not again:
                self._run_behind(*key, Ref(self.stirred[key], "instance"), line)

    def _makers(self, site: int) -> tuple[int, ...]:
        """Return the classes whose special methods an object has."""
        maker = self.instance_of.get(site)
        if maker is not None:
            return (maker,)
        code = self.heap.code.get(site)
        if code is None or not isinstance(code.node, ast.ClassDef):
            return ()
        # A class has the methods of its metaclass, and a few of its own.
        metaclasses = code.metaclass.roots if code.metaclass is not None else NOWHERE
        return (site, *sorted(root for root in metaclasses if root in self.heap.code))

    def _lineage(self, site: int) -> list[int]:
        """Return a class of the notebook and those that it derives from."""
        found: list[int] = []
        todo = [site]
        while todo:
            current = todo.pop(0)
            code = self.heap.code.get(current)
            if code is not None and current not in found:
                found.append(current)
                todo.extend(root for base in code.bases for root in sorted(base.roots))
        return found

    def _run_behind(self, owner: int, name: str, me: Ref, line: int) -> None:
        member = self.heap.code[owner].members[name]
        record = self.record
        here = me
        if name in _MAY_KEEP_PLACE or not _is_special(name):
            # What it does to its own object is seen where it runs.
            stand_in = self.heap.new()
            self.heap.link([stand_in], [owner])
            self.journal.put(self.instance_of, stand_in, owner)
            here = Ref(frozenset({stand_in}), "instance")
        heavy, unrepeatable = record.heavy, record.unrepeatable
        frame, self.frame = self.frame, None
        self.weak += 1
        self.forgiving += 1
        try:
            result = self._call_member(member, here, Arguments(unknown=(here,)), line)
        finally:
            self.frame = frame
            self.weak -= 1
            self.forgiving -= 1
        record.heavy, record.unrepeatable = heavy, unrepeatable
        # Whoever asks the object gets it.
        new = result.roots - self.heap.reach(me.roots)
        if new:
            given = self.heap.new()
            self.heap.link([given], new)
            self.heap.link(me.roots, [given])

    # -- calls that the text shows ---------------------------------------------------------------

    def _special(self, value: Ref, name: str, given: list[Ref], line: int) -> Ref:
        results = []
        for site in sorted(value.roots):
            method = self.member(site, name) if site in self.instance_of and name else None
            if method is not None:
                results.append(self._call_member(method, value, Arguments(given), line))
        if results:
            return join(*results)
        return Ref(self.heap.reach(value.roots))

    def protocol(self, ref: Ref, line: int, *names: str) -> None:
        """Follow methods of the notebook's classes that Python itself calls."""
        for site in sorted(ref.roots):
            if site in self.instance_of:
                for name in names or _PROTOCOL:
                    self._special(ref, name, [], line)

    def is_own(self, *refs: Ref) -> bool:
        """Return whether one of the values may be an object, or a class, of the notebook's own."""
        return any(
            root in self.instance_of
            or isinstance(getattr(self.heap.code.get(root), "node", None), ast.ClassDef)
            for ref in refs
            for root in ref.roots
        )


def _is_special(name: str) -> bool:
    return len(name) > 2 and name[0] == name[-1] == "_"  # noqa: PLR2004  more than the underscores


@lru_cache(maxsize=65_536)
def _is_quiet(function: ast.AST, *, keeps: bool) -> bool:
    """Return whether a method plainly does nothing but look at its object.

    With ``keeps`` it may also set attributes of the object.
    """
    assert isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    if not names_of(function).free.keys() <= knowledge.BUILTINS | _QUIET_CALLS | {"NotImplemented"}:
        return False
    body = [function.body] if isinstance(function, ast.Lambda) else function.body
    return all(_is_quiet_part(part, keeps) for top in body for part in ast.walk(top))


def _is_quiet_part(part: ast.AST, keeps: bool) -> bool:  # noqa: FBT001
    if isinstance(part, _LOUD):
        return False
    if isinstance(part, ast.AugAssign) and not isinstance(part.target, ast.Attribute):
        # It may change what a local name and others share.
        return False
    if isinstance(part, ast.Call):
        if isinstance(part.func, ast.Attribute):
            return part.func.attr in _QUIET_METHODS
        return isinstance(part.func, ast.Name) and part.func.id in _QUIET_CALLS
    if isinstance(part, ast.Attribute) and isinstance(part.ctx, _STORES):
        return keeps and isinstance(part.value, ast.Name)
    return not (isinstance(part, ast.Subscript) and isinstance(part.ctx, _STORES))
