"""What is noted of a local execution when it begins, and whether its process is still there.

``about.json`` says what was asked for. The process holds a lock on ``alive`` for as long as it
lives: the system takes the lock back whatever the process dies of, so nobody has to guess from a
process id that may be another's by now.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from typing import TYPE_CHECKING

from pydantic import ValidationError

from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.model.value import Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ABOUT = "about.json"
ALIVE = "alive"
LOG = "log.txt"
"""What a server's execution printed itself; its stages have logs of their own."""


class About(Value):
    """What an execution was asked to do, and who does it."""

    target: str
    """The notebook or the pipeline folder, as an absolute path."""
    pipeline: str
    stages: tuple[str, ...] = ()
    """Stage names in the pipeline's order."""
    parameters: dict[str, Json] = {}
    """All parameters with their values."""
    start: str | None = None
    only: str | None = None
    bundle: str = ""
    """The folder with the stages' code, as an absolute path."""
    host: str = ""
    pid: int = 0


@contextlib.contextmanager
def running(folder: Path, about: About) -> Iterator[None]:
    """Note what an execution is about, and show that it lives until the block ends.

    Parameters
    ----------
    folder
        The execution's folder, which holds ``run``.
    """
    here = about.model_copy(update={"host": socket.gethostname(), "pid": os.getpid()})
    with (folder / ALIVE).open("wb") as file:
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        whole(folder / ABOUT, lambda part: part.write_text(here.model_dump_json(), "utf-8"))
        yield


def read_about(folder: Path) -> About | None:
    """Return what was noted; nothing for an execution of an older version."""
    try:
        return About.model_validate_json((folder / ABOUT).read_bytes())
    except (OSError, ValidationError):
        return None


def is_alive(folder: Path) -> bool:
    """Return whether the execution's process lives, on this or another machine."""
    try:
        with (folder / ALIVE).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
