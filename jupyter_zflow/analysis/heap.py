"""Which objects a value may be, hold or share: the abstract heap.

An object is known by its *site*, a number for the expression that made it. A ``Ref`` is what an
expression may evaluate to: the sites that it may be (its roots), the name of its type where that
is known, and its constant where there is one. A value without roots has no identity that
matters: a number, a string, a module.

An edge from one site to another says "may hold". What a value can reach through the edges is
everything that a change through it may touch; who can reach a site is everybody who would see
that change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_zflow.analysis.code import Code

Sites = frozenset[int]
NOWHERE: Final[Sites] = frozenset()
MANY: Final = 32
"""More sites than this are mixed when an operator adds them up."""

CELL_BITS: Final = 20
"""A site's number is its cell's, shifted by this, plus its turn among the cell's sites."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Method:
    """An attribute that was taken off a value and may be a method of it."""

    receiver: Ref
    name: str


SCALARS: Final = frozenset(
    "int float complex bool str bytes None scalar range slice type ellipsis".split()
)
"""Types whose values cannot be changed and hold nothing that can."""

CONTAINERS: Final = frozenset("list dict defaultdict set tuple frozenset deque iterator".split())
"""Built-in types that may be walked as often as one likes."""


@dataclass(frozen=True, slots=True)
class Ref:
    """What an expression may evaluate to.

    ``type`` is a dotted name, ``""`` when unknown. ``module`` and ``object`` mean an imported
    module or something inside one; ``const`` is then its dotted name.
    """

    roots: Sites = NOWHERE
    type: str = ""
    const: object = MISSING
    glob: str = ""
    """For a string or path of which only parts are known: a pattern that it matches."""

    @property
    def immutable(self) -> bool:
        """Whether no later code can change what this value is."""
        return not self.roots

    @property
    def path(self) -> str | None:
        """The dotted name of an imported thing, or None."""
        return str(self.const) if self.type in {"module", "object"} else None

    @property
    def text(self) -> str | None:
        """The constant when it is a string (or a path made of strings), or None."""
        return self.const if isinstance(self.const, str) and self.path is None else None

    @property
    def place(self) -> str | None:
        """The file that a string or path names: exactly, as a pattern, or not at all."""
        return self.text if self.text is not None else self.glob or None


UNKNOWN_SCALAR: Final = Ref(type="scalar")
NONE: Final = Ref(type="None", const=None)


def concatenate(parts: Iterable[Ref], *, between: str = "", kind: str = "str") -> Ref:
    """Return the string or path made of the parts, as far as they are known."""
    texts = [str(part.const) if _is_plain(part) else None for part in parts]
    if all(text is not None for text in texts):
        return Ref(type=kind, const=between.join(text for text in texts if text is not None))
    patterns = [
        text if text is not None else part.glob or "*"
        for part, text in zip(parts, texts, strict=True)
    ]
    return Ref(type=kind, glob=between.join(patterns))


def _is_plain(part: Ref) -> bool:
    known = part.const is not MISSING and not isinstance(part.const, Method)
    return known and part.path is None


def join(*refs: Ref) -> Ref:
    """Return a value that may be any of the given ones."""
    if not refs:
        return NONE
    first = refs[0]
    if all(ref == first for ref in refs):
        return first
    types = {ref.type for ref in refs if ref.type != "None"} or {"None"}
    kind = types.pop() if len(types) == 1 else ""
    if kind == "" and all(ref.type in SCALARS for ref in refs):
        kind = "scalar"
    same = all(ref.const == first.const and ref.type == first.type for ref in refs)
    if kind in {"module", "object"} and not same:
        kind = ""
    roots = frozenset[int]().union(*(ref.roots for ref in refs))
    return Ref(roots, kind, first.const if same else MISSING, first.glob if same else "")


