"""What an account and its owners want around a pipeline: who starts it, who hears of it, limits.

Names and ARNs may hold placeholders: ``${AWS::AccountId}`` and its like are CloudFormation's, and
any other, such as ``${KmsKey}``, becomes a parameter of the stack, so that one template serves
several environments.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from jupyter_zflow.model.value import Json, Value

_PLACEHOLDER = r"\$\{[A-Za-z][A-Za-z0-9:]*\}"


def _arn(service: str) -> Any:
    return StringConstraints(pattern=rf"^({_PLACEHOLDER}|arn:[^:]+:{service}:[^ ]+)$")


LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653]


class Trigger(Value):
    """An event that starts an execution: a new object in S3, or any pattern of EventBridge."""

    bucket: str | None = None
    """S3 bucket whose new objects count; it must send its events to EventBridge."""
    prefix: str = ""
    """What the keys of these objects begin with."""
    pattern: dict[str, Any] | None = None
    """An event pattern of EventBridge, in place of a bucket."""
    parameters: dict[str, str] = {}
    """Parameter -> where in the event its value is: ``$.detail.object.key``."""

    @model_validator(mode="after")
    def _one(self) -> Trigger:
        if (self.bucket is None) == (self.pattern is None):
            message = "a trigger needs either a bucket or a pattern"
            raise ValueError(message)
        if self.prefix and self.bucket is None:
            message = "a prefix needs a bucket"
            raise ValueError(message)
        return self


class Surroundings(Value):
    """What stands around a pipeline."""

    timeout: int | None = Field(default=None, ge=1, le=31_536_000)
    """Seconds that an execution may take, all its stages together."""
    triggers: tuple[Trigger, ...] = ()
    """Events that start an execution."""
    on_failure: Annotated[str, _arn("sns")] | None = None
    """ARN of the SNS topic that hears of each execution that failed, timed out or was aborted."""
    alarm_topic: Annotated[str, _arn("sns")] | None = None
    """ARN of the SNS topic of an alarm, which is on as long as executions fail."""
    tracing: bool = False
    """Whether X-Ray traces executions."""
    log_days: LogDays = 30
    """How long the log of executions is kept."""
    kms_key: Annotated[str, _arn("kms")] | None = None
    """ARN of the key that encrypts disks, job outputs and logs."""
    subnets: tuple[str, ...] = Field(default=(), max_length=16)
    """Subnets of the VPC in which SageMaker jobs run; they must reach S3."""
    security_groups: tuple[str, ...] = Field(default=(), max_length=5)
    """Their security groups."""
    encrypt_traffic: bool = False
    """Whether the instances of one job encrypt what they send each other."""
    permissions_boundary: Annotated[str, _arn("iam")] | None = None
    """ARN of the policy that limits every role."""
    role_path: Annotated[str, StringConstraints(pattern=r"^/([!-~]+/)?$")] = "/"
    """Path of every role and policy: ``/team/``."""

    @model_validator(mode="after")
    def _both(self) -> Surroundings:
        if bool(self.subnets) != bool(self.security_groups):
            message = "subnets and security_groups need each other"
            raise ValueError(message)
        return self


class Schedule(Value):
    """When EventBridge Scheduler starts an execution."""

    expression: str
    """``rate(1 day)``, ``cron(0 6 * * ? *)`` or ``at(2026-12-01T06:00:00)``."""
    timezone: str = "UTC"
    parameters: dict[str, Json] = {}
    """Parameters of these executions that differ from their defaults."""
