"""A Databricks job: submitted over HTTP, then looked at until it ends.

Databricks does not call back, so the state machine asks. The stage is one ``Parallel`` state with a
single branch: to the outside it is one state that begins and ends once and that can be retried as
a whole, whatever happens inside. The idempotency token makes sure that a repeated HTTP call does
not start a second run.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.compute import DatabricksCompute
from jupyter_zflow.synth.expressions import INPUT, expression, literal
from jupyter_zflow.synth.jobs.job import ONE_DAY, compute_of, described, environment, refuse
from jupyter_zflow.synth.retry import HTTP, retriers, transient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context, State, States

HOST = "DatabricksHost"
CONNECTION = "DatabricksConnection"
INSTANCE_PROFILE = "DatabricksInstanceProfile"
API = "/api/2.2/jobs"

EVENTS_PER_POLL = 9
"""Entries of the execution's history for Wait, HTTP task and Choice."""
SHORTEST_POLL = 60


HISTORY_SHARE = 18_000
"""How many of the 25,000 entries of a history all polls together may use."""
DEFAULT_CLUSTER: dict[str, Any] = {
    "spark_version": "16.4.x-scala2.12",
    "node_type_id": "m5d.xlarge",
    "num_workers": 1,
    "aws_attributes": {"instance_profile_arn": f"${{{INSTANCE_PROFILE}}}"},
}
"""What a stage gets whose author names no cluster; the profile lets it read the bundle."""


def states(stage: Stage, context: Context) -> States:
    """Return the stage's only state."""
    compute = compute_of(stage, DatabricksCompute)
    refuse(stage, stage, "transform")
    name = context.naming.state(stage)
    submit, wait, look, ended, done, failed = (
        context.naming.free(f"{name} {what}")
        for what in ("submit", "wait", "look", "ended?", "done", "failed")
    )
    branch = {
        submit: _submit(stage, compute, context, wait),
        wait: {"Type": "Wait", "Seconds": context.poll_seconds, "Next": look},
        look: _look(ended),
        ended: _ended(done, failed, wait),
        done: {"Type": "Succeed"},
        failed: {
            "Type": "Fail",
            "Error": "Databricks.RunFailed",
            "Cause": expression("$string($state)"),
        },
    }
    state: State = {
        "Type": "Parallel",
        **described(stage),
        "Arguments": {"attempt": expression("$states.context.State.RetryCount")},
        "Branches": [{"StartAt": submit, "States": branch}],
        **retriers(stage),
        "Output": INPUT,
    }
    return [(name, state)]


def run_seconds(stage: Stage) -> int:
    """Return how long a run may take."""
    return ONE_DAY if stage.timeout is None else stage.timeout


def poll_seconds(stages: Sequence[Stage]) -> int:
    """Return the shortest pause with which all runs together fit into one history."""
    looks = sum(
        run_seconds(stage) * (1 + sum(retry.max_attempts for retry in stage.retries))
        for stage in stages
        if stage.kind == "databricks"
    )
    needed = ceil(looks * EVENTS_PER_POLL / HISTORY_SHARE / 10) * 10
    return max(SHORTEST_POLL, needed)


def _submit(stage: Stage, compute: DatabricksCompute, context: Context, following: str) -> State:
    action, body = _request(stage, compute, context)
    token = (
        "$hash($states.context.Execution.Id & $states.context.Execution.RedriveCount & "
        f"'{context.naming.job(stage)}' & $states.input.attempt, 'SHA-256')"
    )
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Arguments": {
            "Method": "POST",
            "ApiEndpoint": f"${{{HOST}}}{API}/{action}",
            "Authentication": {"ConnectionArn": f"${{{CONNECTION}}}"},
            "RequestBody": {**body, "idempotency_token": expression(token)},
        },
        "Retry": [transient(HTTP)],
        "Assign": {"run_id": expression("$string($states.result.ResponseBody.run_id)")},
        "Next": following,
    }


def _request(
    stage: Stage, compute: DatabricksCompute, context: Context
) -> tuple[str, dict[str, Any]]:
    arguments = context.arguments(stage, bundle=context.bundle, attempt="$states.input.attempt")
    if compute.job_id is not None:
        _refuse_beside_job(stage, compute)
        pairs = zip(arguments[::2], arguments[1::2], strict=True)
        handed = {f"zflow_{name.removeprefix('--')}": value for name, value in pairs}
        return "run-now", {"job_id": compute.job_id, "job_parameters": handed}
    task = {
        "task_key": context.naming.job(stage),
        "spark_python_task": {
            "python_file": f"{context.bundle}lib/run_stage.py",
            "parameters": arguments,
        },
        **_cluster(stage, compute),
    }
    return "runs/submit", {
        "run_name": context.naming.job(stage),
        "timeout_seconds": run_seconds(stage),
        "tasks": [task],
    }


def _cluster(stage: Stage, compute: DatabricksCompute) -> dict[str, Any]:
    variables = environment(stage, limit=32_768)
    if compute.existing_cluster_id is not None:
        if compute.cluster is not None:
            raise SettingsError(
                f"Stage {stage.name!r} asks for a new cluster and for an existing one.",
                remedy="Keep either cluster or existing_cluster_id.",
            )
        if variables:
            raise SettingsError(
                f"Stage {stage.name!r}: an existing cluster takes no environment variables.",
                remedy="Set them in the cluster, or ask for a new one.",
            )
        return {"existing_cluster_id": literal(compute.existing_cluster_id)}
    cluster: dict[str, Any] = (
        DEFAULT_CLUSTER if compute.cluster is None else literal(compute.cluster)
    )
    if variables:
        cluster = {**cluster, "spark_env_vars": {**cluster.get("spark_env_vars", {}), **variables}}
    return {"new_cluster": cluster}


def _refuse_beside_job(stage: Stage, compute: DatabricksCompute) -> None:
    beside = {
        "cluster": compute.cluster,
        "existing_cluster_id": compute.existing_cluster_id,
        "environment": stage.environment,
        "timeout": stage.timeout,
        "notebook": stage.notebook,
    }
    for field, value in beside.items():
        if value:
            raise SettingsError(
                f"Stage {stage.name!r} starts the existing job {compute.job_id}, so its {field} "
                f"({value!r}) would not be used.",
                remedy=f"Remove {field}, or remove job_id to submit a run of its own.",
            )


def _look(following: str) -> State:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Arguments": {
            "Method": "GET",
            "ApiEndpoint": f"${{{HOST}}}{API}/runs/get",
            "Authentication": {"ConnectionArn": f"${{{CONNECTION}}}"},
            "QueryParameters": {"run_id": expression("$run_id")},
        },
        "Retry": [transient((*HTTP, "States.Http.StatusCode.500", "States.Timeout"))],
        "Assign": {"state": expression("$states.result.ResponseBody.state")},
        "Next": following,
    }


def _ended(done: str, failed: str, wait: str) -> State:
    good = "$state.result_state in ['SUCCESS', 'SUCCESS_WITH_FAILURES']"
    over = "$state.life_cycle_state in ['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR']"
    return {
        "Type": "Choice",
        "Choices": [
            {"Condition": expression(good), "Next": done},
            {"Condition": expression(over), "Next": failed},
        ],
        "Default": wait,
    }