@dataclass(slots=True)
class Heap:
    """Sites and the may-hold edges between them; edges are only ever added.

    A site is numbered by the cell that made it and its turn in that cell, so that an edit of one
    cell does not rename what other cells make. Everything is changed through the journal.
    """

    journal: Journal = field(default_factory=Journal)
    last_change: Mapping[int, int] = field(default_factory=dict)
    """Site -> the last cell that changes it, as an earlier reading found out."""
    holds: dict[int, set[int]] = field(default_factory=dict)
    held_by: dict[int, set[int]] = field(default_factory=dict)
    code: dict[int, Code] = field(default_factory=dict)
    codes: dict[int, Sites] = field(default_factory=dict)
    """Site -> functions and classes that it can reach; kept up to date by ``link``."""
    latest: dict[int, int] = field(default_factory=dict)
    """Site -> the last cell that changes something within its reach; kept up to date too."""
    watches: dict[int, Sites] = field(default_factory=dict)
    """Site of a view or iterator -> the containers that it looks at."""
    named: dict[int, None] = field(default_factory=dict)
    """Sites that variables of the notebook are, or were, bound to."""
    kinds: dict[int, str] = field(default_factory=dict)
    """Site -> type of what it stands for, where that is known."""
    things: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """Site of a container -> dotted names of library functions and classes in it."""
    work: int = 0
    """Sites visited so far: the measure of how hard a cell is to follow."""
    version: int = 0
    """Grows when something that is already in use comes to hold something more."""
    following: int = 0
    """The next site."""

    def begin(self, cell: int) -> None:
        """Start a cell: the sites that come next are numbered by it."""
        self.following = cell << CELL_BITS

    def new(self, code: Code | None = None, *, kind: str = "") -> int:
        """Make a site; ``code`` says that it is a function or a class of the notebook."""
        site = self.following
        self.following += 1
        put = self.journal.put
        put(self.holds, site, set())
        put(self.held_by, site, set())
        put(self.codes, site, frozenset((site,)) if code is not None else NOWHERE)
        put(self.latest, site, self.last_change.get(site, -1))
        if code is not None:
            put(self.code, site, code)
        if kind:
            put(self.kinds, site, kind)
        return site

    def name(self, sites: Iterable[int]) -> None:
        """Note that a variable of the notebook is bound to the sites."""
        for site in sites:
            if site not in self.named:
                self.journal.put(self.named, site, None)

    def link(self, holders: Iterable[int], held: Iterable[int]) -> None:
        """Note that each holder may hold each of the held sites."""
        held = list(held)
        include = self.journal.include
        for holder in holders:
            mine = self.holds[holder]
            before = len(mine)
            for site in held:
                if site != holder and site not in mine:
                    include(self.holds, holder, site)
                    include(self.held_by, site, holder)
                    self._learn(holder, self.codes[site], self.latest[site])
            if len(mine) != before and (holder in self.named or self.held_by[holder]):
                self.version += 1

    def _learn(self, site: int, codes: Sites, latest: int) -> None:
        """Tell a site, and all that can reach it, what it can reach now."""
        todo = [site]
        while todo:
            holder = todo.pop()
            new = not codes <= self.codes[holder]
            if new:
                self.journal.put(self.codes, holder, self.codes[holder] | codes)
            if latest > self.latest[holder]:
                self.journal.put(self.latest, holder, latest)
                new = True
            if new:
                todo.extend(self.held_by[holder])

    def watch(self, watcher: int, watched: Iterable[int]) -> None:
        """Note that a view or iterator looks at containers that are not among its elements."""
        new = set(watched) - self.holds[watcher]
        self.link([watcher], new)
        known = self.watches.get(watcher, NOWHERE)
        self.journal.put(self.watches, watcher, known | new)

    def held_in(self, roots: Iterable[int]) -> Sites:
        """Return what the roots hold as elements, not what that holds in turn."""
        return NOWHERE.union(
            *(self.holds[root] - self.watches.get(root, NOWHERE) for root in roots)
        )

    def kind_of(self, roots: Iterable[int]) -> str:
        """Return the type that all the sites have, empty when they differ or one is unknown."""
        kinds = {self.kinds.get(root, "") for root in roots}
        return kinds.pop() if len(kinds) == 1 else ""

    def codes_of(self, roots: Iterable[int]) -> Sites:
        """Return the functions and classes that the roots can reach."""
        return NOWHERE.union(*(self.codes[root] for root in roots))

    def mix(self, sites: Iterable[int]) -> int:
        """Make a site that may hold all the given ones and be held by all of them."""
        made = self.new()
        sites = frozenset(sites)
        self.link([made], sites)
        self.link(sites, [made])
        return made

    def few(self, roots: Sites) -> Sites:
        """Return the roots, or one object mixed of them where they are too many to carry about."""
        return roots if len(roots) <= MANY else frozenset({self.mix(roots)})

    def reach(self, roots: Iterable[int]) -> Sites:
        """Return everything that the roots are or may hold, at any depth."""
        return self._closure(roots, self.holds)

    def reached_by(self, sites: Iterable[int]) -> Sites:
        """Return everything that is, or may hold at any depth, one of the sites."""
        return self._closure(sites, self.held_by)

    def _closure(self, start: Iterable[int], edges: dict[int, set[int]]) -> Sites:
        seen = set(start)
        todo = list(seen)
        while todo:
            for site in edges[todo.pop()]:
                if site not in seen:
                    seen.add(site)
                    todo.append(site)
        self.work += len(seen)
        return frozenset(seen)
