"""What a stage asks for; where it is granted is the backend's business.

In notebook metadata and magics a compute may be written short: ``"ml.m5.large"`` is a SageMaker
instance, ``"local"`` the machine itself; a mapping with ``queue`` asks the HPC cluster, one with
``cluster`` or ``existing_cluster_id`` asks Databricks.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from jupyter_zflow.model.value import Value


class SageMakerCompute(Value):
    """SageMaker instances for Processing, Training or Transform."""

    backend: Literal["sagemaker"] = "sagemaker"
    instance_type: str = "ml.m5.large"
    instance_count: int = Field(default=1, ge=1)
    volume_size_gb: int = Field(default=30, ge=1)
    image: str | None = None
    """Container image URI; the default is SageMaker Distribution, CPU or GPU."""
    spot: bool = False
    max_wait: int | None = Field(default=None, ge=1)
    """Seconds that a spot job may wait and run; Training only."""
    keep_alive: int | None = Field(default=None, ge=0)
    """Seconds that a warm pool is kept; Training only."""
    input_mode: Literal["File", "FastFile"] = "File"
    """Whether the bundle is copied before the job begins, or read as needed; Training only."""


class SlurmCompute(Value):
    """A share of the HPC cluster, as Slurm counts it."""

    backend: Literal["slurm"] = "slurm"
    queue: str
    gpus: int = Field(default=0, ge=0)
    cpus: int = Field(default=1, ge=1)
    memory: str | None = None
    """As sbatch takes it: ``"32G"``."""
    time: str | None = None
    """``"2h"``, ``"90m"`` or Slurm's own ``"1-12:00:00"``."""
    constraint: str | None = None
    account: str | None = None
    qos: str | None = None
    array: str | None = None


class DatabricksCompute(Value):
    """A Databricks cluster, new or existing."""

    backend: Literal["databricks"] = "databricks"
    existing_cluster_id: str | None = None
    cluster: dict[str, Any] | None = None
    """``new_cluster`` of the Jobs API 2.2, as Databricks documents it."""
    job_id: int | None = None
    """An existing job, started with run-now."""


class LocalCompute(Value):
    """The machine that runs the pipeline; such a stage cannot be deployed."""

    backend: Literal["local"] = "local"


def _spelled_out(value: object) -> object:
    if isinstance(value, str):
        return {"backend": "local"} if value == "local" else {"instance_type": value}
    return value


def _backend(value: Any) -> str:
    if isinstance(value, Value):
        return str(value.backend)  # type: ignore[attr-defined]
    if not isinstance(value, dict):
        return "sagemaker"
    if "backend" in value:
        return str(value["backend"])
    if "queue" in value:
        return "slurm"
    if value.keys() & {"cluster", "existing_cluster_id", "job_id"}:
        return "databricks"
    return "sagemaker"


Compute = Annotated[
    Annotated[SageMakerCompute, Tag("sagemaker")]
    | Annotated[SlurmCompute, Tag("slurm")]
    | Annotated[DatabricksCompute, Tag("databricks")]
    | Annotated[LocalCompute, Tag("local")],
    Discriminator(_backend),
    BeforeValidator(_spelled_out),
]
