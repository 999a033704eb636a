"""Which call is which: of a library, of the notebook, of a method, or of who knows what."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import NONE, NOWHERE, SCALARS, UNKNOWN_SCALAR, Method, Ref, join
from jupyter_zflow.analysis.interpreter.arguments import Arguments, works_in_place
from jupyter_zflow.analysis.interpreter.following import Following
from jupyter_zflow.analysis.knowledge.table import Effect

if TYPE_CHECKING:
    import ast

_SHARE_UNSEEN: Final = frozenset(
    f"numpy.ma.{name}" for name in "array masked_array MaskedArray asarray asanyarray".split()
)
_BACK_DOORS: Final = frozenset(
    "sys._getframe sys._current_frames inspect.currentframe inspect.stack gc.get_objects "
    "gc.get_referrers gc.get_referents inspect.getmembers_static".split()
)
"""Functions that lead to objects, or to the namespace, past all names."""
_IMPORTING: Final = frozenset({"importlib.import_module", "sys.modules.get"})
_CLASSES: Final = {
    "numpy.ndarray": "numpy",
    "pandas.DataFrame": "pandas",
    "pandas.Series": "pandas",
}
"""Classes of libraries -> the type of their objects."""

_READING_METHODS: Final = frozenset("get items keys values copy index count __contains__".split())


class Calls(Following):
    """Evaluates calls."""

    @abstractmethod
    def interactive(self, name: str, arguments: Arguments, node: ast.Call) -> Ref:
        """Evaluate a method of ``get_ipython()``."""

    def call(self, target: Ref, arguments: Arguments, line: int, *, text: str) -> Ref:
        """Return the result of calling a value."""
        if target.path is not None:
            return self.call_path(target.path, arguments, line)
        if isinstance(target.const, Method):
            return self.call_method(target.const.receiver, target.const.name, arguments, line)
        results: list[Ref] = []
        known = False
        if target.type == "choice" and isinstance(target.const, tuple):
            results += [self.call_path(path, arguments, line) for path in target.const]
            if not target.roots:
                return join(*results)
        for site in sorted(target.roots):
            code = self.heap.code.get(site)
            if code is not None:
                known = True
                results.append(self.call_code(site, code, arguments, line))
            elif site in self.instance_of:
                method = self.member(site, "__call__")
                if method is not None:
                    known = True
                    results.append(self._call_member(method, target, arguments, line))
        if known and (
            target.type in {"function", "class", "instance"}
            or all(site in self.heap.code for site in target.roots)
        ):
            return join(*results)
        results.append(self.call_unknown(target, arguments, line, text=text))
        return join(*results)

    def call_path(self, path: str, arguments: Arguments, line: int) -> Ref:
        """Return the result of calling something of a library, by dotted name."""
        self.use_local_module(path, line, calls=True)
        special = self._call_by_name(path, arguments, line)
        if special is not None:
            return special
        effect = knowledge.function(path)
        parent, _, method = path.rpartition(".")
        if parent in _CLASSES and arguments.positional and not method.startswith("from_"):
            return self._call_of_class(_CLASSES[parent], method, arguments, line)
        state = knowledge.state_of(parent)
        if state is not None and (effect is None or not effect.state):
            if method in _READING_METHODS:
                return Ref(frozenset({self.heap.new()}))
            self.write_state(state[0], line)
            return NONE
        owner = self._changed_part(parent, method)
        if owner is not None:
            self.write_state(f"module:{owner}", line)
        if effect is None and parent:
            # A method of a class or object of the library: ``np.ndarray.sort(a)``.
            self.heavy(line, f"{path}()")
        if effect is None:
            return self.call_unknown(Ref(NOWHERE, "object", path), arguments, line, text=path)
        if effect.result.startswith("sklearn") and path[:1] in "sxlc":
            effect = self._estimator(effect, arguments)
        return self.apply(effect, None, arguments, line, text=path)

    def _call_of_class(self, kind: str, method: str, arguments: Arguments, line: int) -> Ref:
        """Return the result of a method that is called by its class: ``np.ndarray.sort(a)``."""
        receiver, *rest = arguments.positional
        table = knowledge.type_table(kind)
        effect = table.methods.get(method, table.default)
        if effect is None or method.startswith("_"):
            return self.call_unknown(receiver, arguments, line, text=f".{method}")
        given = replace(arguments, positional=rest)
        return self.apply(effect, receiver, given, line, text=f".{method}")

    def _call_by_name(self, path: str, arguments: Arguments, line: int) -> Ref | None:
        """Return the result of a call that no table can describe, None for any other."""
        if path == "weakref.finalize" and arguments.positional:
            why = "an object that acts when it is deleted"
            for root in arguments.positional[0].roots:
                self.mark(root, why)
        if (
            path in _SHARE_UNSEEN
            and arguments.positional
            and arguments.positional[0].type != "list"
        ):
            self.heavy(line, f"{path}()")
            return Ref(
                self.heap.reach(arguments.roots) | {self.heap.new()},
                "bound:a masked array that may share its data with another array",
            )
        if path in {"numpy.shares_memory", "numpy.may_share_memory"}:
            self.test_identity(arguments.roots)
        if path in _BACK_DOORS or "__main__" in {ref.path for ref in arguments.all()}:
            return self.open_up(line, f"{path}()")
        if path in _IMPORTING and arguments.positional:
            name = arguments.positional[0].text
            return Ref(type="module", const=name) if name else self.open_up(line, f"{path}()")
        if path == "object.__new__":
            return self._bare_objects(arguments, line)
        return None

    def _bare_objects(self, arguments: Arguments, line: int) -> Ref:
        made = [Ref(self.heap.reach(arguments.roots))]
        for root in sorted(arguments.roots):
            if root in self.heap.code:
                made.append(self._new_object(root, Arguments()))
                self.come_near(made[-1], line)
        return join(*made)

    def _changed_part(self, parent: str, method: str) -> str | None:
        """Return the variable of a module that a method call on it may change."""
        if "." not in parent or method in _READING_METHODS:
            return None
        top = parent.partition(".")[0]
        if f"module:{parent}" in self.states or (
            self.is_local_module(top) and not parent.rpartition(".")[2][:1].isupper()
        ):
            return parent
        return None

    @staticmethod
    def _estimator(effect: Effect, arguments: Arguments) -> Effect:
        if works_in_place(arguments):
            return Effect("sklearn.in place", shares=effect.shares)
        given = arguments.all()
        if "solver" in arguments.keywords or any(
            "mutual_info" in (ref.path or "") for ref in given
        ):
            effect = replace(effect, result=effect.result.replace("sklearn", "sklearn.drawing"))
        if effect.result not in {"sklearn.drawing", "sklearn.composite"}:
            return effect
        seed = arguments.keywords.get("random_state")
        if seed is None or seed.type == "None":
            return effect
        # A generator object inside an estimator is changed by fitting it.
        kind = "sklearn.composite" if seed.roots else "sklearn"
        return Effect(kind, shares=effect.shares)

    def call_method(self, receiver: Ref, name: str, arguments: Arguments, line: int) -> Ref:
        """Return the result of ``receiver.name(...)``."""
        results: list[Ref] = []
        unknown = receiver.type not in {"instance", "class"}
        for site in sorted(receiver.roots):
            if site not in self.instance_of and site not in self.heap.code:
                continue
            method = self.member(site, name)
            if method is None:
                unknown = True
            else:
                results.append(self._call_member(method, receiver, arguments, line))
        effects = self._effects(receiver, name)
        if effects:
            results += [
                self.apply(effect, receiver, arguments, line, text=f".{name}") for effect in effects
            ]
            return join(*results)
        if unknown or not results:
            if receiver.immutable and receiver.type in SCALARS:
                return UNKNOWN_SCALAR
            results.append(self.call_unknown(receiver, arguments, line, text=f".{name}"))
        return join(*results)

    def has_method(self, receiver: Ref, name: str) -> bool:
        """Return whether the attribute is known to be a method, rather than data."""
        kinds = {receiver.type, *(self.heap.kinds.get(site, "") for site in receiver.roots)}
        if any(name in knowledge.type_table(kind).methods for kind in kinds):
            return True
        return any(
            self.member(site, name) is not None
            for site in receiver.roots
            if site in self.instance_of
        )

    def _effects(self, receiver: Ref, name: str) -> list[Effect]:
        """Return what the method does on each type that the receiver may have; none if unknown."""
        kinds = (
            {receiver.type}
            if receiver.type
            else {self.heap.kinds.get(site, "") for site in receiver.roots}
        )
        effects = []
        for kind in sorted(kinds):
            table = knowledge.type_table(kind)
            effect = table.methods.get(name, table.default)
            if effect is None:
                return []
            effects.append(effect)
        return effects
