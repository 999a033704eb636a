"""What each cell is: part of a stage, setup, parameters or left out.

The contract, in the order in which it decides:

1. ``skip`` leaves a cell out; ``parameters`` and ``setup`` give it that role.
2. ``stage:<name>``, or ``%%stage NAME`` as the first line, puts it in a stage.
3. Any other code cell belongs to the stage of the cells above it; before the first stage it
   is setup.
4. A notebook without any stage is one stage, named after the notebook.

Data flow is not looked at here; that is the analysis.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_zflow.model import names
from jupyter_zflow.notebook.configure import configure
from jupyter_zflow.notebook.order import check_names, check_order
from jupyter_zflow.notebook.roles import Role, read_role
from jupyter_zflow.notebook.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.pipeline import PipelineSettings
    from jupyter_zflow.model.stage import StageSettings
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.notebook.source import CellCode


@dataclass(frozen=True, slots=True)
class StageCells:
    """One stage as the author laid it out."""

    name: str
    cells: tuple[int, ...]
    after: tuple[str, ...]
    settings: StageSettings


@dataclass(frozen=True, slots=True)
class Layout:
    """Every code cell's role, the settings, and what is wrong with them."""

    name: str
    stages: tuple[StageCells, ...]
    setup: tuple[int, ...]
    parameters_cell: int | None
    skipped: tuple[int, ...]
    pipeline: PipelineSettings
    code: dict[int, CellCode]
    """Source of each code cell that is not skipped, without our magics."""
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Sorted:
    """The cells by role, while they are being sorted."""

    stages: dict[str, list[int]] = field(default_factory=dict)
    after: dict[str, dict[str, int]] = field(default_factory=dict)
    """Stage -> stages that it waits for -> the cell that says so."""
    setup: list[int] = field(default_factory=list)
    parameters: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)


def lay_out(document: NotebookDocument) -> Layout:
    """Read the notebook contract of a document."""
    roles = [read_role(cell) for cell in document.cells if cell.kind == "code"]
    findings = [found for role in roles for found in role.findings]
    fallback = names.slug(document.title) or "notebook"
    has_stages = any(role.kind == "stage" for role in roles)
    cells = _sort(roles, None if has_stages else fallback, findings)
    if not cells.stages:
        findings.append(finding("ZF115", "no code cell is left that a stage could run."))
    settings = configure(document.metadata, roles, tuple(cells.stages))
    name = settings.pipeline.name or document.title
    findings += settings.findings
    findings += check_names(name, {stage: own[0] for stage, own in cells.stages.items()})
    findings += check_order(tuple(cells.stages), cells.after)
    return Layout(
        name=name,
        stages=tuple(
            StageCells(stage, tuple(own), tuple(cells.after.get(stage, ())), settings.stages[stage])
            for stage, own in cells.stages.items()
        ),
        setup=tuple(cells.setup),
        parameters_cell=cells.parameters[0] if cells.parameters else None,
        skipped=tuple(cells.skipped),
        pipeline=settings.pipeline,
        code={role.cell: role.code for role in roles if role.kind != "skip"},
        findings=tuple(findings),
    )


def _sort(roles: Iterable[Role], current: str | None, findings: list[Finding]) -> _Sorted:
    cells = _Sorted()
    for role in roles:
        if role.kind == "skip":
            cells.skipped.append(role.cell)
        elif role.kind == "parameters":
            cells.parameters.append(role.cell)
        elif role.kind == "setup" or (role.kind == "untagged" and current is None):
            cells.setup.append(role.cell)
        else:
            current = role.stage or current
            assert current is not None
            cells.stages.setdefault(current, []).append(role.cell)
            for other in role.after:
                cells.after.setdefault(current, {}).setdefault(other, role.cell)
            continue
        if role.after:
            findings.append(_after_without_stage(role))
    if len(cells.parameters) > 1:
        first, *others = cells.parameters
        findings += [
            finding(
                "ZF110",
                f"this is another `parameters` cell; cell {first + 1} is the first.",
                remedy="Papermill fills only one: move the parameters into one cell.",
                cell=cell,
            )
            for cell in others
        ]
        cells.setup = sorted([*cells.setup, *others])
    return cells


def _after_without_stage(role: Role) -> Finding:
    return finding(
        "ZF107",
        f"`after:{role.after[0]}` has no meaning on a cell that belongs to no stage.",
        remedy="Put the tag on a cell of the stage that has to wait.",
        cell=role.cell,
    )
