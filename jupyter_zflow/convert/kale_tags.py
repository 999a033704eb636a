"""What Kale's tags say about a cell: the old words (``block:``) and the new ones (``step:``).

One word decides the role and ends the reading (``skip``, ``imports``, ``functions``,
``pipeline-parameters``, ``pipeline-metrics``); otherwise the cell belongs to the step that it
names, or, with an empty name or none, to what the cells above it belong to. What a tag says about
the container of a step counts on the step's first cell only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_zflow.errors import NotebookError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.notebook.document import Cell, NotebookDocument

Special = Literal["skip", "imports", "functions", "pipeline-parameters", "pipeline-metrics"]
SPECIAL: dict[str, Special] = {
    "skip": "skip",
    "imports": "imports",
    "functions": "functions",
    "pipeline-parameters": "pipeline-parameters",
    "pipeline-metrics": "pipeline-metrics",
}
_KALES = re.compile(r"(?:block|step|prev|limit|annotation|label|image|cache):.*", re.DOTALL)
_SETTINGS = ("limit", "annotation", "label", "image", "cache")


@dataclass(frozen=True, slots=True)
class KaleCell:
    """A code cell as Kale reads it."""

    index: int
    role: Special | Literal["step", "none"]
    """``none``: above the first tag, so Kale never runs it."""
    step: str = ""
    first: bool = False
    """Whether it opens its step."""
    previous: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Tags about the container."""
    foreign: tuple[str, ...] = ()
    """Tags of other tools."""


def is_kales(tag: str) -> bool:
    """Say whether a tag belongs to Kale's language; ``skip`` alone makes no Kale notebook."""
    return tag in SPECIAL or _KALES.fullmatch(tag) is not None


def read_kale(document: NotebookDocument) -> tuple[KaleCell, ...]:
    """Return the code cells of a Kale notebook.

    Raises
    ------
    NotebookError
        When it has no tag of Kale, or tags that Kale refuses, too.
    """
    code = [cell for cell in document.cells if cell.kind == "code"]
    words = [tag for cell in code for tag in cell.tags if is_kales(tag) and tag != "skip"]
    if not any(word in SPECIAL or word.startswith(("step:", "block:")) for word in words):
        raise NotebookError(
            f"{document.path or 'The notebook'} has no tag of Kale in any code cell.",
            remedy="Kale tags cells `step:NAME`. For a notebook without tags there is "
            "`jupyter zflow suggest`.",
        )
    cells: list[KaleCell] = []
    before: tuple[Special | Literal["step", "none"], str] = ("none", "")
    steps: set[str] = set()
    for cell in code:
        read = _read(cell, before, steps)
        if read.role == "step":
            _check_previous(read, steps)
            steps.add(read.step)
        if read.role != "skip":
            before = (read.role, read.step)
        cells.append(read)
    return tuple(cells)


def _read(
    cell: Cell, before: tuple[Special | Literal["step", "none"], str], steps: set[str]
) -> KaleCell:
    foreign = tuple(tag for tag in cell.tags if not is_kales(tag))
    ours = next((tag for tag in foreign if tag.startswith("stage:")), None)
    if ours is not None:
        raise NotebookError(f"Cell {cell.index + 1} is tagged {ours!r}: it is converted already.")
    special = next((SPECIAL[tag] for tag in cell.tags if tag in SPECIAL), None)
    if special is not None:
        return KaleCell(cell.index, special, foreign=foreign)
    names = _values(cell.tags, ("step", "block"))
    if len(names) > 1:
        listed = ", ".join(repr(name) for name in names)
        raise NotebookError(
            f"Cell {cell.index + 1} is in several steps of Kale: {listed}.",
            remedy="A cell runs in one stage: copy it into one cell for each.",
        )
    settings = tuple(tag for tag in cell.tags if tag.startswith(tuple(f"{w}:" for w in _SETTINGS)))
    previous = _values(cell.tags, ("prev",))
    if not names:
        if previous:
            raise NotebookError(
                f"Cell {cell.index + 1} is tagged 'prev:{previous[0]}' and names no step.",
                remedy="Put the tag on the first cell of a step.",
            )
        role, step = before
        return KaleCell(cell.index, role, step, settings=settings, foreign=foreign)
    return KaleCell(
        cell.index, "step", names[0], names[0] not in steps, previous, settings, foreign
    )


def _values(tags: Iterable[str], keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands behind the colon; the oldest form lists several with semicolons."""
    found = [
        part.strip()
        for tag in tags
        for key, colon, value in [tag.partition(":")]
        if colon and key in keys
        for part in value.split(";")
    ]
    return tuple(dict.fromkeys(part for part in found if part))


def _check_previous(cell: KaleCell, steps: set[str]) -> None:
    for name in cell.previous:
        if name not in steps:
            known = ", ".join(sorted(steps)) or "there is none"
            raise NotebookError(
                f"Cell {cell.index + 1} is tagged 'prev:{name}', and no cell above it is in a "
                f"step {name!r}.",
                remedy=f"Steps above it: {known}.",
            )
