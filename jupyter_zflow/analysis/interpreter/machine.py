"""The names and objects of the notebook while its cells are read in order."""

from __future__ import annotations

import builtins
from abc import abstractmethod
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.code import global_names
from jupyter_zflow.analysis.heap import NOWHERE, Heap, Ref, Sites, join
from jupyter_zflow.analysis.interpreter.ambient import RANDOM_STATES, Ambient
from jupyter_zflow.analysis.journal import Journal
from jupyter_zflow.analysis.knowledge import BUILTINS
from jupyter_zflow.analysis.record import CellRecord, FileEntries, FileLog, Read, Write
from jupyter_zflow.analysis.scope import Binding, Frame, Names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

BOUND_TYPES: Final = {
    "file": "an open file",
    "generator": "a generator, which keeps its place in running code",
    "sqlite3.Connection": "a database connection",
}
"""Types whose values cannot leave their process, and why."""

_NOBODY: Final[frozenset[str]] = frozenset()

HISTORY: Final = frozenset("_ __ ___ Out In _oh _ih _dh _i _ii _iii __annotations__".split())


Weather = tuple[Sites, int | None, int | None, int, FileEntries, tuple[tuple[str, int], ...]]


def either(path: str | None, roots: Sites) -> Ref:
    """Return what is something of a library, or anything else."""
    return Ref(roots) if path is None else Ref(roots, "choice", (path,))


