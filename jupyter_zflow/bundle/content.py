"""The files of a bundle, their digests, and the version that these give."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import file_digest, sha256
from typing import TYPE_CHECKING, Any

from jupyter_zflow.bundle import library
from jupyter_zflow.bundle.ignore import IGNORE, ignored
from jupyter_zflow.bundle.leaks import leaks
from jupyter_zflow.bundle.rules import finding
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from jupyter_zflow.model.finding import Finding

PARTS = ("stages", "files", "requirements", "wheels", library.FOLDER)
"""The folders that travel to the stages' machines."""
MANIFEST = "bundle.json"
"""Written last: where it is, the bundle is whole."""
_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", ".git", ".DS_Store"}
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file that travels."""

    source: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """All files that travel, by their path in the bundle, sorted."""

    files: Mapping[str, BundleFile]
    findings: tuple[Finding, ...] = ()

    @property
    def version(self) -> str:
        """The digest of paths and contents: equal code has one upload."""
        return _version({path: file.sha256 for path, file in self.files.items()})

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    def manifest(self) -> str:
        """Return the text of the manifest."""
        content = {"version": self.version, "files": {p: f.sha256 for p, f in self.files.items()}}
        return json.dumps(content, indent=1) + "\n"


def read_bundle(folder: Path, *, check: bool = True) -> Bundle:
    """Return the bundle of a pipeline folder.

    Parameters
    ----------
    check
        Whether to look for secrets and missing files, too.

    Raises
    ------
    UsageError
        When the folder has no stages.
    """
    if check and not (folder / "stages").is_dir():
        raise UsageError(
            f"{folder} has no folder 'stages'.",
            remedy="Name a folder that `jupyter zflow export` wrote.",
        )
    sources = _sources(folder)
    files = {path: _file(path, source) for path, source in sorted(sources.items())}
    return Bundle(files, tuple(_findings(folder, files)) if check else ())


def bundle_version(folder: Path) -> str:
    """Return the version of a pipeline folder's bundle."""
    return read_bundle(folder, check=False).version


def _version(digests: Mapping[str, str]) -> str:
    digest = sha256()
    for path, content in digests.items():
        digest.update(f"{path}\0{content}\n".encode())
    return digest.hexdigest()[:_DIGITS]


def _sources(folder: Path) -> dict[str, Path]:
    at_home = ignored(folder)
    found: dict[str, Path] = {}
    for part in PARTS:
        for path in (folder / part).rglob("*"):
            inside = path.relative_to(folder / part)
            left = _LEFT_BEHIND.intersection(inside.parts) or path.suffix == ".pyc"
            if left or (part == "files" and at_home(inside.as_posix())) or not path.is_file():
                continue
            found[f"{part}/{inside.as_posix()}"] = path
    if not (folder / library.FOLDER).is_dir():
        found |= library.library()
    return found


def _file(path: str, source: Path) -> BundleFile:
    if path.startswith(f"{library.FOLDER}/"):
        return _library_file(source)
    return _read(source)


def _read(source: Path) -> BundleFile:
    with source.open("rb") as content:
        return BundleFile(source, file_digest(content, "sha256").hexdigest(), source.stat().st_size)


_library_file = cache(_read)


def _findings(folder: Path, files: Mapping[str, BundleFile]) -> Iterator[Finding]:
    root = folder.resolve()
    for path, file in files.items():
        if path.startswith((f"{library.FOLDER}/", "wheels/")):
            continue
        if not file.source.resolve().is_relative_to(root):
            yield finding(
                "ZF504",
                f"{path!r} is a link to {file.source.resolve()}.",
                remedy="Put the file itself into the folder.",
            )
            continue
        yield from leaks(path, file.source.read_bytes())
    for path, file in files.items():
        if path.startswith("stages/") and path.endswith(".ipynb"):
            yield from _missing(path, file.source, files)


def _missing(path: str, notebook: Path, files: Mapping[str, BundleFile]) -> Iterator[Finding]:
    """Yield the files that a stage lays into its working directory and that do not travel."""
    for name in _wanted(notebook):
        if f"files/{name}" not in files:
            yield finding(
                "ZF503",
                f"{path!r} needs 'files/{name}', which does not travel.",
                remedy=f"Take it out of {IGNORE}, or export again when it was deleted.",
            )


def _wanted(notebook: Path) -> list[str]:
    try:
        content: Any = json.loads(notebook.read_text(encoding="utf-8"))
        return [str(name) for name in content["metadata"]["zflow"]["files"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # the stage itself will say so
