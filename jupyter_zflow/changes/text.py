"""Changes as people read them: a few lines, or the subject of a commit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jupyter_zflow.changes.compare import Change

_MARKS = {"added": "+", "removed": "-", "changed": "~"}
_WIDTH = 60
"""Longest value that is shown in full."""
_SUBJECT = 72


def lines(changes: Sequence[Change], *, cells: bool = False) -> list[str]:
    """Return the changes in groups: pipeline, stage, permissions.

    Parameters
    ----------
    cells
        Show what changed inside of the cells, too.
    """
    found: list[str] = []
    for pipeline in _distinct(change.pipeline for change in changes if change.pipeline):
        own = [change for change in changes if change.pipeline == pipeline]
        whole = [change for change in own if change.area == "pipeline"]
        mark = f"{_MARKS[whole[0].kind]} " if whole else ""
        found.append(f"{mark}pipeline {pipeline}")
        for stage in _distinct(change.stage for change in own if change.stage):
            found += _stage(stage, [c for c in own if c.stage == stage], cells=cells)
        found += [
            f"  {_line(change)}" for change in own if not change.stage and change.area != "pipeline"
        ]
    rest = [change for change in changes if not change.pipeline]
    found += [_line(change) for change in rest if change.area != "permission"]
    found += _permissions([change for change in rest if change.area == "permission"])
    return found


def subject(changes: Sequence[Change], *, pipeline: str) -> str:
    """Return what changed in one line that a list of commits can show."""
    parts = [part for part in _parts(changes) if part]
    if not parts:
        return f"{pipeline}: exported again"
    text = f"{pipeline}: {'; '.join(parts)}"
    while len(text) > _SUBJECT and len(parts) > 1:
        parts.pop()
        text = f"{pipeline}: {'; '.join(parts)}; ..."
    return text if len(text) <= _SUBJECT else f"{text[: _SUBJECT - 3].rstrip()}..."


def _parts(changes: Sequence[Change]) -> Iterator[str]:
    new = [change for change in changes if change.area == "pipeline"]
    if new:
        yield f"{new[0].kind.replace('added', 'new')} pipeline"
        return
    for kind, word in (("added", "add"), ("removed", "remove")):
        stages = [c.name for c in changes if c.area == "stage" and c.kind == kind]
        if stages:
            yield f"{word} {_listed(stages)}"
    for change in changes:
        if change.area == "compute" and change.name == "instance type":
            yield f"{change.stage} on {_short(change.after)}"
    further = [c.stage for c in changes if c.area == "compute" and c.name != "instance type"]
    if further and not any(c.name == "instance type" for c in changes):
        yield f"compute of {_listed(_distinct(further))}"
    for area, word in (("cell", "cells"), ("setting", "settings"), ("order", "order")):
        stages = _distinct(c.stage for c in changes if c.area == area)
        if stages:
            yield f"{word} of {_listed(stages)}"
    for area, word in (("parameter", "parameters"), ("schedule", "schedule"), ("code", "code")):
        if any(change.area == area and (change.pipeline or area == "code") for change in changes):
            yield word
    if any(change.area == "permission" for change in changes):
        yield "permissions"


def _stage(stage: str, changes: Sequence[Change], *, cells: bool) -> Iterator[str]:
    whole = next((c for c in changes if c.area == "stage" and c.name == stage), None)
    if whole is not None:
        detail = f" ({whole.detail})" if whole.detail else ""
        yield f"  {_MARKS[whole.kind]} stage {stage}{detail}"
        return
    yield f"  ~ stage {stage}"
    for change in changes:
        yield f"      {_line(change)}"
        if cells and change.area == "cell":
            yield from (f"          {line}" for line in _inside(change))


def _line(change: Change) -> str:
    mark = _MARKS[change.kind]
    label = change.name
    if change.area in {"parameter", "resource"}:
        owner = f" {change.detail}" if change.detail else ""
        label = f"{change.area}{owner} {change.name}"
    if change.area == "cell":
        return f"{mark} {label} ({change.detail})"
    if change.area == "code" and "/" in change.name:
        label = f"file {change.name}"
    if change.area == "resource" or (change.before is None and change.after is None):
        return f"{mark} {label}"
    if change.kind == "added":
        return f"{mark} {label}: {_short(change.after)}"
    if change.kind == "removed":
        return f"{mark} {label}: was {_short(change.before)}"
    return f"{mark} {label}: {_short(change.before)} -> {_short(change.after)}"


def _inside(change: Change) -> Iterator[str]:
    import difflib

    old, new = (str(text or "").splitlines() for text in (change.before, change.after))
    for line in difflib.unified_diff(old, new, lineterm="", n=1):
        if not line.startswith(("---", "+++", "@@")):
            yield line


def _permissions(changes: Sequence[Change]) -> Iterator[str]:
    if changes:
        yield "permissions"
    for whose in _distinct(change.detail for change in changes):
        yield f"  {whose}"
        own = [change for change in changes if change.detail == whose]
        for kind in ("removed", "added"):
            names = [change.name for change in own if change.kind == kind]
            yield from (f"    {_MARKS[kind]} {line}" for line in _joined(names))


def _joined(permissions: Sequence[str]) -> Iterator[str]:
    """Return `action on resource` lines in fewer: all actions on the same resources at once."""
    actions: dict[tuple[str, str], list[str]] = {}
    for line in permissions:
        action, _, rest = line.partition(" on ")
        resource, _, condition = rest.partition(" if ")
        actions.setdefault((resource, condition), []).append(action)
    resources: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (resource, condition), together in actions.items():
        resources.setdefault((tuple(together), condition), []).append(resource)
    for (several, condition), places in resources.items():
        where = f" on {', '.join(places)}" if places != [""] else ""
        yield f"{', '.join(several)}{where}{f' if {condition}' if condition else ''}"


def _short(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        text = ", ".join(value) or "nothing"
    elif isinstance(value, str):
        # Of an image's address only the end tells images apart.
        text = value if len(value) <= _WIDTH or " " in value else value.rpartition("/")[2] or value
    else:
        text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
