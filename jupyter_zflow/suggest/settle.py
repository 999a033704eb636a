"""Give up parts of a draft until the analysis accepts it.

An objection is answered where it arose: a setup cell that would run as a stage goes back to the
stage around it, and stages that cannot be apart become one. In the worst case one stage is left,
which is what the notebook was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_zflow.suggest.proposal import Draft, Group

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.suggest.material import Material

_FEW = 12
"""How many cells are tried one by one."""


def settle(
    material: Material, draft: Draft, *, join: bool = True
) -> tuple[Draft, Analysis, tuple[str, ...]]:
    """Return a draft that is accepted, its analysis, and what was given up for it.

    Parameters
    ----------
    join
        Whether stages may become one; where they may not, errors can be left.
    """
    notes: list[str] = []
    # The author's own tag stays.
    proposed = None if material.tagged_parameters is not None else draft.parameters
    analysis = material.judge(draft)
    while draft.groups:
        objections = material.objections(analysis)
        if not objections:
            break
        ways = [
            way
            for way in _ways(draft, objections[0])
            if join or len(way[0].groups) == len(draft.groups)
            if draft.parameters in {way[0].parameters, proposed}
        ]
        if not ways:
            break
        verdicts = [(material.judge(way), way, note) for way, note in ways]
        # The way that leaves the fewest objections, and then the most stages.
        analysis, draft, note = min(
            verdicts, key=lambda v: (len(material.objections(v[0])), -len(v[1].groups))
        )
        notes.append(note)
    return draft, analysis, tuple(dict.fromkeys(notes))


def _ways(draft: Draft, finding: Finding) -> Iterator[tuple[Draft, str]]:
    """Yield the drafts that may answer an objection, each with what was given up."""
    cell, code = finding.cell, finding.code
    if cell is not None and cell == draft.parameters:
        yield from _without_parameters(draft, code)
        return
    if cell is not None and cell in draft.setup:
        rest = replace(draft, setup=draft.setup - {cell})
        yield _demoted(rest, cell), f"cell {cell + 1} is no setup ({code})"
        return
    yield from _without_shared(draft, code)
    yield from _joined(draft, cell, code)
    yield from _without_parameters(draft, code)


def _joined(draft: Draft, cell: int | None, code: str) -> Iterator[tuple[Draft, str]]:
    """Yield the drafts with fewer stages."""
    groups = draft.groups
    if len(groups) == 1:
        if draft.setup:
            cells = tuple(sorted({*groups[0].cells, *draft.setup}))
            whole = replace(draft, groups=(replace(groups[0], cells=cells),), setup=frozenset())
            yield whole, f"all is one stage ({code})"
        return
    home = {cell: place for place, group in enumerate(groups) for cell in group.cells}
    place = home.get(cell if cell is not None else -1, len(groups) - 1)
    for first, last in _ranges(place, len(groups)):
        merged = groups[first : last + 1]
        kept = max(merged, key=lambda group: (len(group.cells), -group.cells[0]))
        cells = tuple(sorted(cell for group in merged for cell in group.cells))
        one = (*groups[:first], Group(kept.name, cells, kept.reason), *groups[last + 1 :])
        names = ", ".join(repr(group.name) for group in merged)
        yield replace(draft, groups=one), f"{names} cannot be apart ({code})"


def _without_parameters(draft: Draft, code: str) -> Iterator[tuple[Draft, str]]:
    """Yield the draft with the cell of parameters as a part of its stage."""
    if draft.parameters is not None:
        plain = _demoted(replace(draft, parameters=None), draft.parameters)
        yield plain, f"cell {draft.parameters + 1} is no parameters cell ({code})"


def _without_shared(draft: Draft, code: str) -> Iterator[tuple[Draft, str]]:
    """Yield the draft with the definitions below the first stage back where they stand."""
    shared = sorted(cell for cell in draft.setup if cell > draft.groups[0].cells[0])
    each = [(cell,) for cell in shared] if len(shared) <= _FEW else []
    for cells in dict.fromkeys((*each, tuple(shared))):
        rest = replace(draft, setup=draft.setup - set(cells))
        for cell in cells:
            rest = _demoted(rest, cell)
        listed = ", ".join(str(cell + 1) for cell in cells)
        if cells:
            yield rest, f"cell {listed} is better left in its stage ({code})"


def _ranges(place: int, count: int) -> Iterator[tuple[int, int]]:
    """Yield the neighbours that may be joined: those around the place, and all before it."""
    if place + 1 < count:
        yield place, place + 1
    for first in range(place - 1, -1, -1):
        yield first, place


def _demoted(draft: Draft, cell: int) -> Draft:
    """Return the draft with a cell in the stage that begins above it, or in the first."""
    place = max((i for i, group in enumerate(draft.groups) if group.cells[0] < cell), default=0)
    group = draft.groups[place]
    grown = replace(group, cells=tuple(sorted((*group.cells, cell))))
    return replace(draft, groups=(*draft.groups[:place], grown, *draft.groups[place + 1 :]))
