"""How far above the notebook's folder its files may lie and still travel with it.

Within the notebook's git repository everything may; without one, two folders up. Links must not
lead out of that, and what is very large stays at home.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jupyter_zflow.model.above import levels

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 10_000_000
"""Bytes from which it is said that a file travels."""
LIMIT = 500_000_000
"""Bytes that do not travel any more."""
_LEVELS = 2
_COUNTED = 10_000


@dataclass(frozen=True)
class Reach:
    """What lies at a path above the notebook's folder: its size, or why it cannot travel."""

    size: int = 0
    reason: str = ""


def reach(folder: Path, path: str) -> Reach:
    """Look at a path that leads up from the notebook's folder."""
    here = folder.resolve()
    root = _root(here)
    up = levels(path)
    if up > len(here.relative_to(root).parts):
        limit = "the notebook's git repository" if (root / ".git").exists() else f"{root}"
        return Reach(reason=f"is outside {limit}")
    target = (folder / path).resolve()
    if here.is_relative_to(target):
        return Reach(reason="is a folder that holds the notebook")
    if not target.is_relative_to(root):
        return Reach(reason=f"is a link that leads out of {root}")
    files = [target] if target.is_file() else [item for item in _below(target) if item.is_file()]
    if any(not item.resolve().is_relative_to(root) for item in files):
        return Reach(reason=f"holds a link that leads out of {root}")
    size = sum(item.stat().st_size for item in files)
    if size > LIMIT or len(files) >= _COUNTED:
        return Reach(size, f"has {size / 1e6:,.0f} MB in {len(files):,} files")
    return Reach(size)


def _below(folder: Path) -> list[Path]:
    found = []
    for item in folder.rglob("*"):
        found.append(item)
        if len(found) >= _COUNTED:
            break
    return found


@lru_cache(maxsize=64)
def _root(folder: Path) -> Path:
    """Return the highest folder whose files may travel."""
    for parent in (folder, *folder.parents):
        if (parent / ".git").exists():
            return parent
    return (folder, *folder.parents)[: _LEVELS + 1][-1]
