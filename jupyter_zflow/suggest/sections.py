"""A proposal by headings: the author already said where the parts begin and what they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.notebook.headings import Heading, headings
from jupyter_zflow.suggest.proposal import Draft, Group
from jupyter_zflow.suggest.shared import preamble, shared_definitions
from jupyter_zflow.suggest.words import short_name, unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jupyter_zflow.suggest.material import Material

    Part = tuple[Heading | None, tuple[int, ...]]

FEWEST, MOST = 3, 9
"""How many stages are easy to oversee."""


def has_sections(material: Material) -> bool:
    """Say whether the headings cut the notebook into parts."""
    return best_level(material) is not None


def best_level(material: Material) -> int | None:
    """Return the highest level of headings that makes enough parts; None when none makes two."""
    shared = preamble(material)
    levels = sorted({heading.level for heading in headings(material.document)})
    parts = {level: _parts(material, level, *shared) for level in levels}
    enough = next((level for level in levels if len(parts[level]) >= FEWEST), None)
    if enough is not None:
        return enough
    several = [level for level in levels if len(parts[level]) > 1]
    return max(several, key=lambda level: _named(parts[level]), default=None)


def _named(parts: Sequence[Part]) -> int:
    """Return how many parts have a heading."""
    return sum(heading is not None for heading, _ in parts)


def by_headings(material: Material, level: int) -> Draft:
    """Return the sections below headings of that level and above, as stages."""
    setup, parameters = preamble(material)
    parts = _joined(_parts(material, level, setup, parameters))
    shared = shared_definitions(material, [cells for _, cells in parts])
    groups: list[Group] = []
    for heading, cells in parts:
        own = tuple(cell for cell in cells if cell not in shared)
        if own:
            groups.append(_group(material, heading, own, {group.name for group in groups}))
    if not groups:
        return Draft(())
    return Draft(tuple(groups), setup | shared, parameters)


def _joined(parts: Sequence[Part]) -> list[Part]:
    """Join the smallest neighbours, below one heading if possible, until they are few enough."""
    joined = list(parts)
    while len(joined) > MOST:
        at = min(
            range(len(joined) - 1),
            key=lambda at: (
                _is_above(joined[at + 1][0], joined[at][0]),
                len(joined[at][1]) + len(joined[at + 1][1]),
            ),
        )
        (heading, cells), (_, more) = joined[at], joined[at + 1]
        joined[at : at + 2] = [(heading, cells + more)]
    return joined


def _is_above(heading: Heading | None, other: Heading | None) -> bool:
    """Say whether a heading opens a part of a higher level than another."""
    return heading is not None and (other is None or heading.level < other.level)


def _group(
    material: Material, heading: Heading | None, cells: tuple[int, ...], taken: Iterable[str]
) -> Group:
    if heading is None:
        name, reason = str(material.deeds[cells[0]].kind), "above the first heading"
    else:
        name = short_name(heading.text)
        reason = f"heading {heading.text!r} in cell {heading.cell + 1}"
    return Group(unique(name, set(taken)), cells, reason)


def _parts(
    material: Material, level: int, setup: frozenset[int], parameters: int | None
) -> list[Part]:
    """Return the sections that have code of their own."""
    starts = [heading for heading in headings(material.document) if heading.level <= level]
    parts: dict[Heading | None, list[int]] = {}
    for cell in material.code:
        if cell in setup or cell == parameters or not material.code[cell].strip():
            continue
        current = next((h for h in reversed(starts) if h.cell < cell), None)
        parts.setdefault(current, []).append(cell)
    return [(heading, tuple(cells)) for heading, cells in parts.items()]
