"""What calls of libraries do: looked up in the tables, or feared."""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import knowledge
from jupyter_zflow.analysis.heap import (
    CONTAINERS,
    NOWHERE,
    SCALARS,
    UNKNOWN_SCALAR,
    Method,
    Ref,
    Sites,
    concatenate,
    join,
)
from jupyter_zflow.analysis.interpreter.ambient import RANDOM_STATES, STATE_TYPES
from jupyter_zflow.analysis.interpreter.arguments import (
    Arguments,
    is_any_given,
    is_set,
    works_in_place,
)
from jupyter_zflow.analysis.interpreter.holding import Holding, paths_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.analysis.code import Code
    from jupyter_zflow.analysis.knowledge.table import Effect

BUDGET: Final = 200
"""Calls that are followed or feared in one cell; past it the cell may do anything."""

WORK: Final = 100_000
"""Heap sites that may be visited for one cell; past it the cell may do anything."""

_LOOKS_LIKE_PATH: Final = re.compile(r"[\w.~-]*(/[\w. -]+)+|[\w-]+(\.[A-Za-z]\w{0,7})+")
_QUERY_NAME: Final = re.compile(r"@(\w+)")
_CHANGED_WORDS: Final = (
    "out", "output", "ax", "plot", "file", "buf", "random_state", "rng", "seed", "random",
    "generator",
)  # fmt: skip
"""Keywords whose objects a library changes, whatever the function."""


_CALLERS: Final = frozenset(
    "map filter sorted min max functools.reduce itertools.starmap itertools.accumulate "
    "numpy.vectorize numpy.apply_along_axis .apply .map .applymap .transform .agg .aggregate "
    ".filter .sort .pipe".split()
)
"""What calls functions that it is given, on what else it is given."""


class TooHardError(Exception):
    """A cell whose calls cannot be followed within the budget; never leaves the interpreter."""


