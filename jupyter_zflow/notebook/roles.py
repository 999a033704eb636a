"""What one cell's tags and magics say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from jupyter_zflow.errors import UsageError
from jupyter_zflow.notebook.magics import MagicOptions, parse_pipeline, parse_stage
from jupyter_zflow.notebook.rules import finding
from jupyter_zflow.notebook.source import CellCode, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import Cell
    from jupyter_zflow.notebook.source import OwnMagics

RoleKind = Literal["skip", "parameters", "setup", "stage", "untagged"]

_NEARLY_OURS = re.compile(r"(?i)\s*(stages?|after)\s*[:=]\s*(\S.*?)\s*")
_NEARLY_A_ROLE = re.compile(r"(?i)\s*(parameters?|setup|skip)\s*")


@dataclass(slots=True)
class Role:
    """A code cell's part in the pipeline."""

    cell: int
    code: CellCode
    kind: RoleKind = "untagged"
    stage: str | None = None
    after: tuple[str, ...] = ()
    stage_magic: MagicOptions | None = None
    pipeline_magics: tuple[MagicOptions, ...] = ()
    findings: list[Finding] = field(default_factory=list)


@lru_cache(maxsize=8192)
def read_role(cell: Cell) -> Role:
    """Read the tags and our magics of a code cell; a cell that is read again is the same role."""
    magics = split(cell.source)
    role = Role(cell=cell.index, code=magics.code)
    _read_magics(role, magics)
    _read_tags(role, cell.tags)
    return role


def _read_magics(role: Role, magics: OwnMagics) -> None:
    if magics.stage is not None:
        try:
            role.stage_magic = parse_stage(magics.stage)
        except UsageError as error:
            role.findings.append(_broken(role, error, magics.stage_line))
            # Keep the name, so that one slip does not look like a missing stage.
            name = magics.stage.split(" ")[0].strip("\"'")
            if name and not name.startswith("--"):
                role.stage_magic = MagicOptions(name)
    pipelines = []
    for line in magics.pipelines:
        try:
            pipelines.append(parse_pipeline(line.text))
        except UsageError as error:
            role.findings.append(_broken(role, error, line.line))
    role.pipeline_magics = tuple(pipelines)
    role.findings += [
        finding(
            "ZF109",
            "%%stage works only as the first line of a cell.",
            remedy="Move it up, or split the cell.",
            cell=role.cell,
            line=line,
        )
        for line in magics.misplaced
    ]


def _broken(role: Role, error: UsageError, line: int) -> Finding:
    return finding("ZF109", error.message, remedy=error.remedy, cell=role.cell, line=line)


def _read_tags(role: Role, tags: tuple[str, ...]) -> None:
    stages: list[str] = []
    after: list[str] = []
    for tag in tags:
        key, colon, value = tag.partition(":")
        if colon and key in ("stage", "after"):
            if value.strip():
                (stages if key == "stage" else after).append(value.strip())
            else:
                _add(role, "ZF103", f"the tag {tag!r} has no name after the colon.")
        else:
            _look_closer(role, tag)
    role.stage = _one_stage(role, stages)
    if role.stage_magic is not None:
        after += role.stage_magic.after
    role.after = tuple(dict.fromkeys(after))
    roles = [kind for kind in ("skip", "parameters", "setup") if kind in tags]
    if roles:
        _settle(role, roles)
    elif role.stage is not None:
        role.kind = "stage"


def _one_stage(role: Role, tagged: list[str]) -> str | None:
    different = list(dict.fromkeys(tagged))
    if len(different) > 1:
        listed = " and ".join(repr(name) for name in different)
        _add(
            role,
            "ZF102",
            f"the cell is tagged for the stages {listed}.",
            remedy="A cell runs in one stage: remove a tag or split the cell.",
        )
    magic = role.stage_magic.name if role.stage_magic is not None else None
    if magic is not None and not magic.strip():
        _add(role, "ZF103", "%%stage has an empty name.")
        magic = None
    if magic is not None and different and different[0] != magic:
        _add(
            role,
            "ZF101",
            f"%%stage says {magic!r}, the tag says {different[0]!r}.",
            remedy="Remove one of them.",
        )
    return different[0] if different else magic


def _settle(role: Role, roles: Sequence[str]) -> None:
    """Choose between several roles of a cell."""
    kind, *others = roles
    if kind == "skip":
        role.kind, role.stage, role.after = "skip", None, ()
        return
    if others:
        _add(
            role,
            "ZF102",
            f"the cell is tagged {kind!r} and {others[0]!r}.",
            remedy="Remove one of the tags or split the cell.",
        )
    if role.stage is not None:
        code = "ZF113" if kind == "parameters" else "ZF102"
        effect = (
            "parameters go to every stage, so the stage has no effect"
            if kind == "parameters"
            else "setup is repeated in the stages that need it, so it cannot be in one of them"
        )
        _add(
            role,
            code,
            f"the cell is tagged {kind!r} and is in stage {role.stage!r}: {effect}.",
            remedy="Remove one of the two.",
        )
    role.kind = "parameters" if kind == "parameters" else "setup"
    role.stage = None


def _look_closer(role: Role, tag: str) -> None:
    """Point out a tag that is foreign only by a slip."""
    if tag in ("parameters", "setup", "skip"):
        return
    match = _NEARLY_OURS.fullmatch(tag)
    meant = ""
    if match is not None:
        meant = f"{match[1].lower().rstrip('s')}:{match[2]}"
    elif _NEARLY_A_ROLE.fullmatch(tag):
        word = tag.strip().lower()
        meant = "parameters" if word.startswith("parameter") else word
    if meant:
        _add(role, "ZF112", f"the tag {tag!r} is not read.", remedy=f"Write {meant!r}.")


def _add(role: Role, code: str, message: str, *, remedy: str = "") -> None:
    role.findings.append(finding(code, message, remedy=remedy, cell=role.cell))
