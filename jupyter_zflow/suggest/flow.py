"""A proposal by data flow: cut where what the cells do changes and few values cross.

Between two neighbouring cells there may be a cut. For it speak another kind of work, a heading,
and that nothing crosses; against it speaks every value that would have to be handed on, because
it is stored, loaded and paid for. Plots and displays stay with the cells above them.
"""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from jupyter_zflow.model.names import slug
from jupyter_zflow.notebook.headings import headings
from jupyter_zflow.suggest.deeds import FOLLOWING, KINDS
from jupyter_zflow.suggest.proposal import Draft, Group
from jupyter_zflow.suggest.shared import preamble, shared_definitions
from jupyter_zflow.suggest.words import unique

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.suggest.deeds import Deed, Kind
    from jupyter_zflow.suggest.material import Material

_MOST = 8
_SHOWN = 4
_ENOUGH = 0.0
_OTHER_WORK = 1.8
_MODELS = 2.0
"""Training and judging are what people look for and what they give machines of their own."""

_HEADING = 1.5
_TEXT = 0.3
_NOTHING_CROSSES = 1.0
_PER_NAME = 0.5
_BALANCE = 0.4
_PER_STAGE = 1.1
"""What a stage costs whatever it does: a process, and somebody who has to understand it."""


def by_dataflow(material: Material) -> Draft:
    """Return stages of consecutive cells."""
    setup, parameters = preamble(material)
    work = [
        cell
        for cell in material.code
        if cell not in setup and cell != parameters and material.code[cell].strip()
    ]
    if not work:
        return Draft(())
    runs = _with_work(material, _cut(work, _scores(material, work)))
    shared = shared_definitions(material, runs)
    groups: list[Group] = []
    for cells in runs:
        own = tuple(cell for cell in cells if cell not in shared)
        if own:
            groups.append(_group(material, own, {group.name for group in groups}))
    return Draft(tuple(groups), setup | shared, parameters) if groups else Draft(())


def _cut(work: list[int], scores: dict[int, float]) -> list[tuple[int, ...]]:
    """Cut at the best place again and again; a cut near the middle of a run is worth more."""
    runs = [tuple(work)]
    most = min(_MOST, max(2, len(work) * 2 // 3))
    while len(runs) < most:
        places = [
            (scores[cell] + _BALANCE * math.log2(min(at, len(run) - at)), -cell, index, at)
            for index, run in enumerate(runs)
            for at, cell in enumerate(run)
            if at and cell in scores
        ]
        score, _, index, at = max(places, default=(0.0, 0, 0, 0))
        if score <= _ENOUGH:
            break
        run = runs[index]
        runs[index : index + 1] = [run[:at], run[at:]]
    return runs


def _with_work(material: Material, runs: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Join runs that only show or define with the run above, the first with the one below."""
    joined: list[tuple[int, ...]] = []
    for run in runs:
        idle = all(material.deeds[cell].kind in FOLLOWING for cell in run)
        above_idle = joined and all(material.deeds[cell].kind in FOLLOWING for cell in joined[-1])
        if joined and (idle or above_idle):
            joined[-1] += run
        else:
            joined.append(run)
    return joined


def _scores(material: Material, work: list[int]) -> dict[int, float]:
    marked = {heading.cell for heading in headings(material.document)}
    scores: dict[int, float] = {}
    last: Kind | None = None
    for before, cell in pairwise(work):
        if material.deeds[before].kind not in FOLLOWING:
            last = material.deeds[before].kind
        between = range(before + 1, cell)
        has_heading = any(place in marked for place in between)
        now = material.deeds[cell].kind
        if has_heading:
            now = _telling(material, _section(work, cell, marked))
        if now in FOLLOWING:
            continue
        crossing = len(_crossing(material, before, cell))
        scores[cell] = (
            (_change(last, now) if last is not None else 0.0)
            + (_HEADING if has_heading else _TEXT if between else 0.0)
            + (_NOTHING_CROSSES if not crossing else 0.0)
            - _PER_NAME * math.log2(1 + crossing)
            - _PER_STAGE
        )
        if has_heading:
            last = now
    return scores


def _section(work: list[int], start: int, marked: set[int]) -> list[int]:
    """Return the cells from one to the next heading."""
    end = min((place for place in marked if place > start), default=work[-1] + 1)
    return [cell for cell in work if start <= cell < end]


def _telling(material: Material, cells: Iterable[int]) -> Kind:
    """Return the most telling kind of work of some cells."""
    return min((material.deeds[cell].kind for cell in cells), key=KINDS.index)


def _change(before: Kind, now: Kind) -> float:
    """Return what speaks for a cut between two kinds of work."""
    if _work(before) == _work(now):
        return 0.0
    return _MODELS if now in {"train", "evaluate"} else _OTHER_WORK


def _work(kind: Kind) -> Kind:
    """Return the kind of work; to prepare and to compute are told apart by names only."""
    return "prepare" if kind == "compute" else kind


def _crossing(material: Material, before: int, cell: int) -> set[tuple[str, int]]:
    """Return the values that a cut would have to carry: name, and the cell that made it."""
    found: set[tuple[str, int]] = set()
    for reader, record in material.records.items():
        if reader < cell:
            continue
        uses = [*record.reads.items(), *record.state_reads.items()]
        found |= {
            (name, use.cell)
            for name, use in uses
            if use.cell <= before and not material.is_light(use.cell)
        }
        for use in record.file_reads:
            found |= {(use.path or "*", cell) for cell in use.writers if cell <= before}
    return found


def _group(material: Material, cells: tuple[int, ...], taken: set[str]) -> Group:
    telling = min(cells, key=lambda cell: KINDS.index(material.deeds[cell].kind))
    deed = material.deeds[telling]
    name = str(deed.kind)
    if name in taken or deed.kind in {"compute", "show", "define"}:
        variable = _handed_on(material, cells) or _bound(material, (telling, *cells))
        if variable:
            name = f"{name}-{variable}"
    return Group(unique(name, taken), cells, _reason(material, cells, deed))


def _handed_on(material: Material, cells: tuple[int, ...]) -> str:
    """Return the variable of the cells that later cells read most, if they read any."""
    last = cells[-1]
    uses = Counter(
        name
        for reader, record in material.records.items()
        for name, use in record.reads.items()
        if reader > last and use.cell in cells
    )
    return slug(max(uses, key=lambda name: (uses[name], name), default=""))


def _bound(material: Material, cells: Iterable[int]) -> str:
    """Return the variable that the first of the cells that binds one binds last."""
    bound = (list(material.records[cell].writes) for cell in cells)
    return slug(next((names[-1] for names in bound if names), ""))


def _reason(material: Material, cells: tuple[int, ...], deed: Deed) -> str:
    said = {
        "train": "fits a model",
        "evaluate": "judges a model",
        "load": "reads data",
        "save": "writes files",
        "prepare": "prepares data",
        "compute": "computes",
        "plot": "draws",
        "show": "shows values",
        "define": "defines",
    }[deed.kind]
    evidence = f" ({deed.evidence})" if deed.evidence else ""
    crossing = {name for name, _ in _crossing(material, cells[0] - 1, cells[0])}
    bound = {name for record in material.records.values() for name in record.writes}
    names = sorted(crossing & bound)
    taken = f"; {_listed(names)} cross{'' if len(names) > 1 else 'es'} the cut" if names else ""
    return f"{said}{evidence}{taken}"


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown
