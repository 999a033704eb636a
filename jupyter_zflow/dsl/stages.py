"""The stages that a script may define: one function for each kind of job.

Every stage runs ``stages/<name>.ipynb`` unless ``notebook`` names another path in the folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.dsl.values import build, check_name
from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import (
    DatabricksCompute,
    LocalCompute,
    SageMakerCompute,
    SlurmCompute,
)
from jupyter_zflow.model.names import state_name
from jupyter_zflow.model.stage import Retry, Stage, TransformData
from jupyter_zflow.registry import JobKind, check_instance_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_zflow.dsl.instance_types import (
        ProcessingInstanceType,
        TrainingInstanceType,
        TransformInstanceType,
    )
    from jupyter_zflow.model.stage import StageKind
    from jupyter_zflow.model.value import Json, Value


def processing_job(
    name: str,
    *,
    instance_type: ProcessingInstanceType = "ml.m5.large",
    instance_count: int = 1,
    volume_size_gb: int = 30,
    image: str | None = None,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    outputs: Sequence[str] = (),
    metrics: Sequence[str] = (),
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    when: str | None = None,
    for_each: str | None = None,
    max_concurrency: int | None = None,
    tolerated_failures: int = 0,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs as a SageMaker Processing job.

    Parameters
    ----------
    volume_size_gb
        Disk of each instance.
    image
        Container image URI; the default is SageMaker Distribution, CPU or GPU.
    environment
        Environment variables; values of up to 256 characters.
    parameters
        Values of parameters for this stage alone, whatever the execution's input says.
    outputs
        Variables that conditions and loops of later stages may use.
    metrics
        Metrics that conditions of later stages may use.
    retry
        When a failed run is tried again: one rule, or several for different errors.
    timeout
        Seconds that one run may take, the start of the instance included.
    when
        A condition such as ``"auc > 0.8"``; the stage runs only when it holds.
    for_each
        ``"region in regions"``: the stage runs once for each item of a parameter or a list, with
        the item as the parameter ``region``.
    max_concurrency
        How many items run at the same time; 40 at most.
    tolerated_failures
        How many items may fail.
    may_fail
        Whether the pipeline goes on, without the stage and what needs it, when it fails.

    Raises
    ------
    SettingsError
        A value that is not allowed; the message says which are.
    """
    compute = _sagemaker(
        name,
        "processing",
        instance_type=instance_type,
        instance_count=instance_count,
        volume_size_gb=volume_size_gb,
        image=image,
    )
    return _stage(name, "processing", compute, notebook, locals())


