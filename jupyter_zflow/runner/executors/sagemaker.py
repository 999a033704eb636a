"""SageMaker jobs: the stage in their command line runs as a process of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError
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


async def model(call: TaskCall, bench: Bench) -> Any:  # noqa: ARG001  one signature for all
    """Remember nothing: a model is a name for an image, a bundle and variables."""
    return {"ModelArn": _arn("model", call.arguments["ModelName"])}


async def transform(call: TaskCall, bench: Bench) -> Any:  # noqa: ARG001
    """Refuse: batch transform calls a model server, which does not exist here.

    Raises
    ------
    DefinitionError
        Always.
    """
    raise DefinitionError(
        f"stage {call.state!r} is a batch transform, which cannot run locally yet.",
        remedy="Make it a processing stage to run it here, or use --only or --from to leave it "
        "out.",
    )


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
