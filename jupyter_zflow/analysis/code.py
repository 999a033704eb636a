"""Functions and classes of the notebook, as the analysis sees them: their names by scope.

Python decides the scope of a name from the text of the function alone; the rules here are those
of the language reference, section 4.2 "Naming and binding".
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_zflow.analysis.heap import Ref
    from jupyter_zflow.analysis.scope import Frame

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scope = FunctionNode | ast.ClassDef
_WORD = re.compile(r"[^\W\d]\w*")
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True)
class Code:
    """A function or class that the notebook defines.

    ``frame`` is where it was defined, for closures; None at the top level of a cell.
    """

    node: Scope
    cell: int
    frame: Frame | None = None
    defaults: dict[str, Ref] = field(default_factory=dict)
    members: dict[str, Ref] = field(default_factory=dict)
    """What a class body binds."""
    bases: tuple[Ref, ...] = ()
    decorators: tuple[str, ...] = ()
    metaclass: Ref | None = None

    @property
    def name(self) -> str:
        """The name in the source, ``<lambda>`` for one without."""
        return getattr(self.node, "name", "<lambda>")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one scope: bound in it, and used in it or below it but not bound."""

    bound: frozenset[str]
    free: dict[str, int]
    """Name -> first line; names that the enclosing scopes must provide."""
    declared_global: frozenset[str]
    declared_nonlocal: frozenset[str]
    is_generator: bool = False


def names_of(node: Scope) -> Names:
    """Return the names of a function or class, computed once for each syntax tree."""
    return _names_of(node)


def global_names(node: Scope) -> dict[str, int]:
    """Return the names that a top-level function or class takes from the notebook."""
    names = names_of(node)
    free = dict(names.free)
    for name in names.declared_global:
        free.setdefault(name, node.lineno)
    for name in _quoted_names(node):
        free.setdefault(name, node.lineno)
    return free


@lru_cache(maxsize=65_536)
def _quoted_names(node: Scope) -> tuple[str, ...]:
    """Return the names in quoted annotations, which ``typing.get_type_hints`` looks up."""
    if isinstance(node, ast.ClassDef):
        expressions = [part.annotation for part in node.body if isinstance(part, ast.AnnAssign)]
    else:
        expressions = list(annotation_expressions(node))
    return tuple(
        name
        for expression in expressions
        for part in ast.walk(expression)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
        for name in _WORD.findall(part.value)
    )


def bound_names(tree: ast.Module) -> dict[str, int]:
    """Return the names that the top level of some code may bind, functions' globals included."""
    collector = _Collector()
    try:
        collector.visit(tree)
    except RecursionError:
        # Too deep to be walked by scopes: any name in it may be one that it binds.
        return dict.fromkeys(sorted(_every_name(tree)), 1)
    names = collector.bound | collector.declared_global
    return dict.fromkeys(sorted(names), 1)


def _every_name(tree: ast.Module) -> set[str]:
    fields = ("id", "name", "asname", "arg", "rest")
    found = {getattr(node, field, None) for node in ast.walk(tree) for field in fields}
    return {name for name in found if isinstance(name, str) and name.isidentifier()}


class _Collector(ast.NodeVisitor):
    """Walks one scope; nested scopes contribute only what they leave free."""

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.used: dict[str, int] = {}
        self.declared_global: set[str] = set()
        self.declared_nonlocal: set[str] = set()
        self.is_generator = False

    def use(self, name: str, line: int) -> None:
        self.used.setdefault(name, line)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.use(node.id, node.lineno)
        else:
            self.bound.add(node.id)

    def visit_Global(self, node: ast.Global) -> None:
        self.declared_global.update(node.names)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        self.declared_nonlocal.update(node.names)

    def visit_Yield(self, node: ast.Yield) -> None:
        self.is_generator = True
        self.generic_visit(node)

    def visit_YieldFrom(self, node: ast.YieldFrom) -> None:
        self.is_generator = True
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.use(node.target.id, node.lineno)
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            self.bound.add(alias.asname or alias.name.partition(".")[0])

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        if node.name:
            self.bound.add(node.name)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        if node.rest:
            self.bound.add(node.rest)
        self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.bound.add(node.name)
        self._outside(node)
        self._inside(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._outside(node)
        self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.bound.add(node.name)
        self._outside(node)
        self._inside(node)

    def _outside(self, node: Scope) -> None:
        for expression in outer_expressions(node):
            self.visit(expression)

    def _inside(self, node: Scope) -> None:
        inner = names_of(node)
        for name, line in inner.free.items():
            self.use(name, line)
        self.declared_global.update(inner.declared_global)

    def _comprehension(self, node: ast.AST) -> None:
        inner = _Collector()
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        self.visit(generators[0].iter)
        for position, generator in enumerate(generators):
            inner.visit(generator.target)
            if position:
                inner.visit(generator.iter)
            for condition in generator.ifs:
                inner.visit(condition)
        for part in ("elt", "key", "value"):
            if hasattr(node, part):
                inner.visit(getattr(node, part))
        walrus = {n.target.id for n in ast.walk(node) if isinstance(n, ast.NamedExpr)}
        self.bound.update(walrus)
        for name, line in inner.used.items():
            if name not in inner.bound - walrus:
                self.use(name, line)

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _comprehension


def outer_expressions(node: Scope) -> Iterator[ast.expr]:
    """Yield what is evaluated where the scope is defined: decorators, defaults, annotations."""
    yield from getattr(node, "decorator_list", [])
    if isinstance(node, ast.ClassDef):
        yield from node.bases
        yield from (word.value for word in node.keywords)
        return
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)
    yield from annotation_expressions(node)


def annotation_expressions(node: FunctionNode) -> Iterator[ast.expr]:
    """Yield the annotations of a function, which Python evaluates when it defines it."""
    yield from (arg.annotation for arg in parameters(node) if arg.annotation is not None)
    returns = getattr(node, "returns", None)
    if returns is not None:
        yield returns


def parameters(node: FunctionNode) -> list[ast.arg]:
    """Return all parameters of a function, in the order of its signature."""
    args = node.args
    every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg for arg in every if arg is not None]


@lru_cache(maxsize=65_536)
def _names_of(node: Scope) -> Names:
    collector = _Collector()
    body: Iterable[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else node.body
    for statement in body:
        collector.visit(statement)
    if not isinstance(node, ast.ClassDef):
        collector.bound.update(arg.arg for arg in parameters(node))
    outside = collector.declared_global | collector.declared_nonlocal
    bound = collector.bound - outside
    # A class body may read a global of the same name before it binds its own.
    hidden = set[str]() if isinstance(node, ast.ClassDef) else bound
    free = {name: line for name, line in collector.used.items() if name not in hidden}
    for name in collector.declared_nonlocal:
        free.setdefault(name, node.lineno)
    return Names(
        frozenset(bound),
        free,
        frozenset(collector.declared_global),
        frozenset(collector.declared_nonlocal),
        collector.is_generator,
    )
