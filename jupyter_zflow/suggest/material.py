"""What a proposal is made from: the cells' records, read once, and the verdict on any draft.

Reading the cells is what an analysis costs; judging another split of cells already read is a
matter of a millisecond, so a proposal can try many.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.assemble import assemble
from jupyter_zflow.analysis.memory import Memory
from jupyter_zflow.analysis.modules import LocalModules
from jupyter_zflow.analysis.transform import parse
from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.layout import lay_out
from jupyter_zflow.suggest.deeds import Deed, deed_of
from jupyter_zflow.suggest.proposal import Draft, foreign, retagged, tagged

if TYPE_CHECKING:
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument

_DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHORT_LIST = 8


@dataclass(frozen=True)
class Material:
    """A notebook without its stages, and the records of its cells."""

    document: NotebookDocument
    """Without tags of ours but ``skip``."""
    code: dict[int, str]
    """Source of each code cell that is not skipped, in notebook order."""
    records: dict[int, CellRecord]
    modules: LocalModules
    tagged_parameters: int | None

    @cached_property
    def deeds(self) -> dict[int, Deed]:
        """What each cell does."""
        return {cell: deed_of(text, self.records[cell]) for cell, text in self.code.items()}

    @cached_property
    def given(self) -> frozenset[tuple[str, int | None, int | None]]:
        """The errors that the notebook has even as one stage; no split can help there."""
        analysis = self.judge(Draft((), parameters=self.tagged_parameters))
        return frozenset(map(_key, analysis.errors))

    def judge(self, draft: Draft) -> Analysis:
        """Return the analysis of the notebook under a draft."""
        document = retagged(self.document, tagged(self.document, draft))
        return assemble(document, lay_out(document), self.records, self.modules)

    def objections(self, analysis: Analysis) -> tuple[Finding, ...]:
        """Return what speaks against a draft: errors, and setup that would run as a stage."""
        return tuple(
            finding
            for finding in analysis.findings
            if (finding.severity == "error" and _key(finding) not in self.given)
            or finding.code == "ZF218"
        )

    def is_light(self, cell: int) -> bool:
        """Say whether a cell only imports, defines or sets, so that stages may repeat it."""
        record = self.records[cell]
        return record.heavy is None and not (record.file_reads or record.file_writes)

    def defines(self, cell: int) -> bool:
        """Say whether a light cell imports or defines something."""
        body = parse(self.code[cell]).tree.body
        return self.is_light(cell) and any(isinstance(node, _DEFINITIONS) for node in body)

    def only_defines(self, cell: int) -> bool:
        """Say whether a light cell does nothing but import and define."""
        body = parse(self.code[cell]).tree.body
        return self.is_light(cell) and all(isinstance(node, _DEFINITIONS) for node in body)

    def sets_constants(self, cell: int) -> bool:
        """Say whether a cell looks like parameters: short literals that no other cell changes."""
        body = parse(self.code[cell]).tree.body
        names = set(self.records[cell].writes)
        if not body or not all(_is_constant(node) for node in body):
            return False
        others = [record for index, record in self.records.items() if index != cell]
        read = {
            name
            for record in others
            for name, use in record.reads.items()
            if use.cell == cell and record.index > cell
        }
        return bool(read) and not any(names & set(record.writes) for record in others)


def gather(document: NotebookDocument) -> Material:
    """Read a notebook for a proposal, whatever stages it has.

    Raises
    ------
    UsageError
        When a cell is placed by a magic, which a tag cannot change, or when there is no code.
    """
    tags: dict[int, tuple[str, ...]] = {}
    parameters: int | None = None
    for cell in document.cells:
        if cell.kind != "code":
            continue
        if "skip" not in cell.tags and cell.source.lstrip().startswith("%%stage"):
            raise UsageError(
                f"Cell {cell.index + 1} is placed by %%stage, which tags cannot change.",
                remedy="Remove the magic, or keep the stages as they are.",
            )
        if "parameters" in cell.tags and parameters is None and "skip" not in cell.tags:
            parameters = cell.index
        tags[cell.index] = foreign(cell.tags)
    plain = retagged(document, tags)
    layout = lay_out(plain)
    code = {cell: layout.code[cell].text for cell in sorted(layout.code)}
    if not any(text.strip() for text in code.values()):
        raise UsageError("The notebook has no code cell that a stage could run.")
    modules = LocalModules(document.path.parent if document.path is not None else None)
    return Material(plain, code, Memory(modules).read(layout), modules, parameters)


def _key(finding: Finding) -> tuple[str, int | None, int | None]:
    return finding.code, finding.cell, finding.line


def _is_constant(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        target, value = node.target, node.value
    else:
        return False
    if not isinstance(target, ast.Name):
        return False
    if isinstance(value, ast.List | ast.Tuple):
        return len(value.elts) <= _SHORT_LIST and all(map(_is_scalar, value.elts))
    return _is_scalar(value)


def _is_scalar(node: ast.expr) -> bool:
    try:
        return isinstance(ast.literal_eval(node), bool | int | float | str)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
