"""``diff``: what changed in a pipeline since its last export, or since a commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions import versions
from jupyter_zflow.actions.prepare import accepted, prepare
from jupyter_zflow.changes import Change, compare, lines
from jupyter_zflow.errors import UsageError
from jupyter_zflow.export.lock import read_lock
from jupyter_zflow.export.repository import find_repository
from jupyter_zflow.model.names import slug
from jupyter_zflow.notebook.document import read

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.changes import Facts


@dataclass(frozen=True, slots=True)
class DiffResult:
    """What differs between two versions."""

    before: str
    now: str
    """What was compared, in words."""
    changes: tuple[Change, ...]
    conflicts: tuple[str, ...] = ()
    """Files with hand edits that an export would not replace."""

    def lines(self, *, cells: bool = False) -> list[str]:
        """Return the changes as text."""
        return lines(self.changes, cells=cells)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "before": self.before,
            "now": self.now,
            "changed": bool(self.changes),
            "changes": [change.to_json() for change in self.changes],
            "conflicts": list(self.conflicts),
        }


def diff(target: Path, folder: Path | None = None, *, against: str | None = None) -> DiffResult:
    """Compare a notebook with its last export, or a folder with its notebook or a commit.

    Parameters
    ----------
    folder
        The export of the notebook; default as in an export.
    against
        A commit to compare with, in place of the last export.

    Raises
    ------
    RefusedError
        When the notebook cannot be exported.
    UsageError
        When there is nothing to compare with.
    """
    notebook = None if target.is_dir() else target
    if notebook is not None:
        home = folder if folder is not None else _home(notebook)
    else:
        home, notebook = target, _notebook_of(target)
    conflicts: tuple[str, ...] = ()
    if notebook is not None and (target.is_file() or against is None):
        now, conflicts = versions.facts_of_notebook(notebook, home)
        named = str(notebook)
    else:
        now, named = versions.facts_of_script(home), str(home)
    before, label = _before(home, against, by_notebook=notebook is not None)
    return DiffResult(label, named, compare(before, now), conflicts)


def _before(home: Path, against: str | None, *, by_notebook: bool) -> tuple[Facts, str]:
    if against is None and by_notebook:
        found = versions.facts_of_folder(home)
        return found, f"the last export in {home}" if found.pipelines else "nothing"
    repository = find_repository(home)
    if repository is None:
        raise UsageError(
            f"{home} is in no Git repository, and its notebook is not beside it.",
            remedy="Name the notebook: jupyter zflow diff NOTEBOOK -o FOLDER.",
        )
    name = against or "HEAD"
    return versions.facts_of_commit(repository, name), f"commit {name}"


def _home(notebook: Path) -> Path:
    pipeline, _ = accepted(prepare(read(notebook)))
    return notebook.parent / slug(pipeline.name)


def _notebook_of(folder: Path) -> Path | None:
    """Return the notebook that a folder was exported from, when it lies beside the folder."""
    lock = read_lock(folder)
    if lock is None or not lock.notebook:
        return None
    place = folder.resolve().parent / lock.notebook
    return place if place.is_file() else None
