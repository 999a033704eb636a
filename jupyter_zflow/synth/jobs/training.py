"""A SageMaker Training job: the large GPUs, spot instances and warm pools."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.synth.expressions import literal_text
from jupyter_zflow.synth.jobs import sagemaker
from jupyter_zflow.synth.jobs.job import environment, refuse

if TYPE_CHECKING:
    from jupyter_zflow.model.compute import SageMakerCompute
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, States

BUNDLE = "/opt/ml/input/data/bundle"
_NUMBER = "([-+0-9.eEinfa]+)"
"""How Python writes a float."""


def states(stage: Stage, context: Context) -> States:
    """Return the stage's only state."""
    compute = sagemaker.checked_compute(stage, "training")
    refuse(stage, stage, "transform")
    variables = environment(stage, limit=512)
    state = context.naming.state(stage)
    limits = _limits(stage, compute, context)
    resources: dict[str, Any] = {
        "InstanceType": compute.instance_type,
        "InstanceCount": compute.instance_count,
        "VolumeSizeInGB": compute.volume_size_gb,
        **context.encrypted("VolumeKmsKeyId"),
    }
    if compute.keep_alive:
        resources["KeepAlivePeriodInSeconds"] = compute.keep_alive
    arguments: dict[str, Any] = {
        "TrainingJobName": context.job_name(stage),
        "RoleArn": f"${{{context.naming.role(stage)}.Arn}}",
        "AlgorithmSpecification": {
            "TrainingImage": sagemaker.image(compute),
            "TrainingInputMode": compute.input_mode,
            "ContainerEntrypoint": sagemaker.entry_point(BUNDLE),
            "ContainerArguments": context.arguments(stage, bundle=BUNDLE),
            **_metrics(stage),
        },
        "InputDataConfig": [
            {
                "ChannelName": "bundle",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": context.bundle,
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {
            "S3OutputPath": context.below_stage(stage, "job"),
            **context.encrypted("KmsKeyId"),
        },
        "ResourceConfig": resources,
        **limits,
        **context.network,
        **(
            {"EnableInterContainerTrafficEncryption": True}
            if context.pipeline.encrypt_traffic
            else {}
        ),
        **({"Environment": variables} if variables else {}),
        **context.tags,
    }
    # Waiting for a spot instance is not running, but to Step Functions it is.
    longest = limits["StoppingCondition"].get("MaxWaitTimeInSeconds") if stage.timeout else None
    return [(state, sagemaker.task(stage, "createTrainingJob", arguments, timeout=longest))]


def _metrics(stage: Stage) -> dict[str, Any]:
    """Return where CloudWatch finds the stage's metrics in what it prints."""
    for name, expression in stage.metric_definitions.items():
        try:
            groups = re.compile(expression).groups
        except re.error as error:
            raise SettingsError(
                f"Stage {stage.name!r}: the expression of metric {name!r}, {expression!r}, cannot "
                f"be read: {error}."
            ) from None
        if groups != 1:
            raise SettingsError(
                f"Stage {stage.name!r}: the expression of metric {name!r}, {expression!r}, has "
                f"{groups} groups.",
                remedy="Put its value, and nothing else, in parentheses: 'auc=([0-9.]+)'.",
            )
    logged = {name: f"zflow_metric {re.escape(name)}={_NUMBER}" for name in stage.metrics}
    found = {**logged, **stage.metric_definitions}
    definitions = [
        {"Name": literal_text(name), "Regex": literal_text(text)} for name, text in found.items()
    ]
    return {"MetricDefinitions": definitions} if definitions else {}


def _limits(stage: Stage, compute: SageMakerCompute, context: Context) -> dict[str, Any]:
    stopping = {"MaxRuntimeInSeconds": sagemaker.seconds(stage)}
    if not compute.spot:
        return {"StoppingCondition": stopping}
    if compute.keep_alive:
        raise SettingsError(
            f"Stage {stage.name!r}: spot instances cannot be kept alive.",
            remedy="Remove keep_alive or spot.",
        )
    longest = compute.max_wait or stopping["MaxRuntimeInSeconds"]
    if stage.timeout is None:
        stopping["MaxRuntimeInSeconds"] = min(longest, stopping["MaxRuntimeInSeconds"])
    if longest < stopping["MaxRuntimeInSeconds"]:
        raise SettingsError(
            f"Stage {stage.name!r}: max_wait is {longest} seconds, shorter than the "
            f"{stopping['MaxRuntimeInSeconds']} that the job may run.",
            remedy="max_wait counts waiting and running: make it longer, or the timeout shorter.",
        )
    return {
        "StoppingCondition": {**stopping, "MaxWaitTimeInSeconds": longest},
        "EnableManagedSpotTraining": True,
        # Beside the attempts, so that one that was interrupted goes on where it stood.
        "CheckpointConfig": {"S3Uri": context.below_stage(stage, "checkpoints")},
    }
