"""Databricks' Jobs API as far as the state machine calls it, answered in this process.

A submitted run starts the stage as a process and has an id; ``runs/get`` tells how it stands. A
repeated idempotency token names the same run, as on Databricks.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.executors.bench import run_job
from jupyter_zflow.runner.failures import StateFailedError

if TYPE_CHECKING:
    from jupyter_zflow.runner.executors.bench import Bench
    from jupyter_zflow.runner.interpreter import TaskCall

API = "/api/2.2/jobs/"


async def invoke(call: TaskCall, bench: Bench) -> Any:
    """Answer an HTTP call of the Jobs API.

    Raises
    ------
    DefinitionError
        The call is none of those that can be answered here.
    """
    arguments = call.arguments
    action = arguments["ApiEndpoint"].rpartition(API)[2]
    match arguments["Method"], action:
        case "POST", "runs/submit":
            body = {"run_id": int(_submit(call, arguments["RequestBody"], bench))}
        case "GET", "runs/get":
            body = await _look(str(arguments["QueryParameters"]["run_id"]), bench)
        case "POST", "run-now":
            raise DefinitionError(
                f"state {call.state!r} starts an existing Databricks job, whose code is not here.",
                remedy="Use --only or --from to leave it out of the local run.",
            )
        case method, _:
            raise DefinitionError(
                f"state {call.state!r} calls {method} {arguments['ApiEndpoint']}, which cannot be "
                "answered here."
            )
    return {"StatusCode": 200, "ResponseBody": body}


def _submit(call: TaskCall, body: dict[str, Any], bench: Bench) -> str:
    token = body.get("idempotency_token", "")
    if token in bench.tokens:
        return bench.tokens[token]
    (task,) = body["tasks"]
    variables = task.get("new_cluster", {}).get("spark_env_vars", {})
    order = bench.order(
        task["spark_python_task"]["parameters"], state=call.state, environment=variables
    )
    run_id = str(len(bench.runs) + 1)
    work = run_job(bench, order, limit=body.get("timeout_seconds"))
    bench.runs[run_id] = asyncio.ensure_future(work)
    if token:
        bench.tokens[token] = run_id
    return run_id


async def _look(run_id: str, bench: Bench) -> dict[str, Any]:
    run = bench.runs.get(run_id)
    if run is None:
        raise StateFailedError("States.Http.StatusCode.400", f"Run {run_id} does not exist.")
    # A look waits a little, so that a local run ends as soon as its stage does.
    await asyncio.wait({run}, timeout=1)
    if not run.done():
        return {"run_id": int(run_id), "state": {"life_cycle_state": "RUNNING"}}
    state = {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS", "state_message": ""}
    error = run.exception()
    if isinstance(error, StateFailedError):
        state.update(result_state="FAILED", state_message=error.cause)
    elif error is not None:
        raise error
    return {"run_id": int(run_id), "state": state}
