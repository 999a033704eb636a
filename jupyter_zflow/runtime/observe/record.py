"""The file of observations: JSON for people and for the analysis, one entry for each cell.

A cell is found by the digest of its code, so the record of a cell that was edited since is simply
not found. A value never enters the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

VERSION = 1
FOLDER = ".zflow"
SUFFIX = ".observed.json"
_TEXT = "What an observed run showed, for each cell by the digest of its code. No values."


def place_of(notebook: Path) -> Path:
    """Return where the observations of a notebook are kept: beside it, in a folder of its own."""
    return notebook.parent / FOLDER / f"{notebook.stem}{SUFFIX}"


def digest_of(code: str) -> str:
    """Return what a cell is called in the record."""
    return hashlib.sha256(code.strip().encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_cells(place: Path) -> dict[str, Any]:
    """Return what is recorded by cell; nothing when the file is missing, old or broken."""
    try:
        content = json.loads(place.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict) or content.get("version") != VERSION:
        return {}
    cells = content.get("cells")
    return cells if isinstance(cells, dict) else {}


def write_cells(place: Path, cells: dict[str, Any]) -> None:
    """Write the whole file at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"version": VERSION, "about": _TEXT, "cells": cells}, indent=1)
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
    try:
        draft.write_text(text + "\n", encoding="utf-8", newline="\n")
        os.replace(draft, place)  # noqa: PTH105  a notebook may have changed what Path does
    finally:
        draft.unlink(missing_ok=True)


def both(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Return what two executions of one cell showed: what either changed, both have changed."""
    changed = {*old["changed"], *new["changed"]}
    moved = {*old["states_changed"], *new["states_changed"]}
    return {
        **new,
        "values": {**old["values"], **new["values"]},
        "finished": old["finished"] and new["finished"],
        "reads": _all(old["reads"], new["reads"]),
        "binds": _all(old["binds"], new["binds"]),
        "changed": sorted(changed),
        "unchanged": sorted(({*old["unchanged"]} & {*new["unchanged"]}) - changed),
        "states_changed": sorted(moved),
        "states_unchanged": sorted(
            ({*old["states_unchanged"]} & {*new["states_unchanged"]}) - moved
        ),
        "files_read": _all(old["files_read"], new["files_read"]),
        "files_written": _all(old["files_written"], new["files_written"]),
        "lines": sorted({*old["lines"]} & {*new["lines"]}),
    }


def _all(one: Iterable[str], other: Iterable[str]) -> list[str]:
    return sorted({*one, *other})
