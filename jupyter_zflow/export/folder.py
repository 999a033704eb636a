"""Write a pipeline folder so that no hand edit is ever lost, and everything or nothing changes.

Three versions of each file decide: what was generated last time (the lock remembers its hash),
what is on disk, and what is generated now.

============== ================ ===========================================
on disk        generated now    what happens
============== ================ ===========================================
missing        anything         written
as last time   anything         replaced
edited         as last time     kept
edited         changed          a conflict: refused, overwritten or beside
============== ================ ===========================================

A file that is no longer generated is removed, unless it was edited.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from jupyter_zflow.errors import ConflictError, UsageError
from jupyter_zflow.export.bundle import write_files
from jupyter_zflow.export.lock import LOCK, Lock, digest, file_digest, lock_text, read_lock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.export.bundle import Content

OnConflict = Literal["refuse", "overwrite", "beside"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export would change in a folder."""

    write: tuple[str, ...]
    remove: tuple[str, ...]
    kept: tuple[str, ...]
    """Files with hand edits that stay as they are."""
    conflicts: tuple[str, ...]
    """Files with hand edits whose generated version changed, too."""


def plan(
    files: Mapping[str, Content], folder: Path, *, known: Mapping[str, str] | None = None
) -> Plan:
    """Compare what is generated now with the folder.

    Parameters
    ----------
    known
        Digests of files on disk that are no hand edits, whatever the lock says.
    """
    lock = read_lock(folder) or Lock()
    lock = lock.model_copy(update={"files": {**lock.files, **(known or {})}})
    write, kept, conflicts = [], [], []
    for path, content in files.items():
        here, before, now = file_digest(folder / path), lock.files.get(path), _digest(content)
        if here == now:
            continue
        if here is None or here == before:
            write.append(path)
        elif now == before:
            kept.append(path)
        else:
            conflicts.append(path)
    gone = [path for path in lock.files if path not in files and _safe(path)]
    remove = [path for path in gone if file_digest(folder / path) == lock.files[path]]
    kept += [path for path in gone if path not in remove and (folder / path).exists()]
    return Plan(tuple(write), tuple(remove), tuple(kept), tuple(conflicts))


def write_folder(
    files: Mapping[str, Content],
    folder: Path,
    *,
    lock: Lock,
    on_conflict: OnConflict = "refuse",
    known: Mapping[str, str] | None = None,
) -> Plan:
    """Bring a folder up to date and return what was changed.

    Parameters
    ----------
    lock
        What is remembered of this export; the files' digests are filled in here.
    known
        Digests of files on disk that are no hand edits, whatever the lock says.

    Raises
    ------
    ConflictError
        When an edited file would have to change; nothing was written then.
    UsageError
        When the folder cannot be written.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder.", remedy="Choose another with -o.")
    changes = plan(files, folder, known=known)
    if changes.conflicts and on_conflict == "refuse":
        raise ConflictError(
            f"{folder}: edited by hand and changed by the notebook: "
            f"{', '.join(changes.conflicts)}. Nothing was written.",
            remedy="--beside writes the new versions as FILE.new, --force overwrites your edits.",
        )
    written: dict[str, Content] = {path: files[path] for path in changes.write}
    for path in changes.conflicts:
        written[path if on_conflict == "overwrite" else f"{path}.new"] = files[path]
    generated = {path: _digest(content) for path, content in files.items()}
    written[LOCK] = lock_text(lock.model_copy(update={"files": dict(sorted(generated.items()))}))
    try:
        _apply(written, changes.remove, folder)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error}.") from None
    return changes


def _apply(written: Mapping[str, Content], removed: tuple[str, ...], folder: Path) -> None:
    """Write and remove files; after an error the folder is as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
        new, old = Path(scratch, "new"), Path(scratch, "old")
        write_files(written, new)
        if not folder.exists():
            new.rename(folder)
            return
        done: list[str] = []
        try:
            for path in (*written, *removed):
                _remember(folder / path, old / path)
                done.append(path)
                if path in written:
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    (new / path).replace(folder / path)
                else:
                    (folder / path).unlink()
        except BaseException:
            for path in done:
                (folder / path).unlink(missing_ok=True)
                if (old / path).exists():
                    (old / path).replace(folder / path)
            raise
        _prune(folder, removed)


def _remember(file: Path, place: Path) -> None:
    """Keep the file's present version elsewhere, without a moment when it is missing."""
    if not file.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, place)
    except OSError:  # a file system without hard links
        shutil.copy2(file, place)


def _prune(folder: Path, removed: tuple[str, ...]) -> None:
    """Remove folders that our files left empty."""
    for path in removed:
        for parent in (folder / path).parents:
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                break
            parent.rmdir()


def _safe(path: str) -> bool:
    """Say whether a path from the lock stays inside the folder."""
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _digest(content: Content) -> str:
    if isinstance(content, Path):
        return file_digest(content) or ""
    return digest(content.encode())


def copy_folder(folder: Path, target: Path) -> None:
    """Copy a pipeline folder without what tools left in it."""
    ignored = shutil.ignore_patterns("cdk.out", "__pycache__", ".git", ".venv", "zflow_executions")
    shutil.copytree(folder, target, ignore=ignored, dirs_exist_ok=True)
