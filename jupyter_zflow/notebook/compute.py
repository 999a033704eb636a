"""What kind of job a stage is and what it runs on, when its author says only a part of it.

Without a word a stage is a Processing job on a small CPU instance: nobody pays for a GPU by
accident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import (
    DatabricksCompute,
    SageMakerCompute,
    SlurmCompute,
)
from jupyter_zflow.registry import check_instance_type, instance

if TYPE_CHECKING:
    from jupyter_zflow.model.compute import Compute
    from jupyter_zflow.model.stage import StageKind, StageSettings


def resolve(stage: str, settings: StageSettings) -> tuple[StageKind, Compute]:
    """Return kind and compute of a stage.

    Raises
    ------
    SettingsError
        When kind and compute contradict each other, or the instance type cannot be had.
    """
    compute = settings.compute
    kind = settings.kind or _kind_for(compute)
    if compute is None:
        return kind, _default_compute(stage, kind)
    if isinstance(compute, SageMakerCompute):
        if kind not in ("processing", "training", "transform"):
            raise _contradiction(stage, kind, f"the instance type {compute.instance_type}")
        check_instance_type(compute.instance_type, kind=kind, stage=stage)
        if kind != "training":
            _check_training_only(stage, kind, compute)
    elif isinstance(compute, SlurmCompute) and kind != "slurm":
        raise _contradiction(stage, kind, f"the queue {compute.queue!r}")
    elif isinstance(compute, DatabricksCompute):
        if kind != "databricks":
            raise _contradiction(stage, kind, "a Databricks cluster")
        if compute.job_id is not None:
            raise SettingsError(
                f"Stage {stage!r}: job_id starts an existing job, which would not run its cells.",
                remedy="Give it a cluster, or add the job to pipeline.py after the export.",
            )
    return kind, compute


def _kind_for(compute: Compute | None) -> StageKind:
    if isinstance(compute, SlurmCompute):
        return "slurm"
    if isinstance(compute, DatabricksCompute):
        return "databricks"
    if isinstance(compute, SageMakerCompute) and _only_training(compute):
        return "training"
    return "processing"


def _only_training(compute: SageMakerCompute) -> bool:
    """Say whether only a Training job can have this compute."""
    if compute.spot or compute.keep_alive is not None or compute.max_wait is not None:
        return True
    try:
        kinds = instance(compute.instance_type).kinds
    except SettingsError:
        return False  # reported for the kind that results
    return "processing" not in kinds and "training" in kinds


def _default_compute(stage: str, kind: StageKind) -> Compute:
    if kind == "databricks":
        return DatabricksCompute()
    if kind == "slurm":
        raise SettingsError(
            f"Stage {stage!r} has kind 'slurm' and no queue.",
            remedy='Give it one: --queue NAME, or {"compute": {"queue": "NAME"}}.',
        )
    return SageMakerCompute()


def _check_training_only(stage: str, kind: StageKind, compute: SageMakerCompute) -> None:
    for name, given in (
        ("spot", compute.spot),
        ("max_wait", compute.max_wait is not None),
        ("keep_alive", compute.keep_alive is not None),
        ("input_mode", compute.input_mode != "File"),
    ):
        if given:
            raise SettingsError(
                f"Stage {stage!r}: {name} exists for training jobs only, not for {kind} jobs.",
                remedy="Remove it, or set kind to training.",
            )


def _contradiction(stage: str, kind: StageKind, what: str) -> SettingsError:
    return SettingsError(
        f"Stage {stage!r} has kind {kind!r} and {what}, which do not go together.",
        remedy="Remove one of the two.",
    )
