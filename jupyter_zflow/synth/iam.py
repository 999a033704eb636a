"""Roles: what each stage, the state machine and the schedule may do, and nothing more.

Jobs have names that begin with the pipeline's, so the state machine may start, describe and stop
only its own. A stage reads its pipeline's prefix of the bucket and writes its own part of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyter_zflow.model.compute import SageMakerCompute
from jupyter_zflow.model.stage import TransformData
from jupyter_zflow.synth.expressions import literal
from jupyter_zflow.synth.images import ACCOUNT
from jupyter_zflow.synth.intrinsics import arn, attribute, ref, s3_arn, sub
from jupyter_zflow.synth.jobs.databricks import API, CONNECTION, HOST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.naming import Naming

Statement = dict[str, Any]


class Job(NamedTuple):
    """What SageMaker calls a kind of job in the three places where permissions name it."""

    action: str
    resource: str
    rule: str
    logs: str


JOBS = {
    "processing": Job(
        "ProcessingJob",
        "processing-job",
        "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
        "ProcessingJobs",
    ),
    "training": Job(
        "TrainingJob",
        "training-job",
        "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
        "TrainingJobs",
    ),
    "transform": Job(
        "TransformJob",
        "transform-job",
        "StepFunctionsGetEventsForSageMakerTransformJobsRule",
        "TransformJobs",
    ),
}

_ROLES = 40
"""So many ARNs fit into a policy: IAM accepts 6,144 characters in one, 10,240 in a role."""

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
_TRACING = (
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
)
_OUR_REPOSITORY = arn("ecr", "repository/sagemaker-distribution-prod", account=f"${{{ACCOUNT}}}")
_ECR_IMAGE = re.compile(
    r"(\d{12}|\$\{AWS::AccountId\})\.dkr\.ecr\.([a-z0-9-]+|\$\{AWS::Region\})\."
    r"(?:amazonaws\.com(?:\.cn)?|\$\{AWS::URLSuffix\})/([^:@]+)"
)


def role(
    service: str,
    statements: Sequence[Statement],
    *,
    description: str,
    tags: dict[str, Any],
    policies: Sequence[str] = (),
) -> dict[str, Any]:
    """Return a role that the service assumes on behalf of the stack's account only.

    Parameters
    ----------
    policies
        Logical ids of policies that the role has besides its own statements.
    """
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "Description": description,
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": service},
                        "Action": "sts:AssumeRole",
                        "Condition": {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}},
                    }
                ],
            },
            **({"ManagedPolicyArns": [ref(name) for name in policies]} if policies else {}),
            "Policies": [
                {
                    "PolicyName": "Permissions",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
                }
            ],
            **tags,
        },
    }


def policy(statements: Sequence[Statement], *, description: str) -> dict[str, Any]:
    """Return a policy that several roles share."""
    return {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "Description": description,
            "PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)},
        },
    }


def has_role(stage: Stage) -> bool:
    """Return whether the stage runs under a role of its own."""
    return isinstance(stage.compute, SageMakerCompute) and stage.kind in JOBS


def shared_statements(pipeline: Pipeline, naming: Naming) -> list[Statement]:
    """Return what every stage may do: read the code and what other stages left."""
    ours = any(has_role(stage) and _image(stage) is None for stage in pipeline.stages)
    prefix = naming.prefix
    places = [f"{prefix}/bundles/*", f"{prefix}/executions/*"]
    return [
        allow(["s3:GetObject"], [s3_arn(f"${{Bucket}}/{place}") for place in places]),
        allow(
            ["s3:ListBucket"],
            s3_arn("${Bucket}"),
            condition={"StringLike": {"s3:prefix": places}},
        ),
        allow(
            ["cloudwatch:PutMetricData"],
            "*",
            condition={"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
        ),
        *(_pulling(_OUR_REPOSITORY) if ours else []),
        *(_network(pipeline) if pipeline.subnets else []),
        *encryption(pipeline, grants=True),
    ]


def _network(pipeline: Pipeline) -> list[Statement]:
    """Return what SageMaker does in a VPC on behalf of a job (SageMaker's guide, roles)."""
    interfaces = arn("ec2", "network-interface/*")
    subnets = [arn("ec2", f"subnet/{subnet}") for subnet in pipeline.subnets]
    groups = [arn("ec2", f"security-group/{group}") for group in pipeline.security_groups]
    described = ("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs")
    return [
        allow(["ec2:CreateNetworkInterface"], [interfaces, *subnets, *groups]),
        allow(["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface"], interfaces),
        # IAM knows no narrower resource for these.
        allow(
            [
                "ec2:DeleteNetworkInterfacePermission",
                *(f"ec2:Describe{what}" for what in described),
            ],
            "*",
        ),
    ]


def encryption(pipeline: Pipeline, *, grants: bool = False) -> list[Statement]:
    """Return what reading and writing with the pipeline's key takes.

    Parameters
    ----------
    grants
        Whether disks are encrypted with it, too.
    """
    if pipeline.kms_key is None:
        return []
    actions = ["kms:Decrypt", "kms:GenerateDataKey"]
    if grants:
        actions = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
    return [allow(actions, sub(pipeline.kms_key))]


def stage_statements(stage: Stage, naming: Naming) -> list[Statement]:
    """Return what the stage's container may do besides what all may."""
    own = f"${{Bucket}}/{naming.prefix}/executions/*/{naming.state(stage)}/*"
    data = stage.transform or TransformData()
    logs = f"log-group:/aws/sagemaker/{JOBS[stage.kind].logs}"
    return [
        *([allow(["s3:GetObject"], _below(data.input))] if _is_elsewhere(data.input) else []),
        allow(
            ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"],
            [s3_arn(own), *_below(data.output)],
        ),
        allow(
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            [arn("logs", logs), arn("logs", f"{logs}:log-stream:*")],
        ),
        *_pulling(_repository(_image(stage))),
    ]


def machine_statements(
    pipeline: Pipeline, naming: Naming, *, results: Sequence[str] = ()
) -> list[Statement]:
    """Return what the pipeline's state machine may do.

    Parameters
    ----------
    results
        States whose results it reads to decide.
    """
    executions = f"${{Bucket}}/{naming.prefix}/executions/*"
    loops = [naming.state(stage) for stage in pipeline.stages if stage.for_each is not None]
    written = ["execution.json", *(f"{state}/items.json" for state in loops)]
    statements = [
        allow(["s3:PutObject"], [s3_arn(f"{executions}/{path}") for path in written]),
        *_reading(results, executions),
        allow(list(_LOG_DELIVERY), "*"),
        *([allow(list(_TRACING), "*")] if pipeline.tracing else []),
        *encryption(pipeline),
    ]
    stages = [stage for stage in pipeline.stages if has_role(stage)]
    for kind, job in JOBS.items():
        if any(stage.kind == kind for stage in stages):
            statements += _job_statements(job, naming)
    if any(stage.kind == "transform" for stage in stages):
        models = arn("sagemaker", f"model/{naming.job_prefix}-*")
        statements.append(allow(["sagemaker:AddTags", "sagemaker:CreateModel"], models))
    if any(stage.compute.backend == "databricks" for stage in pipeline.stages):
        statements += _http_statements()
    return statements


def passing_statements(pipeline: Pipeline, naming: Naming) -> list[Statement]:
    """Return which roles the state machine may hand to jobs, a statement for some stages each."""
    roles = [naming.role(stage) for stage in pipeline.stages if has_role(stage)]
    return [
        allow(
            ["iam:PassRole"],
            [attribute(role, "Arn") for role in roles[start : start + _ROLES]],
            condition={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        )
        for start in range(0, len(roles), _ROLES)
    ]


def schedule_statements(machine: str) -> list[Statement]:
    """Return what the schedule may do."""
    return [allow(["states:StartExecution"], ref(machine))]


def allow(
    actions: list[str], resources: Any, *, condition: dict[str, Any] | None = None
) -> Statement:
    """Return a statement."""
    several = isinstance(resources, list) and len(resources) == 1
    return {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else actions,
        "Resource": resources[0] if several else resources,
        **({"Condition": condition} if condition else {}),
    }


def _reading(results: Sequence[str], executions: str) -> list[Statement]:
    if not results:
        return []
    return [allow(["s3:GetObject"], [s3_arn(f"{executions}/{s}/result.json") for s in results])]


def _job_statements(job: Job, naming: Naming) -> list[Statement]:
    jobs = arn("sagemaker", f"{job.resource}/{naming.job_prefix}-*")
    actions = [f"sagemaker:{verb}{job.action}" for verb in ("Create", "Describe", "Stop")]
    # Step Functions itself tags the jobs that it waits for.
    return [
        allow(["sagemaker:AddTags", *actions, "sagemaker:ListTags"], jobs),
        allow(
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            arn("events", f"rule/{job.rule}"),
        ),
    ]


def _http_statements() -> list[Statement]:
    return [
        allow(
            ["states:InvokeHTTPEndpoint"],
            # IAM knows no narrower resource for this action; the conditions are what is narrow.
            "*",
            condition={
                "StringEquals": {"states:HTTPMethod": ["GET", "POST"]},
                "StringLike": {"states:HTTPEndpoint": {"Fn::Sub": f"${{{HOST}}}{API}/*"}},
            },
        ),
        allow(["events:RetrieveConnectionCredentials"], ref(CONNECTION)),
        allow(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], _secret()),
    ]


def _secret() -> Any:
    """Return the ARN of the secret that EventBridge keeps for the connection."""
    text = (
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:"
        "secret:events!connection/${Connection}/*"
    )
    name = {"Fn::Select": [1, {"Fn::Split": ["/", ref(CONNECTION)]}]}
    return {"Fn::Sub": [text, {"Connection": name}]}


def _image(stage: Stage) -> str | None:
    return stage.compute.image if isinstance(stage.compute, SageMakerCompute) else None


def _repository(image: str | None) -> Any:
    """Return the ARN of the image's repository in ECR; other registries have none."""
    found = _ECR_IMAGE.match(image or "")
    if not found:
        return None
    owner, region, name = found.groups()
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:ecr:{region}:{owner}:repository/{name}"}


def _pulling(repository: Any) -> list[Statement]:
    """Return what pulling an image from ECR takes."""
    actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
    ]
    if repository is None:
        return []
    return [allow(["ecr:GetAuthorizationToken"], "*"), allow(actions, repository)]


def _is_elsewhere(place: str | None) -> bool:
    """Return whether a transform's records do not come from a stage."""
    return place is not None and place.startswith("s3://")


def _below(uri: str | None) -> list[Any]:
    return [s3_arn(f"{uri.removeprefix('s3://').rstrip('/')}/*")] if uri else []


def plain(text: str) -> str:
    """Return the text in the characters that descriptions may have everywhere, XML included."""
    return "".join(c if " " <= c <= "~" and c not in "&<>" else "?" for c in str(literal(text)))
