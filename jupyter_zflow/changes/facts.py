"""What a template and its code say, without the names that machines gave."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.changes.cloudformation import STATE_MACHINE, definition_of
from jupyter_zflow.changes.machine import StageFacts, read_stages
from jupyter_zflow.changes.permissions import read_permissions

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCHEDULE = "AWS::Scheduler::Schedule"
_PERMISSIONS = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy"}
_OF_THE_CODE = "BundleVersion"


@dataclass(frozen=True, slots=True)
class PipelineFacts:
    """One pipeline."""

    stages: Mapping[str, StageFacts] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Name -> default."""
    schedule: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """One version of a stack."""

    pipelines: Mapping[str, PipelineFacts] = field(default_factory=dict)
    permissions: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Whose -> what it may do."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The stack's own parameters: name -> default."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Further resources by a name that people know -> their properties as text."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Path -> content of notebooks and requirements, as far as these are at hand."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Path -> SHA-256 of the files that travel."""


def read_facts(
    template: Mapping[str, Any] | None,
    *,
    texts: Mapping[str, str] | None = None,
    digests: Mapping[str, str] | None = None,
) -> Facts:
    """Return the facts of a version; without a template, those of nothing.

    Parameters
    ----------
    texts
        Contents of stage notebooks and requirements by their path.
    digests
        SHA-256 of the files that travel by their path.
    """
    if template is None:
        return Facts()
    resources: Mapping[str, Any] = template["Resources"]
    names = {logical: _pipeline_name(logical, found) for logical, found in _machines(resources)}
    return Facts(
        pipelines={
            names[logical]: _pipeline(logical, found, resources)
            for logical, found in _machines(resources)
        },
        permissions=read_permissions(resources),
        settings={
            name: found.get("Default")
            for name, found in template.get("Parameters", {}).items()
            if name != _OF_THE_CODE
        },
        others=_others(resources, names),
        texts=texts or {},
        digests=digests or {},
    )


def _machines(resources: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for logical, resource in resources.items():
        if resource.get("Type") == STATE_MACHINE:
            text = definition_of(resource)
            try:
                definition = json.loads(text) if isinstance(text, str) else text
            except ValueError:
                continue
            if isinstance(definition, dict) and "States" in definition:
                found.append((logical, definition))
    return found


def _pipeline_name(logical: str, definition: Mapping[str, Any]) -> str:
    """Return the pipeline's name, as its first stages are told; else from the logical id."""
    for state in definition["States"].values():
        body = state.get("Arguments", {})
        body = body.get("Body") if isinstance(body, dict) else None
        if isinstance(body, dict) and isinstance(body.get("pipeline"), str):
            return str(body["pipeline"])
    return logical.removesuffix("StateMachine")


def _pipeline(
    logical: str, definition: dict[str, Any], resources: Mapping[str, Any]
) -> PipelineFacts:
    first = definition["States"].get(definition.get("StartAt"), {})
    return PipelineFacts(
        stages=read_stages(definition),
        parameters=first.get("Assign", {}).get("defaults", {}),
        schedule=_schedule(logical, resources),
    )


def _schedule(machine: str, resources: Mapping[str, Any]) -> dict[str, Any]:
    for resource in resources.values():
        properties = resource.get("Properties", {})
        target = properties.get("Target", {}) if resource.get("Type") == _SCHEDULE else {}
        if target.get("Arn") == {"Ref": machine}:
            return {
                "expression": properties.get("ScheduleExpression"),
                "timezone": properties.get("ScheduleExpressionTimezone", "UTC"),
                "input": target.get("Input"),
            }
    return {}


def _others(resources: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    told = {STATE_MACHINE, _SCHEDULE, *_PERMISSIONS}
    found = {
        f"{resource['Type'].rpartition('::')[2]} {logical}": json.dumps(
            resource.get("Properties", {}), sort_keys=True
        )
        for logical, resource in resources.items()
        if resource.get("Type") not in told
    }
    # What a state machine has besides its stages: tracing, logging, tags.
    for logical, name in names.items():
        properties = {
            key: value
            for key, value in resources[logical].get("Properties", {}).items()
            if key not in {"Definition", "DefinitionString"}
        }
        found[f"StateMachine {name}"] = json.dumps(properties, sort_keys=True)
    return found
