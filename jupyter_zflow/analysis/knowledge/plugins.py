"""Tables of libraries that other packages bring: the entry points ``jupyter_zflow.knowledge``.

An entry point is named like the library that it knows, and leads to a ``Library`` table. It is
loaded when a notebook imports that library, and not before. A table may only speak of its own
library; one that cannot be used is left out, and the notebook is told.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points
from typing import Final

from jupyter_zflow.analysis.knowledge.table import Library

GROUP: Final = "jupyter_zflow.knowledge"


@cache
def plugged_in(name: str) -> tuple[Library | None, str]:
    """Return the table that a package brings for a library, and why it cannot be used."""
    for entry in entry_points(group=GROUP, name=name):
        where = f"the entry point {entry.value!r} of {GROUP!r}"
        try:
            library = entry.load()
        except Exception as error:  # noqa: BLE001  whatever the package's own code raises
            return None, f"{where} cannot be loaded: {type(error).__name__}: {error}"
        if not isinstance(library, Library):
            return None, f"{where} is no Library table but {type(library).__name__}"
        foreign = sorted(path for path in _paths(library) if path.partition(".")[0] != name)
        if foreign:
            return None, f"{where} speaks of {foreign[0]!r}, which is not part of {name!r}"
        return library, ""
    return None, ""


def _paths(library: Library) -> set[str]:
    named = library.functions.keys() | library.prefixes.keys() | library.types.keys()
    return named | library.states.keys() | library.constants
