"""The version of a pipeline folder's code: a digest, so that equal code has one upload."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PARTS = ("stages", "files", "requirements", "lib")
"""The folders that travel to the stages' machines."""


def bundle_version(folder: Path) -> str:
    """Return the digest of all files that travel, by path and content."""
    digest = sha256()
    for part in PARTS:
        for path in sorted((folder / part).rglob("*"), key=lambda path: path.as_posix()):
            hidden = any(name.startswith(".") for name in path.relative_to(folder).parts)
            if path.is_file() and not hidden and "__pycache__" not in path.parts:
                content = sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:16]
