"""What the jobs of all kinds share: names, places, the command line, the environment.

A job is told where its bundle is, which stage it runs, where the execution keeps its files, and
the attempt; everything else it reads from there, because SageMaker allows 256 characters for
an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.synth.expressions import expression, literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.naming import Naming

State = dict[str, Any]
States = list[tuple[str, State]]

ONE_DAY = 86_400
"""Seconds that a job may run unless its author says otherwise."""

EXECUTION = "$states.context.Execution.Name"
# A redriven execution keeps its id and counts retries from 0 again, so its count is hashed too.
_DIGEST = (
    "$substring($hash($states.context.Execution.Id & $states.context.Execution.RedriveCount, "
    "'SHA-256'), 0, 8)"
)

ITEM = "$states.context.Map.Item.Index"

_Compute = TypeVar("_Compute")


@dataclass(frozen=True)
class Context:
    """What a stage must know about the pipeline around it."""

    pipeline: Pipeline
    naming: Naming
    upstream: Mapping[str, tuple[str, ...]]
    """For each stage all stages before it, the nearest last."""
    poll_seconds: int = 60
    """Pause between two looks at a Databricks run."""
    item: bool = False
    """Whether the stage is inside a loop, where each run has the number of its item."""

    @property
    def bundle(self) -> str:
        """The S3 prefix of the code."""
        return f"s3://${{Bucket}}/{self.naming.prefix}/bundles/${{BundleVersion}}/"

    @property
    def execution(self) -> str:
        """The JSONata of the S3 prefix where the execution keeps its files, without ``/``."""
        return f"'s3://${{Bucket}}/{self.naming.prefix}/executions/' & {EXECUTION}"

    def below_execution(self, path: str) -> str:
        """Return the field for a place below the execution's prefix."""
        return expression(f"{self.execution} & '/{path}'")

    def below_stage(self, stage: Stage, path: str) -> str:
        """Return the field for a place among what the stage, or one run of its loop, leaves."""
        state = self.naming.state(stage)
        if not self.item:
            return self.below_execution(f"{state}/{path}")
        return expression(f"{self.execution} & '/{state}/items/' & {ITEM} & '/{path}'")

    def job_name(self, stage: Stage) -> str:
        """Return the field for a name that no two attempts share."""
        start = f"'{self.naming.job(stage)}-'"
        item = f"'-' & {ITEM} & " if self.item else ""
        return expression(f"{start} & {_DIGEST} & {item}'-' & $states.context.State.RetryCount")

    def arguments(self, stage: Stage, *, bundle: str, attempt: str = "") -> list[str]:
        """Return the command line of ``run_stage.py``."""
        count = attempt or "$states.context.State.RetryCount"
        return [
            "--bundle",
            bundle,
            "--stage",
            self.naming.state(stage),
            "--execution",
            expression(self.execution),
            "--attempt",
            expression(f"$string({count})"),
            *(["--item", expression(f"$string({ITEM})")] if self.item else []),
        ]

    @property
    def network(self) -> dict[str, Any]:
        """The ``VpcConfig`` field, when jobs run in a VPC."""
        if not self.pipeline.subnets:
            return {}
        groups, subnets = list(self.pipeline.security_groups), list(self.pipeline.subnets)
        return {"VpcConfig": {"SecurityGroupIds": groups, "Subnets": subnets}}

    def encrypted(self, field: str) -> dict[str, Any]:
        """Return the field that names the key, when there is one."""
        key = self.pipeline.kms_key
        return {} if key is None else {field: key}

    @property
    def tags(self) -> dict[str, Any]:
        """The ``Tags`` field of jobs, when the pipeline has tags."""
        tags = [{"Key": k, "Value": v} for k, v in literal(self.pipeline.tags).items()]
        return {"Tags": tags} if tags else {}


def compute_of(stage: Stage, expected: type[_Compute]) -> _Compute:
    """Return the stage's compute, or raise when the stage's kind cannot use it."""
    if not isinstance(stage.compute, expected):
        raise SettingsError(
            f"Stage {stage.name!r} is of kind {stage.kind!r}, but its compute is for "
            f"{stage.compute.backend!r}.",
            remedy="Change the kind or the compute, so that they fit.",
        )
    return stage.compute


def environment(stage: Stage, *, limit: int) -> dict[str, str]:
    """Return the stage's environment variables after a look at their lengths.

    Parameters
    ----------
    limit
        Longest value that the service accepts, in characters.
    """
    for name, value in stage.environment.items():
        if len(value) > limit:
            raise SettingsError(
                f"Stage {stage.name!r}: the environment variable {name!r} has {len(value)} "
                f"characters; {stage.kind} jobs accept {limit}.",
                remedy="Hand on long values as a parameter or as a file.",
            )
        if not name.isidentifier() or not name.isascii():
            raise SettingsError(
                f"Stage {stage.name!r}: {name!r} is no name of an environment variable.",
                remedy="Use letters, digits and '_', and begin with a letter or '_'.",
            )
    return {name: str(literal(value)) for name, value in stage.environment.items()}


def described(stage: Stage) -> dict[str, str]:
    """Return the ``Comment`` field when the author said something."""
    return {"Comment": str(literal(stage.description))} if stage.description else {}


def limited(stage: Stage) -> dict[str, int]:
    """Return the ``TimeoutSeconds`` field when the author set a limit."""
    return {} if stage.timeout is None else {"TimeoutSeconds": stage.timeout}


def refuse(stage: Stage, value: object, *fields: str) -> None:
    """Raise when one of the fields was set, because jobs of the stage's kind do not know it."""
    given = sorted(set(fields) & getattr(value, "model_fields_set", set()))
    for field in given:
        if getattr(value, field) not in (None, False):
            raise SettingsError(
                f"Stage {stage.name!r}: {stage.kind} jobs have no {field!r}.",
                remedy="Remove the setting, or choose another kind.",
            )
