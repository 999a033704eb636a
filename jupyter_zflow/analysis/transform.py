"""From the text of a cell to a syntax tree, with every line number still the cell's own.

A cell that is valid Python is parsed as it is. Only where that fails does IPython's own
transformer turn magics and ``!`` into calls; it is imported for such cells alone because it
costs more than the analysis of a whole notebook.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass
from functools import lru_cache

CODE_MAGICS = frozenset({"time", "timeit", "capture", "prun", "stage"})
"""Cell magics whose body is ordinary code of the notebook."""

_CELL_MAGIC = re.compile(r"\s*%%(\S+)[ \t]*(.*)")


@dataclass(frozen=True, slots=True)
class CellMagic:
    """A cell magic whose body is not code of the notebook."""

    name: str
    arguments: str
    body: str
    line: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a cell is: a tree, a cell magic, or a syntax error."""

    tree: ast.Module
    magic: CellMagic | None = None
    code_magic: CellMagic | None = None
    """The ``%%time`` or ``%%capture`` that stands above the tree."""
    error: str = ""
    error_line: int | None = None


@lru_cache(maxsize=4096)
def parse(text: str) -> Parsed:
    """Return the syntax tree of a cell's text; the same tree for the same text."""
    tree = _parse(text)
    if tree is not None:
        return Parsed(tree)
    first = len(text) - len(text.lstrip())
    line = text.count("\n", 0, first)
    match = _CELL_MAGIC.match(text, first)
    if match:
        body = text[match.end() :].removeprefix("\n")
        magic = CellMagic(match[1], match[2].strip(), body, line + 1)
        if magic.name not in CODE_MAGICS:
            return Parsed(ast.Module([], []), magic)
        inner = parse("\n" * (line + 1) + body)
        return Parsed(inner.tree, inner.magic, magic, inner.error, inner.error_line)
    return _transformed(text, line)


def graft(before: str, now: str) -> None:
    """Let the trees of two versions of a cell share the statements that did not change.

    Functions and classes are told apart by their trees; those that an edit leaves alone stay
    the same ones.
    """
    old, new = parse(before).tree.body, parse(now).tree.body
    try:
        kept = {ast.dump(node, include_attributes=True): node for node in old}
        new[:] = [kept.get(ast.dump(node, include_attributes=True), node) for node in new]
    except RecursionError:
        # An expression that is too deep: its statements count as changed.
        return


def parse_fragment(text: str, *, line: int) -> ast.Module | None:
    """Return the tree of code found inside a magic or a string, or None when it is not code."""
    tree = _parse(text.strip())
    if tree is not None:
        ast.increment_lineno(tree, line - 1)
    return tree


def _parse(text: str) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _transformed(text: str, leading_lines: int) -> Parsed:
    from IPython.core.inputtransformer2 import TransformerManager

    empty = ast.Module([], [])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            changed: str = TransformerManager().transform_cell(text)  # type: ignore[no-untyped-call]
        except (SyntaxError, ValueError, RecursionError) as error:
            return Parsed(empty, error=str(error), error_line=getattr(error, "lineno", None))
        try:
            tree = ast.parse(changed)
        except SyntaxError as error:
            line = None if error.lineno is None else error.lineno + leading_lines
            return Parsed(empty, error=error.msg, error_line=line)
        except (ValueError, RecursionError, MemoryError) as error:
            return Parsed(empty, error=str(error))
    ast.increment_lineno(tree, leading_lines)
    return Parsed(tree)
