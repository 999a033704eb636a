"""What the author's kernel sees beside the notebook.

The straight run gets a copy of the notebook's folder, without what tools left there. A folder that
is too large to be copied is cut down to what the stages declare.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LEFT_BEHIND = frozenset(
    {".git", ".ipynb_checkpoints", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__",
     ".zflow", "node_modules", "zflow_executions"}
)  # fmt: skip
_MARKS = ("pyvenv.cfg", "zflow.lock.json")
"""Files that say that a folder is a virtual environment, or an exported pipeline."""
BYTES = 1 << 30
NUMBER = 20_000


@dataclass(frozen=True)
class Surroundings:
    """Files and empty folders below the notebook's folder, as POSIX paths."""

    paths: tuple[str, ...]
    complete: bool = True
    """Whether that is all there is."""


def survey(
    folder: Path,
    declared: Iterable[str],
    *,
    without: Iterable[Path] = (),
    size: int = BYTES,
    number: int = NUMBER,
) -> Surroundings:
    """Return what the straight run should see.

    Parameters
    ----------
    declared
        What the stages' own working directories get.
    without
        Folders that are no part of the notebook's surroundings.
    size, number
        Bytes and entries up to which all is copied.
    """
    found: list[str] = []
    total = 0
    apart = {path.absolute() for path in without}
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = sorted(
            name for name in folders if not _left_out(here / name) and here / name not in apart
        )
        if here != folder and not folders and not names:
            found.append(here.relative_to(folder).as_posix())
        for name in sorted(names):
            path = here / name
            if path.is_file():
                found.append(path.relative_to(folder).as_posix())
                total += path.stat().st_size
        if total > size or len(found) > number:
            return Surroundings(tuple(sorted(set(declared))), complete=False)
    return Surroundings(tuple(sorted({*found, *declared})))


def _left_out(folder: Path) -> bool:
    return folder.name in _LEFT_BEHIND or any((folder / mark).exists() for mark in _MARKS)
