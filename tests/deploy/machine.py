"""Execute a definition against services: the interpreter of local runs, boto3 for every Task."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner import definition
from jupyter_zflow.runner.clock import LocalClock, stamp
from jupyter_zflow.runner.failures import TASK_FAILED, StateFailedError
from jupyter_zflow.runner.interpreter import ExecutionContext, Interpreter, TaskCall

if TYPE_CHECKING:
    from collections.abc import Mapping


def execute(
    text: str,
    values: Mapping[str, str],
    data: dict[str, Any],
    *,
    name: str,
    s3: Any,
    sagemaker: Any,
) -> Any:
    """Return the execution's output.

    Parameters
    ----------
    values
        What a deployment puts in for the definition's placeholders.
    """

    async def call(task: TaskCall) -> Any:
        if task.resource.endswith(":s3:putObject"):
            body = task.arguments["Body"]
            await asyncio.to_thread(
                lambda: s3.put_object(**{**task.arguments, "Body": json.dumps(body).encode()})
            )
            return {}
        (kind,) = re.findall(r"sagemaker:create(Processing|Training)Job\.sync$", task.resource)
        return await _job(kind, task.arguments, sagemaker)

    clock = LocalClock()
    context = ExecutionContext(
        id=f"arn:aws:states:eu-central-1:000000000000:execution:some:{name}",
        name=name,
        input=data,
        started=stamp(clock.now()),
    )
    machine = definition.substitute(definition.read(text), values)
    interpreter = Interpreter(call, clock=clock, context=context, observe=lambda _event: None)
    return asyncio.run(interpreter.run(machine, data))


async def _job(kind: str, arguments: dict[str, Any], sagemaker: Any) -> Any:
    verb, named = kind.lower(), {f"{kind}JobName": arguments[f"{kind}JobName"]}
    await asyncio.to_thread(lambda: getattr(sagemaker, f"create_{verb}_job")(**arguments))
    while True:
        told = await asyncio.to_thread(lambda: getattr(sagemaker, f"describe_{verb}_job")(**named))
        status = told[f"{kind}JobStatus"]
        if status == "Completed":
            return told
        if status != "InProgress":
            raise StateFailedError(TASK_FAILED, told.get("FailureReason", status))
        await asyncio.sleep(0.05)
