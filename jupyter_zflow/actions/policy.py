"""What an administrator allows stages to run on, held against a notebook's pipeline.

It keeps mistakes out of a review; what a user may really start is decided by AWS and by Slurm.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from jupyter_zflow.actions.rules import BAD_IMAGE, BAD_INSTANCE, BAD_PARTITION, RULES
from jupyter_zflow.model.compute import SageMakerCompute, SlurmCompute
from jupyter_zflow.model.finding import Finding
from jupyter_zflow.model.value import Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage


class Policy(Value):
    """Patterns of what is allowed, with ``*`` for any text; an empty tuple allows everything."""

    instance_types: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    partitions: tuple[str, ...] = ()

    def allows(self, name: str, patterns: Sequence[str]) -> bool:
        """Return whether a name matches one of the patterns, or there are none."""
        return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def judge(policy: Policy, pipeline: Pipeline, analysis: Analysis) -> tuple[Finding, ...]:
    """Return a finding for everything that a pipeline asks for and that is not allowed."""
    first = {stage.name: min(stage.cells, default=None) for stage in analysis.stages}
    return tuple(
        finding.model_copy(update={"cell": first.get(stage.name)})
        for stage in pipeline.stages
        for finding in _stage(policy, stage)
    )


def _stage(policy: Policy, stage: Stage) -> Iterator[Finding]:
    compute = stage.compute
    asked: list[tuple[str, str, str | None, tuple[str, ...]]] = []
    if isinstance(compute, SageMakerCompute):
        asked.append((BAD_INSTANCE, "instance type", compute.instance_type, policy.instance_types))
        asked.append((BAD_IMAGE, "image", compute.image, policy.images))
    elif isinstance(compute, SlurmCompute):
        asked.append((BAD_PARTITION, "partition", compute.queue, policy.partitions))
    for code, word, name, allowed in asked:
        if name is not None and not policy.allows(name, allowed):
            yield Finding(
                code=code,
                severity=RULES[code].severity,
                message=f"Stage {stage.name!r}: {word} {name!r} is not allowed on this hub.",
                remedy=f"Allowed: {', '.join(allowed)}.",
            )
