"""From pipelines to a CloudFormation template, as plain values and as text.

The template is worked out here and only handed through CDK (:mod:`jupyter_zflow.synth.app`),
so that a panel can show it at once and CDK still sees every resource. State machines are literal
text in it: reviewers can read that, and what passes through CDK as an object loses its ``null``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.model.compute import LocalCompute, SlurmCompute
from jupyter_zflow.synth import around, iam, yaml_text
from jupyter_zflow.synth.asl import definition_sha256, definition_text, guards_of
from jupyter_zflow.synth.images import ACCOUNT, ACCOUNTS, MAPPING
from jupyter_zflow.synth.intrinsics import attribute, ref, sub
from jupyter_zflow.synth.jobs.databricks import CONNECTION, HOST, INSTANCE_PROFILE
from jupyter_zflow.synth.naming import Naming

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.pipeline import Pipeline

Template = dict[str, Any]


def build_template(
    pipelines: Sequence[Pipeline], *, description: str = "", bundle_version: str = "latest"
) -> Template:
    """Return the template of a stack.

    Raises
    ------
    SettingsError
        A setting has a wrong value.
    DefinitionError
        A pipeline cannot be built, or a stage cannot be deployed.
    """
    _refuse_local(pipelines)
    resources: dict[str, Any] = {}
    outputs: dict[str, Any] = {}
    for pipeline in pipelines:
        naming = Naming(pipeline)
        if f"{naming.logical}StateMachine" in resources:
            raise DefinitionError(
                f"Two pipelines of the stack would have the same names as {pipeline.name!r}.",
                remedy="Rename one of them.",
            )
        resources |= _resources(pipeline, naming)
        outputs |= _outputs(pipeline, naming)
    used = json.dumps(resources)
    mappings = {MAPPING: {region: {"Account": number} for region, number in ACCOUNTS.items()}}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": description or f"Pipelines: {', '.join(p.name for p in pipelines)}",
        "Parameters": _parameters(used, bundle_version, pipelines),
        **({"Mappings": mappings} if ACCOUNT in used else {}),
        "Resources": resources,
        "Outputs": outputs,
    }


def render_template(template: Template) -> str:
    """Return the template as YAML."""
    return yaml_text.render(template)


def _refuse_local(pipelines: Sequence[Pipeline]) -> None:
    for pipeline in pipelines:
        for stage in pipeline.stages:
            if isinstance(stage.compute, LocalCompute):
                raise DefinitionError(
                    f"Stage {stage.name!r} of pipeline {pipeline.name!r} has local compute, which "
                    "cannot be deployed.",
                    remedy="Choose an instance type, a queue or a cluster for it.",
                )


def _parameters(used: str, bundle_version: str, pipelines: Sequence[Pipeline]) -> dict[str, Any]:
    every = {
        "Bucket": {
            "Type": "String",
            "Description": "S3 bucket for bundles, executions and artifacts",
            "AllowedPattern": "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        },
        "BundleVersion": {
            "Type": "String",
            "Description": "Which upload of the stages' code to run",
            "Default": bundle_version,
        },
        "ScheduleState": {
            "Type": "String",
            "Description": "Whether schedules start executions",
            "AllowedValues": ["ENABLED", "DISABLED"],
            "Default": "ENABLED",
        },
        HOST: {
            "Type": "String",
            "Description": "Address of the Databricks workspace, https://...",
            "AllowedPattern": "https://[^/]+",
        },
        CONNECTION: {
            "Type": "String",
            "Description": "ARN of the EventBridge connection that authorises calls to Databricks",
            "AllowedPattern": "arn:[a-z-]+:events:[a-z0-9-]+:[0-9]{12}:connection/.+",
        },
        INSTANCE_PROFILE: {
            "Type": "String",
            "Description": "ARN of the instance profile with which new clusters read the bucket",
        },
    }
    always = ("Bucket", "BundleVersion")
    ours = {name: value for name, value in every.items() if name in always or name in used}
    return {
        **ours,
        **{name: value for name, value in around.parameters(pipelines) if name not in every},
    }


def _resources(pipeline: Pipeline, naming: Naming) -> dict[str, Any]:
    name, tags = naming.logical, _tags(pipeline)
    text = definition_text(pipeline)
    statements = iam.machine_statements(pipeline, naming, results=guards_of(pipeline).results)
    # One statement is the role's own; more would outgrow it and become policies beside it.
    passing = iam.passing_statements(pipeline, naming)
    further = {f"{name}PassRole{i}Policy": more for i, more in enumerate(passing[1:], 2)}
    resources: dict[str, Any] = {
        f"{name}StateMachine": {
            "Type": "AWS::StepFunctions::StateMachine",
            "Metadata": {"DefinitionSha256": definition_sha256(text)},
            "Properties": {
                "StateMachineType": "STANDARD",
                "DefinitionString": sub(text),
                "RoleArn": attribute(f"{name}StateMachineRole", "Arn"),
                "LoggingConfiguration": {
                    "Level": "ALL",
                    "IncludeExecutionData": False,
                    "Destinations": [
                        {"CloudWatchLogsLogGroup": {"LogGroupArn": attribute(f"{name}Logs", "Arn")}}
                    ],
                },
                **tags,
            },
        },
        f"{name}StateMachineRole": iam.role(
            "states.amazonaws.com",
            [*statements, *passing[:1]],
            description=f"State machine of pipeline {iam.plain(pipeline.name)}",
            tags=tags,
            policies=list(further),
        ),
    }
    for logical, statement in further.items():
        resources[logical] = iam.policy(
            [statement], description=f"More roles of pipeline {iam.plain(pipeline.name)}"
        )
    if any(map(iam.has_role, pipeline.stages)):
        resources[naming.policy] = iam.policy(
            iam.shared_statements(pipeline, naming),
            description=f"What all stages of pipeline {iam.plain(pipeline.name)} may do",
        )
    for stage in pipeline.stages:
        if iam.has_role(stage):
            resources[naming.role(stage)] = iam.role(
                "sagemaker.amazonaws.com",
                iam.stage_statements(stage, naming),
                description=f"Stage {iam.plain(stage.name)} of pipeline {iam.plain(pipeline.name)}",
                tags=tags,
                policies=[naming.policy],
            )
    for logical, queue in _activities(pipeline, naming).items():
        resources[logical] = {
            "Type": "AWS::StepFunctions::Activity",
            "Properties": {"Name": sub(f"${{AWS::StackName}}-{naming.prefix}-{queue}"), **tags},
        }
    resources[f"{name}Logs"] = {
        "Type": "AWS::Logs::LogGroup",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
        "Properties": {
            # Names that begin so do not use up the account's one policy for log delivery.
            "LogGroupName": sub(f"/aws/vendedlogs/states/${{AWS::StackName}}-{naming.prefix}"),
            "RetentionInDays": pipeline.log_days,
            **tags,
        },
    }
    resources |= _schedule(pipeline, naming, tags)
    return around.surrounded(resources, pipeline, naming, tags)


def _schedule(pipeline: Pipeline, naming: Naming, tags: dict[str, Any]) -> dict[str, Any]:
    schedule, name = pipeline.schedule, naming.logical
    if schedule is None:
        return {}
    return {
        f"{name}Schedule": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Description": f"Starts pipeline {iam.plain(pipeline.name)}",
                "ScheduleExpression": schedule.expression,
                "ScheduleExpressionTimezone": schedule.timezone,
                "FlexibleTimeWindow": {"Mode": "OFF"},
                "State": ref("ScheduleState"),
                "Target": {
                    "Arn": ref(f"{name}StateMachine"),
                    "RoleArn": attribute(f"{name}ScheduleRole", "Arn"),
                    "Input": around.schedule_input(pipeline),
                },
            },
        },
        f"{name}ScheduleRole": iam.role(
            "scheduler.amazonaws.com",
            iam.schedule_statements(f"{name}StateMachine"),
            description=f"Schedule of pipeline {iam.plain(pipeline.name)}",
            tags=tags,
        ),
    }


def _outputs(pipeline: Pipeline, naming: Naming) -> dict[str, Any]:
    outputs = {
        f"{naming.logical}StateMachineArn": {
            "Description": f"State machine of pipeline {iam.plain(pipeline.name)}",
            "Value": ref(f"{naming.logical}StateMachine"),
        },
        f"{naming.logical}Bundle": {
            "Description": f"Where the code of pipeline {iam.plain(pipeline.name)} is expected",
            "Value": sub(f"s3://${{Bucket}}/{naming.prefix}/bundles/${{BundleVersion}}/"),
        },
    }
    for logical, queue in _activities(pipeline, naming).items():
        outputs[f"{logical}Arn"] = {
            "Description": f"Activity for the workers of queue {iam.plain(queue)}",
            "Value": ref(logical),
        }
    return outputs


def _activities(pipeline: Pipeline, naming: Naming) -> dict[str, str]:
    queues = [s.compute.queue for s in pipeline.stages if isinstance(s.compute, SlurmCompute)]
    return {naming.activity(queue): queue for queue in queues}


def _tags(pipeline: Pipeline) -> dict[str, Any]:
    # CDK sorts tags like words.
    by_word = sorted(pipeline.tags.items(), key=lambda tag: (tag[0].lower(), tag[0]))
    tags = [{"Key": key, "Value": value} for key, value in by_word]
    return {"Tags": tags} if tags else {}
