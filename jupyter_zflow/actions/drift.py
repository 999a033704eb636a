"""Whether a notebook has moved on since it was exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import UsageError
from jupyter_zflow.export.lock import cell_hashes, read_lock
from jupyter_zflow.model.names import slug

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.actions.prepare import Prepared


@dataclass(frozen=True, slots=True)
class ExportState:
    """The last export of a notebook, compared with the notebook as it is."""

    folder: Path
    stale: bool
    cells: tuple[int, ...]
    """Cells that are new or changed."""

    def to_json(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return {"folder": str(self.folder), "stale": self.stale, "cells": list(self.cells)}


def export_state(prepared: Prepared, folder: Path | None = None) -> ExportState | None:
    """Return how the notebook and its export differ; nothing when there is no export.

    Parameters
    ----------
    folder
        The pipeline folder; by default the one beside the notebook that an export writes.
    """
    path = prepared.document.path
    if folder is None:
        name = slug(prepared.analysis.name)
        if path is None or not name:
            return None
        folder = path.parent / name
    try:
        lock = read_lock(folder)
    except UsageError:
        return ExportState(folder, stale=True, cells=())
    if lock is None or (path is not None and lock.notebook not in {"", path.name}):
        return None
    now = cell_hashes(prepared.document, prepared.analysis)
    changed = tuple(
        cell.index
        for cell in prepared.document.cells
        if now.get(cell.id) != lock.cells.get(cell.id)
    )
    stale = bool(changed) or list(now) != list(lock.cells)
    if prepared.definition is not None:
        from jupyter_zflow.synth import definition_sha256

        stale = stale or definition_sha256(prepared.definition) != lock.definition_sha256
    return ExportState(folder, stale=stale, cells=changed)
