"""A notebook that Soorgeon would cut at its H2 headings becomes a tagged notebook, cut there.

Soorgeon's rules: every Markdown cell with an H2 heading opens a section, named after the first
such heading of the cell; what stands above the first one belongs to the first section. Other
levels cut nothing. Imports and definitions, which Soorgeon moves into every task, become setup
where more than one section uses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.convert.report import ConvertedNotebook, Entry, in_order
from jupyter_zflow.errors import NotebookError
from jupyter_zflow.model.names import slug
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.notebook.headings import Heading, headings
from jupyter_zflow.notebook.rewrite import rewrite
from jupyter_zflow.suggest.material import gather
from jupyter_zflow.suggest.proposal import Draft, Group, tagged
from jupyter_zflow.suggest.settle import settle
from jupyter_zflow.suggest.shared import preamble, shared_definitions
from jupyter_zflow.suggest.words import unique

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.suggest.material import Material

_LEVEL = 2


def from_soorgeon(text: str, *, path: Path, output: Path) -> ConvertedNotebook:
    """Convert a notebook with H2 headings.

    Raises
    ------
    NotebookError
        When it has no H2 heading, or stages of ours.
    """
    document = parse(text, path=path)
    _check_untagged(document)
    sections = _sections(document)
    material = gather(parse(text, path=output))
    entries: list[Entry] = []
    groups = _groups(material, sections, entries)
    draft = _draft(material, groups)
    draft, _, _ = settle(material, draft, join=False)
    entries += [
        Entry(
            kind="changed",
            cell=cell,
            message="this cell only imports or defines, so it is setup: the stages that need it "
            "repeat it.",
        )
        for cell in sorted(draft.setup)
    ]
    converted = rewrite(text, tags=tagged(document, draft))
    made = parse(converted, path=output)
    return ConvertedNotebook(converted, made, material.judge(draft), in_order(entries))


def _sections(document: NotebookDocument) -> tuple[Heading, ...]:
    found = headings(document)
    sections = {heading.cell: heading for heading in reversed(found) if heading.level == _LEVEL}
    if not sections:
        levels = ", ".join(f"H{level}" for level in sorted({heading.level for heading in found}))
        raise NotebookError(
            f"{document.path or 'The notebook'} has no H2 heading ('## Title')"
            f"{f', only {levels}' if levels else ''}, and Soorgeon cuts there.",
            remedy="`jupyter zflow suggest` cuts at other headings, or by data flow.",
        )
    return tuple(sections[cell] for cell in sorted(sections))


def _groups(
    material: Material, sections: Sequence[Heading], entries: list[Entry]
) -> tuple[Group, ...]:
    groups: list[Group] = []
    ends = [*(section.cell for section in sections[1:]), len(material.document.cells)]
    start = 0
    for section, end in zip(sections, ends, strict=True):
        cells = tuple(
            cell
            for cell in material.code
            if start <= cell < end
            and cell != material.tagged_parameters
            and material.code[cell].strip()
        )
        start = end
        if not cells:
            entries.append(
                Entry(
                    kind="lost",
                    cell=section.cell,
                    message=f"the section {section.text!r} has no code, so it is no stage.",
                )
            )
            continue
        plain = _task_name(section.text)
        name = unique(plain, {group.name for group in groups})
        if name != plain:
            entries.append(
                Entry(
                    kind="changed",
                    cell=section.cell,
                    message=f"the section {section.text!r} is stage {name!r}: {plain!r} has "
                    "another meaning.",
                )
            )
        groups.append(Group(name, cells, f"heading {section.text!r}"))
    return tuple(groups)


def _task_name(heading: str) -> str:
    """Return the name of Soorgeon's task."""
    name = slug(heading)
    return f"section-{name}" if name[:1].isdigit() else name


def _draft(material: Material, groups: Sequence[Group]) -> Draft:
    """Return the sections without what has to be in every stage."""
    leading, _ = preamble(material)
    shared = shared_definitions(material, [group.cells for group in groups])
    shared |= frozenset(cell for cell in leading if material.only_defines(cell))
    own = [
        Group(group.name, rest, group.reason)
        for group in groups
        if (rest := tuple(cell for cell in group.cells if cell not in shared))
    ]
    if not own:
        return Draft(tuple(groups), parameters=material.tagged_parameters)
    return Draft(tuple(own), shared, material.tagged_parameters)


def _check_untagged(document: NotebookDocument) -> None:
    for cell in document.cells:
        for tag in cell.tags:
            if cell.kind == "code" and tag.startswith("stage:"):
                raise NotebookError(
                    f"Cell {cell.index + 1} is tagged {tag!r}: it is converted already."
                )
