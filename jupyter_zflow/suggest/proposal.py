"""What a proposal says: stages with a reason each, and the tags that would make them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument

By = Literal["headings", "dataflow"]
WAYS: tuple[By, ...] = ("headings", "dataflow")

_OURS = ("stage:", "after:")


@dataclass(frozen=True, slots=True)
class Group:
    """Cells that would be a stage."""

    name: str
    cells: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """Every code cell that is not left out, in a group, in setup or as parameters."""

    groups: tuple[Group, ...]
    setup: frozenset[int] = frozenset()
    parameters: int | None = None

    def tags(self) -> dict[int, str]:
        """Return the tag of each cell, in notebook order."""
        found = {cell: f"stage:{group.name}" for group in self.groups for cell in group.cells}
        found |= dict.fromkeys(self.setup, "setup")
        if self.parameters is not None:
            found[self.parameters] = "parameters"
        return dict(sorted(found.items()))


@dataclass(frozen=True, slots=True)
class Proposal:
    """A split of a notebook into stages that the analysis accepts."""

    by: By
    draft: Draft
    analysis: Analysis
    """What the pipeline would be."""
    tags: dict[int, tuple[str, ...]]
    """All tags of each code cell, those of other tools included."""
    notes: tuple[str, ...] = ()
    """What was given up for the analysis to accept the split."""

    @property
    def stages(self) -> tuple[Group, ...]:
        """The proposed stages, in notebook order."""
        return self.draft.groups

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What ``check`` would say about the tagged notebook."""
        return self.analysis.findings

    def to_json(self) -> dict[str, Any]:
        """Return the proposal as JSON; cells count from 0."""
        return {
            "by": self.by,
            "pipeline": self.analysis.name,
            "stages": [
                {"name": group.name, "cells": list(group.cells), "reason": group.reason}
                for group in self.stages
            ],
            "setup": sorted(self.draft.setup),
            "parameters": self.draft.parameters,
            "tags": {str(cell): list(tags) for cell, tags in self.tags.items()},
            "notes": list(self.notes),
            "findings": [finding.model_dump() for finding in self.findings],
        }


def foreign(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return the tags that do not place a cell: those of other tools, and ``skip``."""
    placing = {"setup", "parameters"}
    return tuple(tag for tag in tags if tag not in placing and not tag.startswith(_OURS))


def tagged(document: NotebookDocument, draft: Draft) -> dict[int, tuple[str, ...]]:
    """Return all tags of each code cell under a draft."""
    found = draft.tags()
    return {
        cell.index: (*foreign(cell.tags), *([found[cell.index]] if cell.index in found else []))
        for cell in document.cells
        if cell.kind == "code"
    }


def retagged(document: NotebookDocument, tags: dict[int, tuple[str, ...]]) -> NotebookDocument:
    """Return the document with other tags."""
    cells = tuple(
        replace(cell, tags=tags[cell.index]) if cell.index in tags else cell
        for cell in document.cells
    )
    return replace(document, cells=cells)
