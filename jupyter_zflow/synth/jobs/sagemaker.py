"""What Processing, Training and Transform jobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import SageMakerCompute
from jupyter_zflow.registry import JobKind, check_instance_type
from jupyter_zflow.synth.expressions import INPUT, address
from jupyter_zflow.synth.images import default_image
from jupyter_zflow.synth.jobs.job import ONE_DAY, compute_of, described, limited
from jupyter_zflow.synth.retry import SAGEMAKER, retriers

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import State


def checked_compute(stage: Stage, kind: JobKind) -> SageMakerCompute:
    """Return the stage's compute when jobs of the kind can have it."""
    compute = compute_of(stage, SageMakerCompute)
    check_instance_type(compute.instance_type, kind=kind, stage=stage.name)
    if compute.max_wait is not None and not compute.spot:
        raise SettingsError(
            f"Stage {stage.name!r}: max_wait is {compute.max_wait}, but spot is not set.",
            remedy="Set spot, or remove max_wait.",
        )
    return compute


def image(compute: SageMakerCompute) -> str:
    """Return the author's image, else the default for the instance."""
    return address(compute.image) if compute.image else default_image(compute.instance_type)


def seconds(stage: Stage) -> int:
    """Return how long the job itself may run."""
    return ONE_DAY if stage.timeout is None else stage.timeout


def entry_point(bundle: str) -> list[str]:
    """Return the command that runs a stage out of the bundle."""
    return ["python3", f"{bundle}/lib/run_stage.py"]


def task(
    stage: Stage, action: str, arguments: dict[str, Any], *, timeout: int | None = None
) -> State:
    """Return the Task state that starts the job and waits for its end.

    Parameters
    ----------
    timeout
        Seconds until Step Functions stops the job, where that is not the stage's timeout.
    """
    return {
        "Type": "Task",
        **described(stage),
        "Resource": f"arn:aws:states:::sagemaker:{action}.sync",
        "Arguments": arguments,
        **({"TimeoutSeconds": timeout} if timeout else limited(stage)),
        **retriers(stage, service=SAGEMAKER),
        # What the service says about the job stays in the history; handed on, the descriptions
        # of many stages would outgrow the 256 KiB that a state may hold.
        "Output": INPUT,
    }
