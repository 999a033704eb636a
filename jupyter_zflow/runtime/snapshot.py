"""What a kernel holds at one moment, kept for a comparison and for nothing else.

A snapshot is taken between two cells by code that leaves no trace: no history, no output, no name.
It lies below ``snapshots`` in the execution, apart from what stages hand to each other.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.artifacts.store import open_store
from jupyter_zflow.runtime import context, handover

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "snapshots"
PATH = "path.json"
"""Entries of ``sys.path`` below the working directory, relative to it."""
AFTERWARDS = "afterwards"
"""The key of a cell's ``zflow`` metadata whose code runs silently after the cell."""


def source(label: str, names: Iterable[str] | None = None) -> str:
    """Return code that takes a snapshot and leaves no trace.

    Parameters
    ----------
    label
        What the snapshot is called.
    names
        The variables to keep; default: all that are bound.
    """
    wanted = None if names is None else sorted(set(names))
    return (
        f"__import__({__name__!r}, fromlist=['take']).take({label!r}, {wanted!r})"  # one expression
    )


def take(label: str, names: Iterable[str] | None) -> None:
    """Keep variables; one that cannot be kept is noted with its type and the reason."""
    stage = context.current()
    folder = f"{stage.execution}/{FOLDER}"
    Path(folder).mkdir(parents=True, exist_ok=True)
    store = open_store(folder)
    names_here = sys.modules["__main__"].__dict__
    wanted = handover.own_names(names_here) if names is None else names
    values = {name: names_here[name] for name in wanted if name in names_here}
    saved, stored, refused = exchange.save_variables(values, store, label)
    kept = manifest.Manifest(
        stage=stage.stage,
        workdir=stage.workdir,
        variables=saved,
        groups=stored,
        refused={
            name: f"{exchange.type_name(values[name])}: {reason}"
            for name, reason in refused.items()
        },
        everything=names is None,
    )
    workdir = Path(stage.workdir)
    inside = [
        Path(entry).relative_to(workdir).as_posix()
        for entry in map(str, sys.path)
        if entry and Path(entry).is_relative_to(workdir)
    ]
    store.write(f"{label}/{PATH}", json.dumps(inside).encode())
    store.write(f"{label}/{manifest.FILE}", kept.to_json().encode())
