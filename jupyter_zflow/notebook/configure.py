"""Settings of the pipeline and its stages: metadata and magics, merged and validated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.pipeline import NotebookSettings, PipelineSettings
from jupyter_zflow.model.stage import StageSettings
from jupyter_zflow.notebook.compute import resolve
from jupyter_zflow.notebook.rules import finding
from jupyter_zflow.notebook.settings import (
    at,
    did_you_mean,
    merge,
    schedule_of,
    spelled_out,
    validate,
)
from jupyter_zflow.registry import check_schedule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.roles import Role


@dataclass(frozen=True, slots=True)
class Configuration:
    """Validated settings; ``stages`` has an entry for each stage that has cells."""

    pipeline: PipelineSettings
    stages: dict[str, StageSettings]
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Raw:
    """Settings of one object as they are collected."""

    settings: dict[str, Any] = field(default_factory=dict)
    cell: int | None = None
    """The last magic that added something; ``None`` for metadata alone."""


def configure(
    metadata: Mapping[str, Any], roles: Iterable[Role], stages: tuple[str, ...]
) -> Configuration:
    """Merge what metadata and magics say, and validate the result."""
    findings: list[Finding] = []
    pipeline, raw_stages = _from_metadata(metadata, stages, findings)
    for role in roles:
        if role.kind == "skip":
            continue
        for magic in role.pipeline_magics:
            said = dict(magic.settings) | ({} if magic.name is None else {"name": magic.name})
            _add(pipeline, said, "%pipeline", role.cell, findings)
        if role.stage_magic is not None and role.stage is not None:
            raw = raw_stages.setdefault(role.stage, _Raw())
            label = f"%%stage {role.stage}"
            _add(raw, role.stage_magic.settings, label, role.cell, findings)
    settings, found = validate(
        PipelineSettings, pipeline.settings, label="pipeline", cell=pipeline.cell
    )
    findings += found or _wrong_schedule(settings, pipeline.cell)
    validated: dict[str, StageSettings] = {}
    for name in stages:
        raw = raw_stages.get(name, _Raw())
        validated[name], found = validate(
            StageSettings, raw.settings, label=f"stages.{name}", cell=raw.cell
        )
        findings += found or _contradictions(name, validated[name], raw.cell)
    return Configuration(settings, validated, tuple(findings))


def _from_metadata(
    metadata: Mapping[str, Any], stages: tuple[str, ...], findings: list[Finding]
) -> tuple[_Raw, dict[str, _Raw]]:
    """Return what the notebook's metadata says, each part in the shape it must have."""
    raw = metadata.get("zflow", {})
    if not isinstance(raw, dict):
        findings.append(finding("ZF108", f"the notebook's `zflow` metadata is {raw!r}, no object."))
        return _Raw(), {}
    parts: dict[str, dict[str, Any]] = {}
    for key in ("pipeline", "stages"):
        part = raw.get(key, {})
        if isinstance(part, dict):
            parts[key] = part
        else:
            findings.append(finding("ZF108", f"zflow.{key} is {part!r}; it should be an object."))
            parts[key] = {}
    outer = {key: value for key, value in raw.items() if key not in parts}
    findings += validate(NotebookSettings, outer, label="zflow")[1]
    collected: dict[str, _Raw] = {}
    for name, settings in parts["stages"].items():
        if name not in stages:
            findings.append(_unused(name, stages))
        elif isinstance(settings, dict):
            collected[name] = _Raw(spelled_out(settings))
        else:
            message = f"stages.{name} is {settings!r}; it should be an object."
            findings.append(finding("ZF108", message))
    return _Raw(spelled_out(parts["pipeline"])), collected


def _wrong_schedule(settings: PipelineSettings, cell: int | None) -> tuple[Finding, ...]:
    schedule = schedule_of(settings)
    if schedule is None:
        return ()
    try:
        check_schedule(schedule.expression, timezone=schedule.timezone)
    except SettingsError as error:
        return (finding("ZF108", error.message, remedy=error.remedy, cell=cell),)
    return ()


def _contradictions(name: str, settings: StageSettings, cell: int | None) -> tuple[Finding, ...]:
    try:
        resolve(name, settings)
    except SettingsError as error:
        return (finding("ZF108", error.message, remedy=error.remedy, cell=cell),)
    return ()


def _unused(name: str, stages: tuple[str, ...]) -> Finding:
    hint = did_you_mean(name, stages) or "Remove them from the metadata, or tag a cell."
    return finding(
        "ZF111", f"the metadata has settings for stage {name!r}, which no cell has.", remedy=hint
    )


def _add(raw: _Raw, said: dict[str, Any], label: str, cell: int, findings: list[Finding]) -> None:
    if not said:
        return
    merged, disagreements = merge(raw.settings, spelled_out(said))
    origin = "the metadata says" if raw.cell is None else f"cell {raw.cell + 1} says"
    for path in disagreements:
        message = f"{label} says {path} is {at(said, path)!r}, {origin} {at(raw.settings, path)!r}."
        findings.append(finding("ZF101", message, remedy="Remove one of them.", cell=cell))
    raw.settings, raw.cell = merged, cell
