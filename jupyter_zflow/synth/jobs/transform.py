"""A SageMaker batch transform: the stage's ``predict`` over many records.

SageMaker starts the image's own server, as ``docker run IMAGE serve``, with what is in the model's
archive below ``/opt/ml/model``. That archive is ``lib/model.tar.gz`` of the bundle, which holds the
programs that fetch the bundle and run the stage; a batch transform takes no folder in its place
(botocore, ContainerDefinition, ``ModelDataSource``). SageMaker Distribution's server imports
``serve_stage`` because of the first two variables and asks ``handler`` for each answer.
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

MODEL = "/opt/ml/model"
_TOGETHER = 100
"""MB of all bodies on their way (botocore, CreateTransformJob, ``MaxPayloadInMB``)."""


def states(stage: Stage, context: Context) -> States:
    """Return the state that creates the model and the one that uses it."""
    compute = sagemaker.checked_compute(stage, "transform")
    refuse(stage, compute, "spot", "max_wait", "keep_alive", "input_mode", "volume_size_gb")
    _check(stage, stage.transform or TransformData())
    model = context.naming.free(f"{context.naming.state(stage)} model")
    return [
        (model, _model(stage, compute, context)),
        (context.naming.state(stage), _job(stage, compute, context)),
    ]


def _model(stage: Stage, compute: SageMakerCompute, context: Context) -> State:
    variables = {
        "SAGEMAKER_INFERENCE_CODE_DIRECTORY": MODEL,
        "SAGEMAKER_INFERENCE_CODE": "serve_stage.handler",
        "ZFLOW_BUNDLE": context.bundle,
        "ZFLOW_STAGE": context.naming.state(stage),
        "ZFLOW_EXECUTION": expression(context.execution),
        "ZFLOW_ATTEMPT": expression("$string($states.context.State.RetryCount)"),
    }
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
                "ModelDataUrl": f"{context.bundle}lib/model.tar.gz",
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
        "S3Uri": _input(stage, data, context),
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


def _input(stage: Stage, data: TransformData, context: Context) -> str:
    if data.input is None:
        return context.below_execution(f"{context.naming.state(stage)}/input/")
    if data.input.startswith("s3://"):
        return address(data.input)
    name, _, path = data.input.partition("/")
    before = context.upstream[stage.name]
    if name not in before:
        known = ", ".join(map(repr, before)) or "none"
        raise SettingsError(
            f"Stage {stage.name!r}: its input is {data.input!r}, but {name!r} is no stage before "
            f"it; those are {known}.",
            remedy="Write s3://..., or <stage>/<path> with a stage that this one comes after.",
        )
    parts = path.split("/")
    if not path or ".." in parts or not set(parts).isdisjoint({"."}) or set(path) & set("'\\"):
        raise SettingsError(
            f"Stage {stage.name!r}: {path!r} is no path below the working directory of {name!r}.",
            remedy="Write <stage>/<path>, such as prepare/records.csv.",
        )
    producer = context.naming.state(context.pipeline.stage(name))
    return context.below_execution(literal_text(f"{producer}/files/{path}"))


def _check(stage: Stage, data: TransformData) -> None:
    """Refuse what SageMaker would, or what ``predict`` would not see as it was written."""
    named = "header=present" in data.content_type.replace(" ", "").lower()
    for wrong, what, remedy in (
        (
            data.split_type in ("RecordIO", "TFRecord"),
            f"split_type {data.split_type!r} is not served",
            "Use Line or None.",
        ),
        (
            named and data.split_type == "Line",
            "a file with a header cannot be split into lines: only the first part would have it",
            "Set split_type to None, or write records as application/jsonlines.",
        ),
        (
            data.max_payload_mb == 0,
            "max_payload_mb 0 asks for bodies of unknown length, which are not served",
            "Set 1 to 100, or leave it out.",
        ),
        (
            (data.max_payload_mb or 6) * (data.max_concurrent or 1) > _TOGETHER,
            f"max_payload_mb times max_concurrent is more than {_TOGETHER}",
            "Lower one of them.",
        ),
    ):
        if wrong:
            raise SettingsError(f"Stage {stage.name!r}: {what}.", remedy=remedy)
