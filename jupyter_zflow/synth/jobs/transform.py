"""A SageMaker batch transform: a model over many records.

The model is the bundle itself: the container finds the stage's notebook in it, as every other job
does, and its environment says where the results of the nearest training stage before it are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.stage import TransformData
from jupyter_zflow.synth.expressions import INPUT, address, expression, literal_text
from jupyter_zflow.synth.jobs import sagemaker
from jupyter_zflow.synth.jobs.job import environment, refuse
from jupyter_zflow.synth.naming import variable
from jupyter_zflow.synth.retry import SAGEMAKER, transient

if TYPE_CHECKING:
    from jupyter_zflow.model.compute import SageMakerCompute
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, State, States

BUNDLE = "/opt/ml/model"


def states(stage: Stage, context: Context) -> States:
    """Return the state that creates the model and the one that uses it."""
    compute = sagemaker.checked_compute(stage, "transform")
    refuse(stage, compute, "spot", "max_wait", "keep_alive", "input_mode", "volume_size_gb")
    model = context.naming.free(f"{context.naming.state(stage)} model")
    return [
        (model, _model(stage, compute, context)),
        (context.naming.state(stage), _job(stage, compute, context)),
    ]


def _model(stage: Stage, compute: SageMakerCompute, context: Context) -> State:
    trained = [name for name in context.upstream[stage.name] if _is_training(name, context)]
    variables = {
        "SAGEMAKER_INFERENCE_CODE_DIRECTORY": f"{BUNDLE}/lib",
        "SAGEMAKER_INFERENCE_CODE": "serve_stage.handler",
        "ZFLOW_BUNDLE": BUNDLE,
        "ZFLOW_STAGE": context.naming.state(stage),
        "ZFLOW_EXECUTION": expression(context.execution),
        "ZFLOW_ATTEMPT": expression("$string($states.context.State.RetryCount)"),
    }
    if trained:
        nearest = context.pipeline.stage(trained[-1])
        variables["ZFLOW_MODEL_STAGE"] = context.naming.state(nearest)
    own = environment(stage, limit=1024)
    if taken := sorted(own.keys() & variables.keys()):
        raise SettingsError(
            f"Stage {stage.name!r}: the environment variable {taken[0]!r} is ours.",
            remedy="Use another name.",
        )
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createModel",
        "Arguments": {
            "ModelName": context.job_name(stage),
            "ExecutionRoleArn": f"${{{context.naming.role(stage)}.Arn}}",
            "PrimaryContainer": {
                "Image": sagemaker.image(compute),
                "ModelDataSource": {
                    "S3DataSource": {
                        "S3Uri": context.bundle,
                        "S3DataType": "S3Prefix",
                        "CompressionType": "None",
                    }
                },
                "Environment": {**variables, **own},
            },
            **context.network,
            **context.tags,
        },
        "Retry": [transient(SAGEMAKER)],
        "Assign": {
            variable(stage.name, "model"): expression(
                "$substringAfter($states.result.ModelArn, ':model/')"
            )
        },
        "Output": INPUT,
    }


def _job(stage: Stage, compute: SageMakerCompute, context: Context) -> State:
    data = stage.transform or TransformData()
    state = context.naming.state(stage)
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": address(data.input) if data.input else context.below_execution(f"{state}/input/"),
    }
    output: dict[str, Any] = {
        "S3OutputPath": address(data.output)
        if data.output
        else context.below_execution(f"{state}/output/"),
        "AssembleWith": data.assemble_with,
        **context.encrypted("KmsKeyId"),
    }
    if data.accept is not None:
        output["Accept"] = literal_text(data.accept)
    limits: dict[str, Any] = {
        "MaxPayloadInMB": data.max_payload_mb,
        "MaxConcurrentTransforms": data.max_concurrent,
    }
    arguments: dict[str, Any] = {
        "TransformJobName": context.job_name(stage),
        "ModelName": expression(f"${variable(stage.name, 'model')}"),
        "BatchStrategy": data.strategy,
        **{name: limit for name, limit in limits.items() if limit is not None},
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": literal_text(data.content_type),
            "SplitType": data.split_type,
        },
        "TransformOutput": output,
        "TransformResources": {
            "InstanceType": compute.instance_type,
            "InstanceCount": compute.instance_count,
            **context.encrypted("VolumeKmsKeyId"),
        },
        **context.tags,
    }
    return sagemaker.task(stage, "createTransformJob", arguments)


def _is_training(name: str, context: Context) -> bool:
    return context.pipeline.stage(name).kind == "training"
