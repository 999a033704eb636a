"""Everything that can be known to go wrong before anything is deployed.

One small function per question, all pure; :func:`check_definition` asks about a state machine,
:func:`check_template` about a whole stack.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import LocalCompute
from jupyter_zflow.registry import check_schedule
from jupyter_zflow.synth.asl import definition, render
from jupyter_zflow.synth.checks.budgets import check_budgets, check_template_size
from jupyter_zflow.synth.checks.job_names import check_job_names
from jupyter_zflow.synth.checks.permissions import check_permissions
from jupyter_zflow.synth.checks.retries import check_retries
from jupyter_zflow.synth.checks.rules import RULES, finding
from jupyter_zflow.synth.checks.services import check_services
from jupyter_zflow.synth.checks.shape import check_shape
from jupyter_zflow.synth.checks.structure import check_structure
from jupyter_zflow.synth.checks.variables import check_variables
from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.pipeline import Pipeline

__all__ = ["RULES", "check", "check_definition", "check_template"]

_CHECKS = (check_structure, check_variables, check_retries, check_services, check_job_names)


def check(pipeline: Pipeline) -> tuple[Finding, ...]:
    """Return what is wrong with the pipeline's state machine and the template around it."""
    if any(isinstance(stage.compute, LocalCompute) for stage in pipeline.stages):
        return check_definition(definition(pipeline))
    return check_template(build_template([pipeline]))


def check_definition(
    definition: Mapping[str, Any], *, text: str | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong with a state machine.

    Parameters
    ----------
    text
        The definition as it is deployed, where that is not our own rendering.
    """
    if unshaped := tuple(check_shape(definition)):
        return unshaped
    found = [finding for ask in _CHECKS for finding in ask(definition)]
    return (*found, *check_budgets(definition, render(definition) if text is None else text))


def check_template(template: Mapping[str, Any]) -> tuple[Finding, ...]:
    """Return what is wrong with the state machines, roles and schedules of a template."""
    resources: Mapping[str, Any] = template.get("Resources", {})
    found: list[Finding] = []
    for resource in resources.values():
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            found += _check_machine(resource["Properties"], resources)
        elif resource["Type"] == "AWS::Scheduler::Schedule":
            found += _check_schedule(resource["Properties"])
    return (*found, *check_template_size(render_template(dict(template))))


def _check_machine(
    properties: Mapping[str, Any], resources: Mapping[str, Any]
) -> Iterator[Finding]:
    text = properties["DefinitionString"]
    if isinstance(text, dict):
        text = text["Fn::Sub"]
    if isinstance(text, list):
        text = text[0]
    try:
        machine = json.loads(text)
    except ValueError as error:
        yield finding("ZF301", f"The definition is not JSON: {error}.")
        return
    if unshaped := tuple(check_shape(machine)):
        yield from unshaped
        return
    yield from check_definition(machine, text=text)
    role = properties["RoleArn"].get("Fn::GetAtt", [""])[0]
    if role in resources:
        yield from check_permissions(machine, resources, name=role)


def _check_schedule(properties: Mapping[str, Any]) -> Iterator[Finding]:
    timezone = properties.get("ScheduleExpressionTimezone", "UTC")
    try:
        check_schedule(properties["ScheduleExpression"], timezone=timezone)
    except SettingsError as error:
        yield finding("ZF331", error.message, remedy=error.remedy)
