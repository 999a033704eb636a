"""A look at an artifact: its first rows, its shape, or its text.

Rebuilding a value runs code of the notebook's libraries and classes, so this belongs into a
process of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import manifest as manifests
from jupyter_zflow.artifacts.exchange import load_group
from jupyter_zflow.artifacts.store import FolderStore
from jupyter_zflow.errors import ArtifactError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.artifacts.manifest import Manifest

ROWS, COLUMNS, TEXT = 20, 50, 2_000
LARGEST = 512 << 20
"""Bytes of a container that is still opened for a preview."""


def artifacts(run: Path, state: str, stage: str) -> list[dict[str, Any]]:
    """Return what a stage handed on, without opening anything of it."""
    try:
        found = manifests.read(FolderStore(run), state)
    except ArtifactError:
        return []  # it left nothing, or it has not come so far
    return [
        *(_saved(found, name, stage) for name in found.variables),
        *(_entry(stage, name, state="absent") for name in found.absent),
        *(
            _entry(stage, name, state="refused", detail=reason)
            for name, reason in found.refused.items()
        ),
        *(_file(run, file.path, file.key, stage) for file in found.files if file.key),
    ]


def preview(run: Path, state: str, name: str) -> dict[str, Any]:
    """Return a look at a variable that a stage saved.

    Raises
    ------
    UsageError
        The stage saved no such variable.
    """
    found = manifests.read(FolderStore(run), state)
    variable = found.variables.get(name)
    if variable is None:
        raise UsageError(f"Stage {state!r} saved no variable {name!r}.")
    if variable.size > LARGEST:
        return _none(f"It is too large for a preview: {variable.size} bytes.")
    try:
        values = load_group(found, variable.group, FolderStore(run))
        return _look(values[name])
    except ArtifactError as error:
        return _none(str(error))
    except Exception as error:  # noqa: BLE001  a value's own methods may raise whatever they like
        return _none(f"{type(error).__name__}: {error}")


def _saved(found: Manifest, name: str, stage: str) -> dict[str, Any]:
    variable = found.variables[name]
    group = found.groups.get(variable.group)
    others = [other for other in (group.names if group else ()) if other != name]
    return {
        **_entry(stage, name),
        "type": variable.type,
        "size": variable.size,
        "with": others,
    }


def _file(run: Path, path: str, key: str | None, stage: str) -> dict[str, Any]:
    try:
        size = (run / str(key)).stat().st_size
    except OSError:
        size = None
    return {**_entry(stage, path), "kind": "file", "size": size}


def _entry(stage: str, name: str, *, state: str = "saved", detail: str = "") -> dict[str, Any]:
    return {
        "stage": stage,
        "name": name,
        "kind": "variable",
        "type": None,
        "size": None,
        "with": [],
        "state": state,
        "detail": detail,
    }


def _look(value: Any) -> dict[str, Any]:
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return {"kind": "scalar", "text": _short(value)}
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    if module == "pandas" and kind.__name__ == "DataFrame":
        return _frame(value)
    if module == "pandas" and kind.__name__ == "Series":
        return {**_frame(value.to_frame()), "shape": list(value.shape)}
    if module == "numpy" and kind.__name__ == "ndarray":
        return {
            "kind": "array",
            "shape": list(value.shape),
            "types": [str(value.dtype)],
            "text": _short(value),
        }
    length = [len(value)] if isinstance(value, list | tuple | dict | set | frozenset) else []
    return {"kind": "text", "shape": length, "text": _short(value)}


def _frame(frame: Any) -> dict[str, Any]:
    head = frame.iloc[:ROWS, :COLUMNS]
    return {
        "kind": "table",
        "shape": list(frame.shape),
        "columns": [_short(column) for column in head.columns],
        "types": [str(kind) for kind in head.dtypes],
        "rows": [
            [_short(cell) for cell in (label, *row)]
            for label, row in zip(head.index, head.itertuples(index=False, name=None), strict=True)
        ],
    }


def _none(why: str) -> dict[str, Any]:
    return {"kind": "none", "text": why}


def _short(value: Any) -> str:
    text = value[: TEXT + 1] if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= TEXT else f"{text[: TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"