class Libraries(Holding):
    """Evaluates calls of libraries."""

    followed: int = 0
    work_limit: int = 0
    active: tuple[ast.AST, ...] = ()

    @abstractmethod
    def call_code(
        self, site: int, code: Code, arguments: Arguments, line: int, *, me: Ref | None = None
    ) -> Ref:
        """Follow a call into a function or class that the notebook defines."""

    @abstractmethod
    def call_method(self, receiver: Ref, name: str, arguments: Arguments, line: int) -> Ref:
        """Return the result of ``receiver.name(...)``."""

    @abstractmethod
    def has_method(self, receiver: Ref, name: str) -> bool:
        """Return whether the attribute is known to be a method, rather than data."""

    def apply(
        self, effect: Effect, receiver: Ref | None, arguments: Arguments, line: int, *, text: str
    ) -> Ref:
        """Note what a known call does and return its result."""
        here = receiver or Ref()
        self._change(effect, here, arguments, line)
        if text in {".query", ".eval", "pandas.eval"} and arguments.positional:
            for name in _QUERY_NAME.findall(arguments.positional[0].text or ""):
                self.lookup(name, line)
        self._draw(effect, arguments, line)
        self._use_files(effect, here, arguments, line, text=text)
        if effect.state:
            self.write_state(effect.state, line)
        if effect.keeps:
            self.keep(here, arguments.all())
        called = [
            self.invoke(ref, arguments, receiver, line, caller=text) for ref in arguments.all()
        ]
        if effect.clock or not (effect.light or text in knowledge.BUILTINS):
            repeatable = not (effect.clock or effect.draws or effect.anywhere)
            self.heavy(line, f"{text.lstrip('.')}()", repeatable=repeatable)
        result = self._result(effect, here, arguments, text)
        if effect.shares:
            for ref in called:
                self.heap.link(result.roots, ref.roots)
        if effect.shares and not effect.copies and effect.result not in CONTAINERS | SCALARS:
            # What a function returned that was handed over may be the result.
            result = replace(result, roots=result.roots.union(*(ref.roots for ref in called)))
        return result

    def _change(self, effect: Effect, here: Ref, arguments: Arguments, line: int) -> None:
        if here.type in STATE_TYPES:
            self.write_state(STATE_TYPES[here.type], line)
        for position in effect.changes:
            if position == "self":
                self.change(here.roots, line)
            elif position == "deep":
                self.change(here.roots, line, deep=True)
            else:
                target = arguments.get(position)
                if target is not None:
                    self.change(target.roots, line)
        if effect.inplace and is_set(arguments.keywords.get("inplace")):
            self.change(here.roots, line)
        for ref in arguments.all():
            if knowledge.type_table(ref.type).consumed:
                self.change(ref.roots, line)
        if works_in_place(arguments):
            self.change(here.roots | arguments.roots, line)
        self._change_keywords(arguments, line)

    def _change_keywords(self, arguments: Arguments, line: int) -> None:
        for ref in arguments.spread_keywords:
            # One of them may be an ``out``.
            self.change(self.elements(ref).roots, line)
        for word in _CHANGED_WORDS:
            given = arguments.keywords.get(word)
            if given is not None and given.roots:
                self.change(given.roots, line)

    def _result(self, effect: Effect, receiver: Ref, arguments: Arguments, text: str) -> Ref:
        kind = f"bound:{effect.bound}" if effect.bound and not effect.result else effect.result
        cells = self.cells(receiver, *arguments.all())
        if kind in SCALARS:
            if effect.arrays and is_any_given(arguments, effect.arrays):
                return Ref(frozenset({self.heap.new(kind="numpy")}), "numpy")
            held = cells and kind != "str"
            return Ref(cells | {self.heap.new()}) if held else Ref(type=kind)
        if kind == "path" or text == "os.path.join":
            parts = [*([receiver] if receiver.type == "path" else []), *arguments.positional]
            kind = kind or "str"
            return concatenate(parts or [Ref()], between="/", kind=kind)
        if effect.number:
            return self._calculated(arguments, text)
        return receiver if effect.itself else self._object(effect, receiver, arguments, cells)

    def _object(self, effect: Effect, receiver: Ref, arguments: Arguments, cells: Sites) -> Ref:
        """Return the result of a call that may return an object."""
        kind = f"bound:{effect.bound}" if effect.bound and not effect.result else effect.result
        given = [receiver, *arguments.all()]
        if effect.picks:
            given += [self.elements(ref) for ref in arguments.spread]
            return join(*(self.elements(ref) for ref in given), *arguments.all())
        made = self.heap.new(kind=kind)
        self.heap.link([made], cells)
        if cells and not effect.shares and kind in CONTAINERS:
            # How deep it holds them, nobody knows.
            return Ref(cells | {made})
        if works_in_place(arguments):
            return Ref(receiver.roots | arguments.roots | {made}, kind)
        if not effect.shares:
            # What is given for the result is the result.
            places = [place for place in ("out", *effect.changes) if place != "self"]
            targets = [arguments.get(place) or Ref() for place in places]
            return Ref(frozenset({made}).union(*(ref.roots for ref in targets)), kind)
        if kind in CONTAINERS:
            return self._collect(effect, made, given)
        sources = receiver.roots | arguments.roots
        if effect.copies:
            self.heap.link([made], sources)
            return Ref(frozenset({made}), kind)
        if not kind:
            # It may be something that one of them holds.
            sources = self.heap.reach(sources)
        return Ref(sources | {made}, kind)

    def _calculated(self, arguments: Arguments, text: str) -> Ref:
        """Return the result of a built-in that calculates with what it is given."""
        given = arguments.all()
        # ``sum`` calculates with what its first argument yields.
        summed = text == "sum" and bool(given)
        parts = [self._yielded(given[0]), *given[1:]] if summed else given
        kinds = {knowledge.type_table(ref.type).arithmetic for ref in parts if ref.roots}
        if kinds and "" not in kinds:
            made = Ref(frozenset({self.heap.new()}), kinds.pop() if len(kinds) == 1 else "")
            # ``divmod`` returns two.
            return join(made, self.container("tuple", [made])) if text == "divmod" else made
        if not kinds:
            return UNKNOWN_SCALAR
        new = frozenset({self.heap.new()})
        roots = self.heap.reach(frozenset[int]().union(*(ref.roots for ref in parts)))
        self.heap.link(new, roots)
        return Ref(roots | new)

    def _yielded(self, ref: Ref) -> Ref:
        if ref.type == "generator":
            held = self.heap.held_in(ref.roots)
            return Ref(held, self.heap.kind_of(held) if held else "")
        return self.inside(ref)

    def _collect(self, effect: Effect, made: int, given: list[Ref]) -> Ref:
        """Return a new container of the elements of what was given."""
        result = Ref(frozenset({made}), effect.result)
        elements = [self.elements(ref) for ref in given]
        if effect.pairs:
            elements = [self.container("tuple", elements)]
        elif effect.result in {"dict", "defaultdict"}:
            elements += [self.inside(ref) for ref in elements]
        for ref in elements:
            self.heap.link([made], ref.roots)
            for path in [ref.path] if ref.path is not None else paths_in(ref):
                self.add_thing(result, path)
        if effect.result == "defaultdict":
            self.heap.link([made], frozenset[int]().union(*(ref.roots for ref in given)))
        if effect.result == "iterator":
            self.heap.watch(made, frozenset[int]().union(*(ref.roots for ref in given)))
        return result

    def _draw(self, effect: Effect, arguments: Arguments, line: int) -> None:
        if not effect.draws or (effect.when and not is_any_given(arguments, effect.when)):
            return
        given = arguments.keywords.get(effect.unless) if effect.unless else None
        if given is None or given.type == "None":
            self.draw(effect.draws, line)

    def _use_files(
        self, effect: Effect, receiver: Ref, arguments: Arguments, line: int, *, text: str
    ) -> None:
        if text == "open" or (text == ".open" and effect.result == "file"):
            self._open(receiver, arguments, line, of_path=text != "open")
            return
        for positions, use in ((effect.reads, self.read_file), (effect.writes, self._overwrite)):
            given = [
                receiver if position == "self" else arguments.get(position)
                for position in positions
            ]
            if positions and not any(given):
                use(".", line)
            # Words name the same thing as the position before them.
            several = [place for place in positions if place == "self" or isinstance(place, int)]
            if len(several) > 1 and arguments.keywords:
                use(None, line)
            for position, target in zip(positions, given, strict=True):
                if target is None or (position not in several and given[0] is not None):
                    continue
                self._use_path(target, use, line)
                if position not in several:
                    break
        if effect.anywhere:
            self.read_file(None, line)
            self.write_file(None, line)

    def _use_path(self, target: Ref, use: Callable[[str | None, int], None], line: int) -> None:
        if target.type in {"file", "memory file"}:
            self.change(target.roots, line)
        elif target.place is not None:
            if "://" not in target.place and target.place != ":memory:":
                use(target.place, line)
        elif target.type not in {"dict", "list", "numpy", "pandas", "None"}:
            use(None, line)

    def _overwrite(self, path: str | None, line: int) -> None:
        self.write_file(path, line, replaces=False)

    def _open(self, receiver: Ref, arguments: Arguments, line: int, *, of_path: bool) -> None:
        path = receiver if of_path else (arguments.get(0) or arguments.get("file") or Ref())
        mode = arguments.get(0 if of_path else 1) or arguments.get("mode")
        text = "r" if mode is None else mode.text
        if text is None:
            self.read_file(path.place, line)
            self.write_file(path.place, line)
            return
        if "w" in text or "x" in text:
            self.write_file(path.place, line, replaces=True)
        elif "a" in text or "+" in text:
            self.read_file(path.place, line)
            self.write_file(path.place, line)
        else:
            self.read_file(path.place, line)

    def invoke(
        self,
        ref: Ref,
        arguments: Arguments,
        receiver: Ref | None,
        line: int,
        *,
        caller: str = "",
    ) -> Ref:
        """Note what a function does that is handed to a library, which may call it."""
        if ref.path is not None:
            others = [other for other in (receiver, *arguments.all()) if other and other is not ref]
            parts = [self.inside(other) for other in others]
            parts += [self.inside(part) for part in parts if part.type == "tuple"]
            roots = NOWHERE.union(*(part.roots for part in parts))
            self._invoke_library(ref.path, roots, line, calls=caller in _CALLERS, count=len(others))
        if isinstance(ref.const, Method):
            if not self.has_method(ref.const.receiver, ref.const.name):
                return Ref()
            given = Arguments(unknown=tuple(self.inside(other) for other in arguments.all()))
            return self.call_method(ref.const.receiver, ref.const.name, given, line)
        if not ref.roots or not self.heap.code:
            return Ref()
        results = []
        handed = [self.inside(other) for other in arguments.all() if other is not ref]
        if receiver is not None:
            handed.append(self.inside(receiver))
        handed += [self.inside(item) for item in handed if item.type == "tuple"]
        given = Arguments(unknown=(join(*handed) if handed else Ref(),))
        for site in sorted(self.heap.codes_of(ref.roots)):
            code = self.heap.code[site]
            if isinstance(code.node, ast.ClassDef) or code.node in self.active:
                continue
            if site in self.instance_of:
                continue
            self.weak += 1
            results.append(self.call_code(site, code, given, line))
            self.weak -= 1
        return join(*results) if results else Ref()

    def _invoke_library(
        self, path: str, handed: Sites, line: int, *, calls: bool, count: int
    ) -> None:
        """Note what a library's function may do that is handed over with some values."""
        effect = knowledge.function(path)
        if effect is None:
            # ``str.strip``
            parent, _, method = path.rpartition(".")
            table = knowledge.type_table(parent)
            effect = table.methods.get(method, table.default)
        if effect is None:
            if calls and not path.rpartition(".")[2][:1].isupper():
                self.fear_change(handed, line, reason=f"nothing is known about {path}()")
            return
        if any(isinstance(place, str) or place < max(count, 1) for place in effect.changes):
            self.change(handed, line)
        if effect.state:
            self.write_state(effect.state, line)
        if effect.draws:
            self.draw(effect.draws, line)
        if effect.reads or effect.anywhere:
            self.read_file(None, line)
        if effect.writes or effect.anywhere:
            self.write_file(None, line)

    def call_unknown(
        self, target: Ref, arguments: Arguments, line: int, *, text: str, follow: bool = True
    ) -> Ref:
        """Fear the worst: everything within reach is changed, drawn, written and returned."""
        self.spend()
        name = text.lstrip(".")
        reason = f"nothing is known about {name}()"
        self.heavy(line, f"{name}()")
        everything = target.roots | arguments.roots
        self.fear_change(everything, line, reason=reason)
        if follow:
            for ref in (target, *arguments.all()):
                everything |= self.invoke(ref, arguments, None, line).roots
        for kind in RANDOM_STATES:
            self.fear_draw(kind, line, reason=reason)
        for ref in arguments.all():
            path = ref.text
            if path is None or "://" in path:
                continue
            known = self.files.knows(path) or self.is_local_file(path)
            if known or (ref.type in {"path", "str"} and _LOOKS_LIKE_PATH.fullmatch(path)):
                self.read_file(path, line)
                self.write_file(path, line)
        return Ref(self.heap.reach(everything) | {self.heap.mix(everything)})

    def spend(self) -> None:
        """Count a call that is followed or feared, and stop a cell that is too hard to follow."""
        self.followed += 1
        if self.followed > BUDGET or self.heap.work > self.work_limit:
            raise TooHardError