class Machine(Ambient):
    """Names, heap, files and states of the notebook so far, and the record of the current cell."""

    def __init__(
        self,
        *,
        last_change: Mapping[int, int],
        last_wild: int,
        is_local_file: Callable[[str], bool],
        is_missing: Callable[[str], bool],
        keeps_state: Callable[[str], bool],
        is_local_module: Callable[[str], bool],
    ) -> None:
        self.journal = Journal()
        self.heap = Heap(self.journal, last_change=last_change)
        self.env = Names()
        self.owners: dict[int, set[str]] = {}
        self.states: dict[str, int] = {}
        self.files = FileLog()
        self.record = CellRecord(-1)
        self.frame: Frame | None = None
        self.weak = 0
        self.forgiving = 0
        self.instance_of: dict[int, int] = {}
        self.restless: dict[int, tuple[str, ...]] = {}
        """Class -> special methods that may do more than look at their object."""
        self.last_change = last_change
        self.last_wild = last_wild
        self.last_display: int | None = None
        self.wild: int | None = None
        self.fears = 0
        self.raised: Sites = NOWHERE
        """What the notebook's code has raised so far; any handler may get it."""
        self.is_local_file = is_local_file
        self.is_missing = is_missing
        self.keeps_state = keeps_state
        self.is_local_module = is_local_module
        self.unportable: dict[int, str] = {}
        self.deleted: dict[str, int] = {}
        self._followed: set[tuple[int, int]] = set()

    @property
    def weather(self) -> Weather:
        """What is not in a table and may change what any later cell does."""
        return (
            self.raised,
            self.last_display,
            self.wild,
            self.fears,
            self.files.entries,
            tuple(self.states.items()),
        )

    @weather.setter
    def weather(self, weather: Weather) -> None:
        self.raised, self.last_display, self.wild, self.fears, self.files.entries, _ = weather

    walks: bool = False
    """Whether a loop at the top level binds its variable, which mostly happens."""
    surely: bool = False
    """Whether that loop has something to walk."""
    walking: frozenset[str] = frozenset()
    """Variables of the loops that the statement is in."""
    rebound: int | None = None
    """The cell whose code may have bound the names of built-ins."""
    anything: Ref = Ref()
    """What such code may have bound a name to."""

    # -- cells ---------------------------------------------------------------------------

    def begin(self, index: int) -> None:
        """Start the record of a cell."""
        self.record = CellRecord(index)
        self.heap.begin(index)
        self._followed.clear()
        for kind, cell in self.states.items():
            if kind not in RANDOM_STATES and cell != index and " " not in kind:
                self.record.state_reads[kind] = Read(cell, 1)

    def finish(self) -> None:
        """Close the record: keep objects that later cells change together with their aliases."""
        self._export_aliases()
        if self.record.shows_value:
            self.last_display = self.record.index

    def _export_aliases(self) -> None:
        """Make this cell the writer of older names that share an object with what it bound.

        Two variables that share an object must come from one stage, or a later change through
        one of them would be lost for the other. Only objects that do change later matter.
        """
        here = self.record.index
        todo = list(self.record.writes)
        while todo:
            name = todo.pop(0)
            binding = self.env.get(name)
            if binding is None:
                continue
            if self.last_wild <= here and not any(
                self.heap.latest[root] > here for root in binding.ref.roots
            ):
                continue
            shared = {
                site
                for site in self.heap.reach(binding.ref.roots)
                if max(self.last_change.get(site, -1), self.last_wild) > here
            }
            for other in sorted(self._seen_by(shared)):
                if other != name and self.env[other].cell != here:
                    reason = f"it shares an object with {name!r} that a later cell changes"
                    self._touch(other, binding.line, reason)
                    # It may share another object with yet another name.
                    todo.append(other)

    # -- names ---------------------------------------------------------------------------

    @abstractmethod
    def any_name(self, line: int, what: str, *, writes: bool) -> None:
        """Note code that may use any name, and perhaps bind or change any."""

    def read(self, name: str, line: int, reason: str = "") -> Ref | None:
        """Note the use of a notebook variable and return what it is; None if nothing binds it."""
        binding = self.env.get(name)
        if binding is None:
            return None
        here = self.record.index
        if binding.imports:
            for statement, cell in zip(binding.imports, binding.import_cells, strict=True):
                if cell != here:
                    self.record.imports.setdefault(statement, (cell, line))
            self.record.used_imports.update(binding.imports)
            path = binding.ref.path
            if path:
                self.use_package(path.partition(".")[0], line)
        elif binding.cell != here:
            self.record.reads.setdefault(name, Read(binding.cell, line, reason))
            why = BOUND_TYPES.get(binding.ref.type, "")
            if binding.ref.type.startswith("bound:"):
                why = binding.ref.type.removeprefix("bound:")
            if not why and self.unportable:
                reached = self.heap.reach(binding.ref.roots) & self.unportable.keys()
                why = self.unportable[min(reached)] if reached else ""
            if why and not reason:
                self.record.bound.setdefault(name, why)
        elif name in self.record.left and name not in self.walking:
            self.record.reads.setdefault(name, self.record.left[name])
        self._follow(binding.ref, line)
        return binding.ref

    def bind(
        self, name: str, ref: Ref, line: int, *, statement: str = "", weak: bool = False
    ) -> None:
        """Bind a notebook variable; in a branch the old value may live on."""
        here = self.record.index
        old = self.env.get(name)
        imports: tuple[str, ...] = (statement,) if statement else ()
        cells: tuple[int, ...] = (here,) if statement else ()
        if weak or self.weak:
            imports = cells = ()
            ref = ref if old is None else self._bind_perhaps(name, old, ref, line)
        elif statement and old is not None and old.imports and old.ref.path == ref.path:
            keep = [
                (s, c) for s, c in zip(old.imports, old.import_cells, strict=True) if s != statement
            ]
            imports = (*(s for s, _ in keep), statement)
            cells = (*(c for _, c in keep), here)
        if not (weak or self.weak):
            self.record.left.pop(name, None)
        self.journal.drop(self.deleted, name)
        if old is not None and old.ref.roots & self.unportable.keys():
            self.read(name, line)
        if old is not None and old.ref.roots:
            self._disown(name, old.ref.roots - ref.roots)
        self.journal.put(self.env, name, Binding(ref, here, line, imports, cells))
        self._own(name, ref.roots)
        self.heap.name(ref.roots)
        if old is None or old.ref != ref:
            self.heap.version += 1
        self.record.writes.setdefault(name, Write(line))

    def _bind_perhaps(self, name: str, old: Binding, ref: Ref, line: int) -> Ref:
        """Return what a variable is that may be bound, or stay what it was."""
        plain = not (old.imports or old.ref.roots or ref.roots)
        if not self.walks or not (plain or old.ref == ref):
            self.read(name, line, "it is bound on some paths only")
            return join(old.ref, ref)
        if self.surely:
            return ref
        if old.cell != self.record.index:
            why = "the loop that binds it may have nothing to walk"
            self.record.left.setdefault(name, Read(old.cell, line, why))
        return join(old.ref, ref)

    def unbind(self, name: str, line: int) -> None:
        """Note a ``del``."""
        if name not in self.env and not self.adopt(name):
            self.undefined(name, line)
            return
        self.read(name, line)
        self.record.writes.setdefault(name, Write(line))
        binding = self.env[name]
        if self.weak:
            self.journal.put(self.env, name, Binding(binding.ref, self.record.index, line))
            return
        self.forget(name)
        self.journal.put(self.deleted, name, self.record.index)

    def forget(self, name: str) -> None:
        """Unbind a name, without a word about it in the record."""
        self._disown(name, self.env[name].ref.roots)
        self.journal.drop(self.env, name)

    def _own(self, name: str, roots: Sites) -> None:
        for site in roots:
            if site not in self.owners:
                self.journal.put(self.owners, site, set())
            if name not in self.owners[site]:
                self.journal.include(self.owners, site, name)

    def _disown(self, name: str, roots: Sites) -> None:
        for site in roots:
            self.journal.exclude(self.owners, site, name)

    def change(self, roots: Sites, line: int, *, reason: str = "", deep: bool = False) -> None:
        """Note that objects may change; every variable that can reach one is written."""
        if not roots:
            return
        sites = self.heap.reach(roots) if deep else roots
        if self.wild != self.record.index and not sites.isdisjoint(self.anything.roots):
            # There may be names in sight that only the code behind the back of the text knows.
            self.any_name(line, reason or "a change of what any name may mean", writes=True)
        self.record.changed |= sites
        for name in sorted(self._seen_by(sites)):
            self._touch(name, line, reason)

    def mark(self, site: int, why: str) -> None:
        """Note why an object cannot leave its process."""
        self.journal.put(self.unportable, site, why)

    def walk(self, ref: Ref, line: int) -> None:
        """Note that a set is walked: in another process it has another order."""
        if ref.type in {"set", "frozenset"}:
            for site in ref.roots:
                self.record.walked.setdefault(site, line)

    def test_identity(self, roots: Sites) -> None:
        """Note that the notebook asks whether two variables are one object."""
        self.record.changed |= roots

    def adopt(self, name: str) -> bool:
        """Take a name that nothing binds in sight to be bound by code that may bind anything."""
        if self.wild is None:
            return False
        roots = frozenset({self.heap.new()}) | self.anything.roots
        self.heap.name(roots)
        self._own(name, roots)
        ref = either(name if name in BUILTINS or name in _OTHER_BUILTINS else None, roots)
        self.journal.put(self.env, name, Binding(ref, self.wild, 1))
        return True

    def undefined(self, name: str, line: int) -> None:
        """Note the use of a name that nothing above binds."""
        certain = not (self.forgiving or self.weak or self.frame is not None)
        self.record.absent.add(name)
        self.record.undefined.setdefault(name, (line, certain))

    def _touch(self, name: str, line: int, reason: str) -> None:
        binding = self.env[name]
        if binding.cell != self.record.index:
            self.read(name, line, reason or "it is changed here")
            self.journal.put(self.env, name, Binding(binding.ref, self.record.index, line))
        if reason:
            self.record.writes.setdefault(name, Write(line, reason))
        else:
            self.record.writes.setdefault(name, Write(line))

    def _seen_by(self, sites: Iterable[int]) -> set[str]:
        names: set[str] = set()
        for site in self.heap.reached_by(sites):
            names |= self.owners.get(site, _NOBODY)
        return names

    def _follow(self, ref: Ref, line: int) -> None:
        """Note what the functions and classes behind a value take from the notebook."""
        if not self.heap.code or not ref.roots:
            return
        here = self.record.index
        for site in self.heap.codes_of(ref.roots):
            if (site, here) in self._followed:
                continue
            self._followed.add((site, here))
            code = self.heap.code[site]
            for name in global_names(code.node):
                if name in self.env and not self._in_frames(code.frame, name):
                    self.read(name, line, f"{code.name}() uses it")

    @staticmethod
    def _in_frames(frame: Frame | None, name: str) -> bool:
        while frame is not None:
            if not frame.is_class and name in frame.local:
                return True
            frame = frame.parent
        return False

    def lookup(self, name: str, line: int) -> Ref:
        """Return what a name means here, by Python's rules of scope."""
        frame, innermost = self.frame, True
        while frame is not None:
            if innermost or not frame.is_class:
                if name in frame.declared_global:
                    break
                if name in frame.names:
                    return frame.names[name]
                if name in frame.local and not frame.is_class:
                    return Ref()
            frame, innermost = frame.parent, False
        ref = self.read(name, line)
        if ref is not None:
            return ref
        if name in HISTORY or (name[:1] == "_" and name[1:].lstrip("i").isdigit()):
            self.record.history.setdefault(name, (line, self.last_display))
            return Ref(frozenset({self.heap.new()}))
        if name in BUILTINS or name in _OTHER_BUILTINS:
            if self.rebound is not None and name not in _NEVER_REBOUND and self.adopt(name):
                return self.read(name, line) or Ref()
            self.record.absent.add(name)
            return Ref(NOWHERE, "object", name)
        if self.adopt(name):
            return self.read(name, line) or Ref()
        self.undefined(name, line)
        return Ref()


_NEVER_REBOUND: Final = frozenset(
    "eval exec compile globals locals vars dir super type id input setattr delattr get_ipython "
    "display __import__ __name__ __builtins__ __doc__ __spec__ __loader__ __package__".split()
)
"""Names that mean what they mean, whatever text is run as code."""

_OTHER_BUILTINS: Final = frozenset(dir(builtins)) | frozenset(
    "get_ipython display exit quit __name__ __doc__ __builtins__ __spec__ __loader__ "
    "__package__ WindowsError".split()
)
