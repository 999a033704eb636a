"""The lock: what was generated from which cells, so that edits and drift can be told apart."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.value import Value

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.document import NotebookDocument

LOCK = "zflow.lock.json"


class LockedCell(Value):
    """A cell of the notebook when it was exported."""

    sha256: str
    stages: tuple[str, ...]
    """The stages that run it; several for setup and parameters."""


class Lock(Value):
    """Hashes of what went in and of what came out."""

    version: int = 1
    pipeline: str = ""
    notebook: str = ""
    definition_sha256: str = ""
    cells: dict[str, LockedCell] = {}
    """Cell id -> cell, for each code cell that is in a stage."""
    files: dict[str, str] = {}
    """Path in the folder -> SHA-256 of what was generated there last."""


def cell_hashes(document: NotebookDocument, analysis: Analysis) -> dict[str, LockedCell]:
    """Return the cells that the stages run, in notebook order."""
    stages: dict[int, list[str]] = {}
    for stage in analysis.stages:
        for index in (*stage.replays, *stage.cells):
            stages.setdefault(index, []).append(stage.name)
    return {
        document.cells[index].id: LockedCell(
            sha256=digest(document.cells[index].source.encode()), stages=tuple(stages[index])
        )
        for index in sorted(stages)
    }


def digest(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str | None:
    """Return the SHA-256 of a file; ``None`` when there is none.

    A folder in the file's place has a digest, too: none that a file can have.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except IsADirectoryError:
        return "folder"
    except (FileNotFoundError, NotADirectoryError):
        return None


def read_lock(folder: Path) -> Lock | None:
    """Return the lock of a pipeline folder; ``None`` when nothing was exported there.

    Raises
    ------
    UsageError
        When the lock is damaged.
    """
    path = folder / LOCK
    try:
        return Lock.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValidationError, OSError) as error:
        raise UsageError(
            f"{path} is damaged: {str(error).splitlines()[0]}.",
            remedy="Restore it from Git, or delete it and export again.",
        ) from None


def lock_text(lock: Lock) -> str:
    """Return the lock as JSON that is the same for the same content."""
    return json.dumps(lock.model_dump(), indent=2, ensure_ascii=False) + "\n"