def training_job(
    name: str,
    *,
    instance_type: TrainingInstanceType = "ml.m5.large",
    instance_count: int = 1,
    volume_size_gb: int = 30,
    image: str | None = None,
    spot: bool = False,
    max_wait: int | None = None,
    keep_alive: int | None = None,
    input_mode: Literal["File", "FastFile"] = "File",
    metric_definitions: Mapping[str, str] | None = None,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    outputs: Sequence[str] = (),
    metrics: Sequence[str] = (),
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    when: str | None = None,
    for_each: str | None = None,
    max_concurrency: int | None = None,
    tolerated_failures: int = 0,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs as a SageMaker Training job; see :func:`processing_job`.

    Parameters
    ----------
    spot
        Use spare instances, which are cheaper and may be taken away.
    max_wait
        Seconds that a spot job may wait and run, at least as long as it may run.
    keep_alive
        Seconds that the instance stays for the next job; not together with spot.
    input_mode
        Whether the bundle is copied before the job begins, or read as needed.
    metric_definitions
        Metric -> regular expression with one group, its value in what the stage prints. What
        ``log_metric`` prints is found without one, for the names in ``metrics``.
    """
    compute = _sagemaker(
        name,
        "training",
        instance_type=instance_type,
        instance_count=instance_count,
        volume_size_gb=volume_size_gb,
        image=image,
        spot=spot,
        max_wait=max_wait,
        keep_alive=keep_alive,
        input_mode=input_mode,
    )
    return _stage(name, "training", compute, notebook, locals())


def batch_transform_job(
    name: str,
    *,
    instance_type: TransformInstanceType = "ml.m5.large",
    instance_count: int = 1,
    image: str | None = None,
    data: TransformData | None = None,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    when: str | None = None,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs as a SageMaker batch transform; see :func:`processing_job`.

    The stage defines ``predict``, which gets the records; see the settings of a batch transform.

    Parameters
    ----------
    data
        Where the records are and how they are split.
    """
    compute = _sagemaker(
        name,
        "transform",
        instance_type=instance_type,
        instance_count=instance_count,
        image=image,
    )
    return _stage(name, "transform", compute, notebook, {**locals(), "transform": data})


def databricks_job(
    name: str,
    *,
    cluster: Mapping[str, Any] | None = None,
    existing_cluster_id: str | None = None,
    job_id: int | None = None,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    outputs: Sequence[str] = (),
    metrics: Sequence[str] = (),
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    when: str | None = None,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs on Databricks; see :func:`processing_job`.

    Parameters
    ----------
    cluster
        ``new_cluster`` of the Jobs API 2.2, as Databricks documents it.
    existing_cluster_id
        A cluster that is there already.
    job_id
        A job that is there already; it is started as it is, without a notebook of ours.
    """
    fields = {
        "cluster": None if cluster is None else dict(cluster),
        "existing_cluster_id": existing_cluster_id,
        "job_id": job_id,
    }
    compute = build(DatabricksCompute, f"Stage {name!r}", fields)
    if job_id is not None and notebook is None:
        notebook = ""
    return _stage(name, "databricks", compute, notebook, locals())


def slurm_job(
    name: str,
    *,
    queue: str,
    gpus: int = 0,
    cpus: int = 1,
    memory: str | None = None,
    time: str | None = None,
    constraint: str | None = None,
    account: str | None = None,
    qos: str | None = None,
    array: str | None = None,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    outputs: Sequence[str] = (),
    metrics: Sequence[str] = (),
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    heartbeat: int | None = None,
    when: str | None = None,
    for_each: str | None = None,
    max_concurrency: int | None = None,
    tolerated_failures: int = 0,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs on the HPC cluster; see :func:`processing_job`.

    Parameters
    ----------
    memory
        As sbatch takes it: ``"32G"``.
    time
        How long the job may run: ``"2h"``, ``"90m"`` or Slurm's own ``"1-12:00:00"``.
    timeout
        Seconds that one run may take, the time in the queue included.
    heartbeat
        Seconds without a sign of life after which a run has failed; the worker sends one a minute.
    """
    fields = {
        "queue": queue,
        "gpus": gpus,
        "cpus": cpus,
        "memory": memory,
        "time": time,
        "constraint": constraint,
        "account": account,
        "qos": qos,
        "array": array,
    }
    compute = build(SlurmCompute, f"Stage {name!r}", fields)
    return _stage(name, "slurm", compute, notebook, locals())


def local_job(
    name: str,
    *,
    notebook: str | None = None,
    environment: Mapping[str, str] | None = None,
    parameters: Mapping[str, Json] | None = None,
    outputs: Sequence[str] = (),
    metrics: Sequence[str] = (),
    retry: Retry | Sequence[Retry] | None = None,
    timeout: int | None = None,
    heartbeat: int | None = None,
    when: str | None = None,
    for_each: str | None = None,
    max_concurrency: int | None = None,
    tolerated_failures: int = 0,
    may_fail: bool = False,
    description: str = "",
) -> Stage:
    """Define a stage that runs where the pipeline is started, which cannot be deployed."""
    return _stage(name, "processing", LocalCompute(), notebook, locals())


_COMMON = (
    "environment",
    "parameters",
    "outputs",
    "metrics",
    "retry",
    "timeout",
    "heartbeat",
    "when",
    "for_each",
    "max_concurrency",
    "tolerated_failures",
    "may_fail",
    "metric_definitions",
    "description",
    "transform",
)


def _sagemaker(name: str, kind: JobKind, **fields: Any) -> SageMakerCompute:
    if not isinstance(fields["instance_type"], str):
        raise SettingsError(
            f"Stage {name!r}: instance_type is {fields['instance_type']!r}, which is no text.",
            remedy="Write it like 'ml.m5.large'.",
        )
    check_instance_type(fields["instance_type"], kind=kind, stage=name)
    return build(SageMakerCompute, f"Stage {name!r}", fields)


def _stage(
    name: str, kind: StageKind, compute: Value, notebook: str | None, given: Mapping[str, Any]
) -> Stage:
    check_name("stage", name)
    fields: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "compute": compute,
        "notebook": f"stages/{state_name(name)}.ipynb" if notebook is None else notebook,
        **{field: given[field] for field in _COMMON if field in given},
    }
    return build(Stage, f"Stage {name!r}", fields)
