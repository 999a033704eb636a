"""What a cell does, as far as the names of what it calls tell: load, prepare, train...

This is only good for finding names and places to cut; what is right decides the analysis.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_zflow.analysis.transform import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.analysis.record import CellRecord

Kind = Literal["train", "evaluate", "load", "save", "prepare", "compute", "plot", "show", "define"]

KINDS: tuple[Kind, ...] = (
    "train",
    "evaluate",
    "load",
    "prepare",
    "save",
    "compute",
    "plot",
    "show",
    "define",
)
"""The most telling one first: a cell that fits and plots is a cell that trains."""

FOLLOWING: frozenset[Kind] = frozenset({"plot", "show", "define"})
"""What stays with the cells above it, whose values it shows."""

_WORDS: dict[Kind, frozenset[str]] = {
    "train": frozenset("fit train training partial learn minimize curvefit".split()),
    "evaluate": frozenset(
        "score predict evaluate evaluation eval accuracy confusion auc roc precision recall f1 "
        "validate crossval validation test error".split()
    ),
    "load": frozenset("read load fetch download urlopen urlretrieve loadtxt genfromtxt".split()),
    "save": frozenset("save savez savetxt dump export upload".split()),
    "prepare": frozenset(
        "merge join concat fillna dropna drop rename astype transform split scale normalize "
        "standardize encode clean preprocess prepare impute replace pivot groupby melt stack "
        "shuffle tokenize resample dummies".split()
    ),
    "plot": frozenset(
        "plot hist scatter imshow show draw boxplot barplot lineplot pairplot heatmap histplot "
        "countplot distplot subplots figure".split()
    ),
}
_WHOLE: dict[str, Kind] = {
    "train_test_split": "prepare",
    "fit_transform": "prepare",
    "get_dummies": "prepare",
    "cross_val_score": "evaluate",
    "curve_fit": "train",
    "polyfit": "train",
    "to_csv": "save",
    "to_parquet": "save",
    "to_excel": "save",
    "to_pickle": "save",
    "to_sql": "save",
    "write_text": "save",
    "savefig": "plot",
    "cross_validate": "evaluate",
}
_PREPARING = re.compile(r"(?i)scal|encod|imput|vectori|token|binari|transform|pca|normali|selector")
_PLOTTING = frozenset({"plt", "sns", "seaborn", "pyplot", "px", "alt", "ax", "fig", "axes"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[0-9]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Deed:
    """What a cell does, and the call that tells."""

    kind: Kind
    evidence: str = ""


def deed_of(text: str, record: CellRecord) -> Deed:
    """Return what a cell does."""
    tree = parse(text).tree
    found: dict[Kind, str] = {}
    for name, receiver in _calls(tree):
        kind = _kind(name, receiver)
        if kind is not None:
            found.setdefault(kind, name)
    if record.file_writes and not found.keys() & {"plot", "save"}:
        found.setdefault("save", record.file_writes[0].path or "a file")
    if any(use.path and not use.writers for use in record.file_reads):
        found.setdefault("load", next(u.path or "" for u in record.file_reads if u.path))
    for kind in KINDS:
        if kind in found:
            return Deed(kind, found[kind])
    if tree.body and all(isinstance(statement, _DEFINITIONS) for statement in tree.body):
        return Deed("define")
    return Deed("compute" if _binds(tree, record) else "show")


_DEFINITIONS = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Import,
    ast.ImportFrom,
)


def _binds(tree: ast.Module, record: CellRecord) -> bool:
    """Say whether a cell leaves something behind."""
    return bool(record.writes or record.state_writes) or not tree.body


def _kind(name: str, receiver: str) -> Kind | None:
    if name in _WHOLE:
        return _WHOLE[name]
    if receiver in _PLOTTING:
        return "plot"
    words = [word.lower() for word in _WORD.findall(name)]
    for kind in KINDS:
        if _WORDS.get(kind, frozenset()).intersection(words):
            if kind == "train" and _PREPARING.search(receiver):
                return "prepare"
            return kind
    return None


def _calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield what the cell itself calls, not what functions that it defines would call."""
    todo: list[ast.AST] = list(tree.body)
    while todo:
        node = todo.pop(0)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                yield node.func.attr, _first_name(node.func.value)
            elif isinstance(node.func, ast.Name):
                yield node.func.id, ""
        todo += ast.iter_child_nodes(node)


def _first_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
