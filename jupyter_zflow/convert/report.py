"""What a conversion says about the things that it could not carry over as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.document import NotebookDocument

EntryKind = Literal["lost", "changed", "differs"]
"""Without counterpart; said in another way; computed in another way than the other tool would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that a reader of the converted pipeline has to know."""

    kind: EntryKind
    message: str
    remedy: str = ""
    cell: int | None = None
    """Index of the cell in the original notebook, from 0."""
    key: str = ""
    """Key of the metadata, or path of the property, where it was said."""

    @property
    def where(self) -> str:
        """The place in words."""
        return f"cell {self.cell + 1}" if self.cell is not None else self.key

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON."""
        return {
            "kind": self.kind,
            "cell": self.cell,
            "key": self.key or None,
            "message": self.message,
            "remedy": self.remedy,
        }


@dataclass(frozen=True, slots=True)
class ConvertedNotebook:
    """A notebook in our words, and what the analysis says about it."""

    text: str
    document: NotebookDocument
    analysis: Analysis
    entries: tuple[Entry, ...]


_RANK = {"lost": 0, "differs": 1, "changed": 2}


def in_order(entries: list[Entry]) -> tuple[Entry, ...]:
    """Return each entry once: the losses first, then by cell."""
    unique = dict.fromkeys(entries)
    return tuple(sorted(unique, key=lambda e: (_RANK[e.kind], -1 if e.cell is None else e.cell)))
