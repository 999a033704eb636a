"""What an export changes in a pipeline folder, file by file, as unified diffs."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jupyter_zflow.export.bundle import Content
    from jupyter_zflow.export.folder import Plan

FileChange = Literal["added", "changed", "removed", "conflict"]
LIMIT = 200_000
"""Characters of one file's diff; nobody reads more."""
_LARGEST = 2_000_000
"""Bytes of a file that is still compared line by line."""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """One file before and after."""

    path: str
    change: FileChange
    diff: str = ""
    """Unified; empty for what is not text."""
    truncated: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the diff as JSON."""
        return asdict(self)


def differences(files: Mapping[str, Content], folder: Path, changes: Plan) -> tuple[FileDiff, ...]:
    """Return one diff for each file that is written, removed or in conflict.

    Parameters
    ----------
    folder
        The pipeline folder as it is before the export.
    """
    return (
        *_of(changes.write, files, folder, None),
        *_of(changes.conflicts, files, folder, "conflict"),
        *_of(changes.remove, files, folder, "removed"),
    )


def _of(
    paths: Iterable[str], files: Mapping[str, Content], folder: Path, change: FileChange | None
) -> Iterable[FileDiff]:
    for path in paths:
        before = _text(folder / path)
        after = "" if change == "removed" else _text(files[path])
        exists = (folder / path).exists()
        kind: FileChange = change or ("changed" if exists else "added")
        if before is None or after is None:
            yield FileDiff(path, kind)
            continue
        lines = difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{path}" if exists else "/dev/null",
            "/dev/null" if kind == "removed" else f"b/{path}",
        )
        text = "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
        yield FileDiff(path, kind, text[:LIMIT], truncated=len(text) > LIMIT)


def _text(content: Content) -> str | None:
    """Return a file's text; nothing for what is not text or too long to compare."""
    if isinstance(content, str):
        return content
    try:
        if content.stat().st_size > _LARGEST:
            return None
        return content.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        return None
