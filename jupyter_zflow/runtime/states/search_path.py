"""``sys.path``: only the difference to the start of the process."""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass

from jupyter_zflow.runtime import context


@dataclass(frozen=True)
class Difference:
    """What a stage did to the search path."""

    front: tuple[str, ...]
    back: tuple[str, ...]
    removed: tuple[str, ...]


def capture() -> Difference:
    """Return the entries that were added before and after the first ones, and those removed."""
    start, now = context.baseline().path, sys.path
    kept = [index for index, entry in enumerate(now) if entry in start]
    border = kept[0] if kept else len(now)
    added = [(index, entry) for index, entry in enumerate(now) if entry not in start]
    return Difference(
        front=tuple(entry for index, entry in added if index < border),
        back=tuple(entry for index, entry in added if index >= border),
        removed=tuple(entry for entry in start if entry not in now),
    )


def restore(value: Difference) -> None:
    """Make the same difference here."""
    added = {*value.front, *value.back}
    middle = [entry for entry in sys.path if entry not in added | set(value.removed)]
    sys.path[:] = [*value.front, *middle, *value.back]
    importlib.invalidate_caches()
