"""The working directory of a stage, and the author's files in it."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.model.above import laid, levels

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAME = re.compile(r"[^/\0]+(/[^/\0]+)*")


def place_of(notebook: Path) -> str:
    """Return where below its private folder a stage works; empty for most."""
    try:
        metadata = json.loads(notebook.read_text(encoding="utf-8"))["metadata"]
        place = metadata.get("zflow", {}).get("place", "")
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return ""  # who runs the notebook says what is wrong with it
    return place if isinstance(place, str) else ""


def make_workdir(root: Path, place: str) -> tuple[Path, Path]:
    """Make a private folder below the root and the working directory in it; return both.

    All private folders have paths of one length: artifacts rely on it when they move a path of one
    stage's directory into another's.

    Raises
    ------
    ArtifactError
        The place leads out of the private folder.
    """
    if place and (not _NAME.fullmatch(place) or ".." in place.split("/")):
        message = f"{place!r} is no place for a working directory."
        raise ArtifactError(message, remedy="Export the notebook again.")
    private = root / f"zflow-{secrets.token_hex(8)}"
    private.mkdir(mode=0o700)
    workdir = private / place
    workdir.mkdir(parents=True, exist_ok=True)
    return private, workdir


def lay_inputs(source: Path, names: Iterable[str], workdir: Path, *, depth: int = 0) -> None:
    """Copy the author's files from the bundle to where the notebook finds them.

    Parameters
    ----------
    depth
        How many folders above the working directory belong to the stage.

    Raises
    ------
    ArtifactError
        The bundle does not have a file, or the file would lie outside the stage's own folder.
    """
    for name in names:
        path = laid(name)
        if levels(path) > depth:
            message = f"the file {path!r} would lie outside the stage's own folder."
            raise ArtifactError(message, remedy="Export the notebook again.")
        # A straight run has the notebook's own folder for a bundle.
        origin = source / name if path == name else _above(source, name, path)
        target = Path(f"{workdir}/{path}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, target, dirs_exist_ok=True)
        elif origin.is_file():
            shutil.copy2(origin, target)
        else:
            message = f"the bundle has no file {name!r}, which the stage needs."
            raise ArtifactError(message, remedy="Export the notebook again.")


def _above(source: Path, name: str, path: str) -> Path:
    return source / name if (source / name).exists() else source.resolve() / path
