"""Versions of a pipeline as facts: a folder on disk, a commit, what an export would write now."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.actions.script import run_script, templates
from jupyter_zflow.actions.template import read_template
from jupyter_zflow.bundle import read_bundle
from jupyter_zflow.changes import Facts, read_facts
from jupyter_zflow.errors import UsageError
from jupyter_zflow.export.folder import copy_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.export.repository import Repository

_READ = ("stages/", "requirements/")


def facts_of_folder(folder: Path) -> Facts:
    """Return the facts of a pipeline folder as it is; those of nothing when it has no template."""
    found = templates(folder) if folder.is_dir() else []
    if not found:
        return Facts()
    files = read_bundle(folder, check=False).files
    own = {path: file for path, file in files.items() if not path.startswith("lib/")}
    return read_facts(
        read_template(found[0]),
        texts={
            path: file.source.read_text(encoding="utf-8", errors="replace")
            for path, file in own.items()
            if path.startswith(_READ)
        },
        digests={path: file.sha256 for path, file in own.items()},
    )


def facts_of_commit(repository: Repository, name: str) -> Facts:
    """Return the facts of a pipeline folder in a commit.

    Raises
    ------
    UsageError
        When there is no such commit.
    """
    commit = repository.commit_of(name)
    if commit is None:
        raise UsageError(
            f"There is no commit {name!r} in {repository.top}.",
            remedy="Name a branch, a tag or a commit.",
        )
    with tempfile.TemporaryDirectory(prefix="zflow-diff-") as scratch:
        place = Path(scratch, "folder")
        return facts_of_folder(place) if repository.restore(commit, place) else Facts()


def facts_of_script(folder: Path) -> Facts:
    """Return the facts of a folder whose script has been run afresh; the folder stays as it is."""
    with _copied(folder) as copy:
        run_script(copy)
        return facts_of_folder(copy)


def facts_of_notebook(notebook: Path, folder: Path) -> tuple[Facts, tuple[str, ...]]:
    """Return the facts of a folder as an export would leave it, and the conflicts."""
    from jupyter_zflow.actions.export import export

    with _copied(folder) as copy:
        result = export(notebook, copy, on_conflict="beside")
        return facts_of_folder(copy), result.changes.conflicts


@contextmanager
def _copied(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zflow-diff-") as scratch:
        copy = Path(scratch, folder.resolve().name)
        if folder.is_dir():
            copy_folder(folder, copy)
        yield copy
