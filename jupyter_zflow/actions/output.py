"""Files that an action writes for a person: whole or not at all, and never over another's."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from jupyter_zflow.errors import ConflictError, UsageError


def check_free(path: Path, *, force: bool) -> None:
    """Make sure that nothing is overwritten unless it was asked for.

    Raises
    ------
    ConflictError
        When the file exists.
    UsageError
        When it can never be written.
    """
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a notebook.", remedy="Name a file with -o.")
    if path.exists() and not force:
        raise ConflictError(
            f"{path} exists already, and nothing was written.",
            remedy="--force overwrites it, -o names another.",
        )


def write_text(path: Path, text: str) -> None:
    """Write a file so that it appears whole; a file that is replaced keeps its mode.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path.resolve()
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=target.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error}.") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
