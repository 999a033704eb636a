"""Resources around a state machine: what starts it, who hears of it, what limits its roles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.synth import iam
from jupyter_zflow.synth.intrinsics import attribute, ref, sub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.surroundings import Surroundings, Trigger
    from jupyter_zflow.synth.naming import Naming

Resources = dict[str, Any]

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z][A-Za-z0-9]*)\}")
_ENDED_BADLY = ["ABORTED", "FAILED", "TIMED_OUT"]


def parameters(pipelines: Sequence[Pipeline]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a parameter of the stack for each name that the settings leave open."""
    seen: set[str] = set()
    for pipeline in pipelines:
        for text in _texts(pipeline):
            for name in _PLACEHOLDER.findall(text):
                if name not in seen:
                    seen.add(name)
                    said = f"Setting of pipeline {pipeline.name}, see its script"
                    yield name, {"Type": "String", "Description": iam.plain(said)}


def schedule_input(pipeline: Pipeline) -> str:
    """Return the input of the schedule's executions."""
    given = pipeline.schedule.parameters if pipeline.schedule else {}
    _check_known(given, pipeline, "The schedule")
    return json.dumps(given)


def surrounded(
    resources: Resources, pipeline: Pipeline, naming: Naming, tags: dict[str, Any]
) -> Resources:
    """Return a pipeline's resources with what stands around them."""
    name = naming.logical
    machine = resources[f"{name}StateMachine"]["Properties"]
    if pipeline.tracing:
        machine["TracingConfiguration"] = {"Enabled": True}
    if pipeline.kms_key is not None:
        resources[f"{name}Logs"]["Properties"]["KmsKeyId"] = sub(pipeline.kms_key)
    found = {
        **resources,
        **_triggers(pipeline, naming, tags),
        **_notification(pipeline, naming),
        **_alarms(pipeline, naming, tags),
    }
    return {logical: _limited(resource, pipeline) for logical, resource in found.items()}


def _limited(resource: dict[str, Any], pipeline: Surroundings) -> dict[str, Any]:
    """Return a role or a policy where its owners want it."""
    more: dict[str, Any] = {}
    if resource["Type"] in {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}:
        more = {} if pipeline.role_path == "/" else {"Path": pipeline.role_path}
    if resource["Type"] == "AWS::IAM::Role" and pipeline.permissions_boundary is not None:
        more["PermissionsBoundary"] = sub(pipeline.permissions_boundary)
    return {**resource, "Properties": {**resource["Properties"], **more}} if more else resource


def _triggers(pipeline: Pipeline, naming: Naming, tags: dict[str, Any]) -> Resources:
    name, machine = naming.logical, f"{naming.logical}StateMachine"
    resources: Resources = {}
    for number, trigger in enumerate(pipeline.triggers, 1):
        _check_known(trigger.parameters, pipeline, "A trigger")
        resources[f"{name}Trigger{number}"] = {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "Description": iam.plain(f"Starts pipeline {pipeline.name}"),
                "EventPattern": _pattern(trigger),
                "State": "ENABLED",
                "Targets": [
                    {
                        "Id": "Pipeline",
                        "Arn": ref(machine),
                        "RoleArn": attribute(f"{name}TriggerRole", "Arn"),
                        **_event_input(trigger),
                    }
                ],
            },
        }
    if resources:
        resources[f"{name}TriggerRole"] = iam.role(
            "events.amazonaws.com",
            iam.schedule_statements(machine),
            description=iam.plain(f"Triggers of pipeline {pipeline.name}"),
            tags=tags,
        )
    return resources


def _pattern(trigger: Trigger) -> dict[str, Any]:
    if trigger.pattern is not None:
        return trigger.pattern
    detail: dict[str, Any] = {"bucket": {"name": [sub(trigger.bucket or "")]}}
    if trigger.prefix:
        detail["object"] = {"key": [{"prefix": trigger.prefix}]}
    return {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}


def _event_input(trigger: Trigger) -> dict[str, Any]:
    if not trigger.parameters:
        return {"Input": "{}"}
    for name, path in trigger.parameters.items():
        if not re.fullmatch(r"\$(\.[A-Za-z0-9_-]+)+", path):
            raise SettingsError(
                f"A trigger takes {name!r} from {path!r}, which is no place in an event.",
                remedy="Write it like '$.detail.object.key'.",
            )
    body = ", ".join(f'"{name}": <{name}>' for name in trigger.parameters)
    transformer = {"InputPathsMap": trigger.parameters, "InputTemplate": f"{{{body}}}"}
    return {"InputTransformer": transformer}


def _notification(pipeline: Pipeline, naming: Naming) -> Resources:
    """Return the rule that tells a topic of executions that ended badly."""
    if pipeline.on_failure is None:
        return {}
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {
            "Description": iam.plain(f"Tells of failed executions of pipeline {pipeline.name}"),
            "EventPattern": {
                "source": ["aws.states"],
                "detail-type": ["Step Functions Execution Status Change"],
                "detail": {
                    "status": _ENDED_BADLY,
                    "stateMachineArn": [ref(f"{naming.logical}StateMachine")],
                },
            },
            "State": "ENABLED",
            "Targets": [{"Id": "Topic", "Arn": sub(pipeline.on_failure)}],
        },
    }
    return {f"{naming.logical}FailureRule": rule}


def _alarms(pipeline: Pipeline, naming: Naming, tags: dict[str, Any]) -> Resources:
    """Return the alarms that are on as long as executions fail."""
    if pipeline.alarm_topic is None:
        return {}
    return {
        f"{naming.logical}{how}Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "AlarmDescription": iam.plain(f"Executions of pipeline {pipeline.name}: {how}"),
                "Namespace": "AWS/States",
                "MetricName": f"Executions{how}",
                "Dimensions": [
                    {"Name": "StateMachineArn", "Value": ref(f"{naming.logical}StateMachine")}
                ],
                "Statistic": "Sum",
                "Period": 300,
                "EvaluationPeriods": 1,
                "Threshold": 0,
                "ComparisonOperator": "GreaterThanThreshold",
                "TreatMissingData": "notBreaching",
                "AlarmActions": [sub(pipeline.alarm_topic)],
                "OKActions": [sub(pipeline.alarm_topic)],
                **tags,
            },
        }
        for how in ("Failed", "TimedOut")
    }


def _check_known(given: Mapping[str, Any], pipeline: Pipeline, who: str) -> None:
    known = [parameter.name for parameter in pipeline.parameters]
    for name in given:
        if name not in known:
            raise SettingsError(
                f"{who} of pipeline {pipeline.name!r} sets {name!r}, which is no parameter.",
                remedy=f"Known are {', '.join(known) or 'none'}.",
            )


def _texts(pipeline: Pipeline) -> Iterable[str]:
    every = (
        pipeline.on_failure,
        pipeline.alarm_topic,
        pipeline.kms_key,
        pipeline.permissions_boundary,
        *pipeline.subnets,
        *pipeline.security_groups,
        *(trigger.bucket for trigger in pipeline.triggers),
    )
    return [text for text in every if text]
