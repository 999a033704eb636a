"""Where local executions are kept: beside what was run, one folder for each.

::

    zflow_executions/<pipeline>/<execution>/
        bundle/   what ran, when it was made from a notebook
        run/      results, artifacts, events and <stage>.ipynb

The folder ignores itself in Git. An execution that continues an earlier one begins as a copy of
it, so what happened before stays readable.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

NAME = "zflow_executions"
_FACTS = "execution.json"
_LINKED = 1 << 20
"""Files from this size on are linked, not copied: they are artifacts, which never change."""


@dataclass(frozen=True, slots=True)
class ExecutionFolder:
    """One execution's place on disk."""

    name: str
    path: Path
    continues: Path | None = None
    """The execution whose results were taken."""

    @property
    def bundle(self) -> Path:
        """Where the stages' code is laid."""
        return self.path / "bundle"

    @property
    def run(self) -> Path:
        """Where the run leaves everything."""
        return self.path / "run"


def new_execution(place: Path, pipeline: str, *, continue_latest: bool) -> ExecutionFolder:
    """Make the folder of a new execution.

    Parameters
    ----------
    place
        The folder that holds ``zflow_executions``.
    pipeline
        The pipeline's slug.
    continue_latest
        Begin with the results of the latest execution.

    Raises
    ------
    UsageError
        When there is no execution to continue, or the folder cannot be written.
    """
    home = place / NAME / pipeline
    before = latest(home) if continue_latest else None
    if continue_latest and before is None:
        raise UsageError(
            f"There is no earlier execution of {pipeline!r} in {place / NAME}.",
            remedy="Run the whole pipeline first.",
        )
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
    made = ExecutionFolder(name, home / name, before)
    try:
        made.path.mkdir(parents=True)
        (place / NAME / ".gitignore").write_text("*\n", encoding="utf-8")
        if before is not None:
            shutil.copytree(before / "run", made.run, copy_function=_copy)
    except OSError as error:
        raise UsageError(f"{home} cannot be written: {error}.") from None
    return made


def latest(home: Path) -> Path | None:
    """Return the latest execution below a pipeline's folder."""
    if not home.is_dir():
        return None
    found = [path for path in home.iterdir() if (path / "run" / _FACTS).is_file()]
    return max(found, key=lambda path: (path / "run" / _FACTS).stat().st_mtime_ns, default=None)


def _copy(source: str, target: str) -> str:
    if os.stat(source).st_size >= _LINKED:  # noqa: PTH116  (copytree hands texts)
        try:
            os.link(source, target)
        except OSError:  # a file system without hard links
            pass
        else:
            return target
    return shutil.copy2(source, target)
