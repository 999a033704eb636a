"""Files that one stage writes and another reads.

What counts is the working directory: files that are new, changed or gone since the stage began.
They are stored by content; a later stage gets copies, which it may change.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.artifacts import container
from jupyter_zflow.artifacts.manifest import StoredFile
from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_zflow.artifacts.store import Store

    Listing = dict[str, tuple[int, int]]

LAID = "laid.json"
"""Where a kernel notes the files of earlier stages that it laid down."""
_IGNORED_FOLDERS = {"__pycache__", ".ipynb_checkpoints"}
_FOLDER = (-1, 0)


def listing(workdir: Path) -> Listing:
    """Return the files of a folder with size and time of change; folders end in ``/``."""
    found: Listing = {}
    for parent, folders, names in os.walk(workdir):
        folders[:] = [name for name in folders if name not in _IGNORED_FOLDERS]
        here = Path(parent)
        for name in folders:
            found[f"{(here / name).relative_to(workdir).as_posix()}/"] = _FOLDER
        for name in names:
            path = here / name
            if path.is_file():
                stat = path.stat()
                key = path.relative_to(workdir).as_posix()
                found[key] = (stat.st_size, stat.st_mtime_ns)
    return found


def changes(
    workdir: Path, before: Mapping[str, tuple[int, int]], outside: Iterable[str] = ()
) -> tuple[list[str], list[str]]:
    """Return the paths that are new or changed, and those that are gone."""
    now = listing(workdir)
    changed = [path for path, stat in now.items() if before.get(path) != stat]
    gone = [path for path in before if path not in now]
    return [*changed, *outside], gone


def keep(
    workdir: Path, before: Mapping[str, tuple[int, int]], store: Store, state: str
) -> list[str]:
    """Move what a stage wrote below its place in the execution; return the paths.

    That is where a person finds a report or a model that no later stage reads.
    """
    changed, _ = changes(workdir, before)
    kept = [path for path in changed if not path.endswith("/")]
    for path in kept:
        store.put(workdir / path, f"{state}/files/{path}")
    return kept


def laid(scratch: Path) -> Listing:
    """Return the files of earlier stages that the stage's kernel laid down."""
    try:
        found = json.loads((scratch / LAID).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {path: tuple(stat) for path, stat in found.items()}


def store_files(
    workdir: Path, changed: Iterable[str], gone: Iterable[str], store: Store, state: str
) -> tuple[StoredFile, ...]:
    """Store files by content."""
    entries = [StoredFile(path, key=None) for path in gone]
    for path in sorted(changed):
        if path.endswith("/"):
            entries.append(StoredFile(path, key=""))
            continue
        source = workdir / path
        stat = source.stat()
        with tempfile.TemporaryDirectory(prefix="zfk-") as scratch:
            copy = Path(scratch) / "file"
            shutil.copyfile(source, copy)
            digest = container.digest_of(copy)
            key = f"{state}/artifacts/{digest}"
            if not store.exists(key):
                store.put(copy, key)
        entries.append(StoredFile(path, digest, key, stat.st_mode & 0o777, stat.st_mtime_ns))
    return tuple(entries)


def lay(entries: Iterable[StoredFile], workdir: Path, store: Store) -> None:
    """Lay stored files into a working directory.

    Raises
    ------
    ArtifactError
        A stored file is missing or damaged.
    """
    for entry in entries:
        target = workdir / entry.path
        if entry.key is None:
            if target.is_dir():
                shutil.rmtree(target, ignore_errors=True)
            else:
                target.unlink(missing_ok=True)
        elif entry.path.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
        else:
            _lay_file(entry, target, store.fetch(entry.key))


def _lay_file(entry: StoredFile, target: Path, source: Path) -> None:
    if not source.is_file():
        raise ArtifactError(f"the file {entry.path} of an earlier stage is missing: {source}.")
    if container.digest_of(source) != entry.digest:
        raise container.damaged(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    whole(target, lambda part: shutil.copyfile(source, part))
    target.chmod(entry.mode)
    os.utime(target, ns=(entry.modified, entry.modified))
