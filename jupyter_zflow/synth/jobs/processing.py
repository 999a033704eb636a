"""A SageMaker Processing job: any code, on CPU or GPU, with no model to hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.jobs import sagemaker
from jupyter_zflow.synth.jobs.job import environment, refuse

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, States

BUNDLE = "/opt/ml/processing/input/bundle"


def states(stage: Stage, context: Context) -> States:
    """Return the stage's only state."""
    compute = sagemaker.checked_compute(stage, "processing")
    refuse(stage, compute, "spot", "max_wait", "keep_alive", "input_mode")
    refuse(stage, stage, "transform")
    variables = environment(stage, limit=256)
    arguments: dict[str, Any] = {
        "ProcessingJobName": context.job_name(stage),
        "RoleArn": f"${{{context.naming.role(stage)}.Arn}}",
        "AppSpecification": {
            "ImageUri": sagemaker.image(compute),
            "ContainerEntrypoint": sagemaker.entry_point(BUNDLE),
            "ContainerArguments": context.arguments(stage, bundle=BUNDLE),
        },
        "ProcessingInputs": [
            {
                "InputName": "bundle",
                "S3Input": {
                    "S3Uri": context.bundle,
                    "LocalPath": BUNDLE,
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": compute.instance_type,
                "InstanceCount": compute.instance_count,
                "VolumeSizeInGB": compute.volume_size_gb,
                **context.encrypted("VolumeKmsKeyId"),
            }
        },
        **_network(context),
        "StoppingCondition": {"MaxRuntimeInSeconds": sagemaker.seconds(stage)},
        **({"Environment": variables} if variables else {}),
        **context.tags,
    }
    task = sagemaker.task(stage, "createProcessingJob", arguments)
    return [(context.naming.state(stage), task)]


def _network(context: Context) -> dict[str, Any]:
    traffic = context.pipeline.encrypt_traffic
    encryption = {"EnableInterContainerTrafficEncryption": True} if traffic else {}
    found = {**encryption, **context.network}
    return {"NetworkConfig": found} if found else {}
