"""What the cells printed and showed, cell by cell.

Texts are compared as they are. Only when they differ are addresses, the working directory and the
temporary names of cells masked; that this was needed is reported.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.verify.verdict import OutputRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jupyter_zflow.model.analysis import AnalysedStage

_MASKS = (
    ("addresses", re.compile(r"0x[0-9a-fA-F]+")),
    ("working directories", re.compile(r"[^\s'\"]*/zflow-[0-9a-f]{16}")),
    ("names of cells", re.compile(r"[^\s'\"]*/ipykernel_\d+/\d+\.py|\b(?:In ?|Out)\[\d+\]")),
)
_KINDS: tuple[Literal["stdout", "display"], ...] = ("stdout", "display")

Printed = dict[int, dict[str, str]]
"""Cell -> kind of output -> text."""


def compare_outputs(
    stages: Sequence[AnalysedStage], straight: Path, isolated: Mapping[str, Path]
) -> tuple[OutputRow, ...]:
    """Compare the cells that ran on both sides.

    Parameters
    ----------
    straight
        The executed notebook of the straight run.
    isolated
        The executed notebook of each stage.
    """
    ours = printed(straight)
    rows: dict[tuple[int, str, str], OutputRow] = {}
    for stage in stages:
        theirs = printed(isolated[stage.name]) if stage.name in isolated else {}
        for cell in (*stage.replays, *stage.cells):
            if cell in ours and cell in theirs:
                for row in _rows(cell, stage.name, ours[cell], theirs[cell]):
                    rows[row.cell, row.stage, row.kind] = row
    return tuple(sorted(rows.values(), key=lambda row: (row.cell, row.stage)))


def judged_again(rows: Sequence[OutputRow], one: Path, other: Path) -> tuple[OutputRow, ...]:
    """Mark the rows in which two straight runs differ as well."""
    first, second = printed(one), printed(other)
    marked = []
    for row in rows:
        texts = [side.get(row.cell, {}).get(row.kind, "") for side in (first, second)]
        differs = not row.equal and not _compared(*texts)[0]
        marked.append(replace(row, unstable=True) if differs else row)
    return tuple(marked)


def printed(notebook: Path) -> Printed:
    """Return what each cell that ran printed and showed."""
    try:
        content = json.loads(notebook.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    found: Printed = {}
    for cell in content["cells"]:
        index = cell["metadata"].get("zflow", {}).get("cell")
        if index is not None and (cell.get("execution_count") or not "".join(cell["source"])):
            found[index] = {
                "stdout": "".join(_streams(cell["outputs"])),
                "display": "\n".join(_shown(cell["outputs"])),
            }
    return found


def _rows(
    cell: int, stage: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[OutputRow]:
    for kind in _KINDS:
        one, other = ours[kind], theirs[kind]
        if not one and not other:
            continue
        equal, masked, left, right = _compared_in_full(one, other)
        line = None if equal else _first_line(left, right)
        yield OutputRow(cell, stage, kind, equal, masked, one, other, line)


def _compared(one: str, other: str) -> tuple[bool, tuple[str, ...]]:
    equal, masked, _, _ = _compared_in_full(one, other)
    return equal, masked


def _compared_in_full(one: str, other: str) -> tuple[bool, tuple[str, ...], str, str]:
    if one == other:
        return True, (), one, other
    needed = []
    for name, pattern in _MASKS:
        left, right = pattern.sub(f"<{name}>", one), pattern.sub(f"<{name}>", other)
        if pattern.findall(one) != pattern.findall(other):
            needed.append(name)
        one, other = left, right
    return one == other, tuple(needed) if one == other else (), one, other


def _first_line(one: str, other: str) -> int:
    lines, others = one.splitlines(), other.splitlines()
    for number, (left, right) in enumerate(zip(lines, others, strict=False), start=1):
        if left != right:
            return number
    return min(len(lines), len(others)) + 1


def _streams(outputs: list[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        if output["output_type"] == "stream" and output["name"] == "stdout":
            yield "".join(output["text"])


def _shown(outputs: list[dict[str, Any]]) -> Iterator[str]:
    for output in outputs:
        data = output.get("data", {})
        if "text/plain" in data:
            yield "".join(data["text/plain"])
        for kind in ("image/png", "image/svg+xml", "image/jpeg"):
            if kind in data:
                picture = hashlib.sha256("".join(data[kind]).encode()).hexdigest()[:12]
                yield f"[{kind} {picture}]"
