"""SageMaker jobs: the stage in their command line runs as a process of this machine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.executors.batch import Batch
from jupyter_zflow.runner.executors.bench import run_job

if TYPE_CHECKING:
    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall

_ACCOUNT = "000000000000"


async def processing(call: TaskCall, bench: Bench) -> Any:
    """Run a Processing job."""
    arguments = call.arguments
    await _run(call, bench, arguments["AppSpecification"])
    return {
        "ProcessingJobName": arguments["ProcessingJobName"],
        "ProcessingJobArn": _arn("processing-job", arguments["ProcessingJobName"]),
        "ProcessingJobStatus": "Completed",
    }


async def training(call: TaskCall, bench: Bench) -> Any:
    """Run a Training job."""
    arguments = call.arguments
    await _run(call, bench, arguments["AlgorithmSpecification"])
    return {
        "TrainingJobName": arguments["TrainingJobName"],
        "TrainingJobArn": _arn("training-job", arguments["TrainingJobName"]),
        "TrainingJobStatus": "Completed",
    }


async def model(call: TaskCall, bench: Bench) -> Any:
    """Remember a model: an image, an archive and variables."""
    name = call.arguments["ModelName"]
    bench.models[name] = call.arguments["PrimaryContainer"]
    return {"ModelArn": _arn("model", name)}


async def transform(call: TaskCall, bench: Bench) -> Any:
    """Run a Batch Transform job: the model's stage serves, and all records are sent to it.

    Raises
    ------
    DefinitionError
        The job asks for what cannot be done here.
    """
    arguments = call.arguments
    name, variables = arguments["TransformJobName"], bench.models[arguments["ModelName"]]
    environment = {**variables["Environment"], **arguments.get("Environment", {})}
    given = [
        *("--bundle", environment["ZFLOW_BUNDLE"], "--stage", environment["ZFLOW_STAGE"]),
        *("--execution", environment["ZFLOW_EXECUTION"]),
        # A model outlives the attempts at its job.
        *("--attempt", str(call.attempt)),
    ]
    order = bench.order(given, state=call.state, environment=environment)
    batch = Batch.of(call, bench)
    await run_job(bench, replace(order, client=batch.send))
    return {
        "TransformJobName": name,
        "TransformJobArn": _arn("transform-job", name),
        "TransformJobStatus": "Completed",
    }


async def _run(call: TaskCall, bench: Bench, program: dict[str, Any]) -> None:
    order = bench.order(
        program["ContainerArguments"],
        state=call.state,
        environment=call.arguments.get("Environment", {}),
    )
    limit = call.arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
    await run_job(bench, order, limit=limit)


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:local:{_ACCOUNT}:{kind}/{name}"
