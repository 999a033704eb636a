"""Which cells belong to every stage: imports and definitions, and one cell of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.suggest.material import Material


def preamble(material: Material) -> tuple[frozenset[int], int | None]:
    """Return the setup cells above the first work, and the cell of parameters among them.

    Constants below the last import or definition are the beginning of the work, unless they look
    like parameters.
    """
    leading: list[int] = []
    for cell in material.code:
        if not material.is_light(cell):
            break
        leading.append(cell)
    parameters = material.tagged_parameters
    if parameters is None and len(leading) < len(material.code):
        parameters = next((cell for cell in leading if material.sets_constants(cell)), None)
    last = max((cell for cell in leading if material.defines(cell)), default=-1)
    if parameters is not None and parameters in leading:
        last = max(last, parameters)
    setup = frozenset(cell for cell in leading if cell <= last and cell != parameters)
    if setup and len(setup) == len(material.code):
        setup = frozenset(cell for cell in setup if material.only_defines(cell))
    if len(setup | {parameters}) >= len(material.code):
        return frozenset(), material.tagged_parameters
    return setup, parameters


def shared_definitions(material: Material, groups: Iterable[tuple[int, ...]]) -> frozenset[int]:
    """Return the cells that only define, and are used by more than one of the groups."""
    home = {cell: place for place, cells in enumerate(groups) for cell in cells}
    users: dict[int, set[int]] = {}
    for reader, record in material.records.items():
        if reader not in home:
            continue
        for use in record.reads.values():
            users.setdefault(use.cell, set()).add(home[reader])
        for cell, _ in record.imports.values():
            users.setdefault(cell, set()).add(home[reader])
    return frozenset(
        cell
        for cell in home
        if material.only_defines(cell) and len(users.get(cell, set()) | {home[cell]}) > 1
    )
