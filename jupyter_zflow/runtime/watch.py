"""Which files outside the working directory a stage wrote, as Python's audit events tell."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

_written: dict[str, None] = {}
_removed: dict[str, None] = {}
_ignored: tuple[str, ...] = ()
_watching = False

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def begin() -> None:
    """Start to watch; once in a process, for an audit hook stays."""
    global _watching, _ignored  # noqa: PLW0603
    if _watching:
        return
    _watching = True
    home = Path.home()
    caches = (home / ".cache", home / ".config", home / ".ipython", home / ".jupyter",
              home / ".local", home / ".matplotlib")  # fmt: skip
    places = ["/dev", "/proc", "/sys", sys.prefix, sys.base_prefix, *map(str, caches)]
    _ignored = tuple(f"{place}{os.sep}" for place in places)
    sys.addaudithook(_hear)


def written_outside(workdir: str) -> list[str]:
    """Return the files outside the working directory that were written and are still there."""
    inside = f"{workdir}{os.sep}"
    scratch = f"{tempfile.gettempdir()}{os.sep}"
    own = tuple(f"{scratch}{prefix}" for prefix in ("zflow-", "zfk-", "ipykernel_", "tmp"))
    above = f"{private_folder(workdir)}{os.sep}"
    return [
        os.path.relpath(path, workdir) if path.startswith(above) else path
        for path in _written
        if not path.startswith((inside, *_ignored))
        and (path.startswith(above) or not path.startswith(own))
        and "/__pycache__/" not in path
        and "/site-packages/" not in path
        and Path(path).is_file()
    ]


def removed_outside(workdir: str) -> list[str]:
    """Return the files outside the working directory that were removed and are still gone."""
    inside = f"{workdir}{os.sep}"
    scratch = f"{tempfile.gettempdir()}{os.sep}"
    above = f"{private_folder(workdir)}{os.sep}"
    return [
        os.path.relpath(path, workdir) if path.startswith(above) else path
        for path in _removed
        if not path.startswith((inside, *_ignored))
        and (path.startswith(above) or not path.startswith(scratch))
        and not Path(path).exists()
    ]


def private_folder(workdir: str) -> str:
    """Return the folder that belongs to the stage alone: its working directory, or one above."""
    found = re.match(r".*?/zflow-[0-9a-f]{16}", workdir)
    return found[0] if found else workdir


def flush() -> None:
    """Write out what open files still hold back, as the end of the notebook's process would."""
    for thing in gc.get_objects():
        if isinstance(thing, (io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom)):
            with contextlib.suppress(ValueError, OSError):
                thing.flush()


def _hear(event: str, details: tuple[Any, ...]) -> None:
    if event == "os.remove" and isinstance(details[0], (str, bytes)):
        _removed[os.path.abspath(os.fsdecode(details[0]))] = None  # noqa: PTH100
    if event != "open":
        return
    path, mode, flags = details
    if not isinstance(path, (str, bytes)):
        return
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else flags & _WRITES
    if writes:
        _written[os.path.abspath(os.fsdecode(path))] = None  # noqa: PTH100  must not resolve links
