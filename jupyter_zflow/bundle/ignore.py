"""``.zflowignore``: what of ``files/`` stays at home.

One pattern a line, as in ``.gitignore`` but without negation: ``*.log`` anywhere, ``data/raw/`` a
folder with all in it, ``/notes.txt`` from the top of ``files/`` only. ``#`` begins a comment.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

IGNORE = ".zflowignore"


def ignored(folder: Path) -> Callable[[str], bool]:
    """Return the question whether a path below ``files/`` stays at home.

    Raises
    ------
    UsageError
        A pattern begins with ``!``, which is not supported.
    """
    try:
        lines = (folder / IGNORE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return lambda _path: False
    patterns = [line.strip() for line in lines if line.strip() and line[0] != "#"]
    for pattern in patterns:
        if pattern.startswith("!"):
            raise UsageError(
                f"{folder / IGNORE}: {pattern!r} takes back another pattern, which is not "
                "supported.",
                remedy="Write patterns that match only what stays at home.",
            )
    return lambda path: any(_matches(path, pattern) for pattern in patterns)


def _matches(path: str, pattern: str) -> bool:
    """Say whether the pattern names the path or a folder above it."""
    only_folders = pattern.endswith("/")
    wanted = pattern.removeprefix("files/").strip("/")
    anchored = pattern.startswith("/") or "/" in wanted
    parts = path.split("/")
    for end in range(1, len(parts) + (0 if only_folders else 1)):
        candidate = "/".join(parts[:end]) if anchored else parts[end - 1]
        if fnmatchcase(candidate, wanted):
            return True
    return False
