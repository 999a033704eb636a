"""The current directory, relative to the stage's working directory where it lies inside."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_zflow.runtime import context


def capture() -> str:
    """Return the current directory."""
    here, home = Path.cwd(), Path(context.current().workdir)
    return str(here.relative_to(home)) if here.is_relative_to(home) else str(here)


def restore(value: str) -> None:
    """Change to the directory, which is made when it is missing."""
    folder = Path(context.current().workdir) / value
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
