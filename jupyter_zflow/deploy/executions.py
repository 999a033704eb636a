"""Executions in Step Functions: start, stop, look, list; and what their jobs printed."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.changes.machine import states_of_stages
from jupyter_zflow.deploy.account import RefusedCallError
from jupyter_zflow.errors import ServiceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from jupyter_zflow.deploy.account import Account

RUNNING = "RUNNING"
NOT_RUN = "NOT_RUN"
_LARGEST_INPUT = 262_144
"""Bytes of an execution's input (botocore's model of Step Functions)."""
_PLACE = re.compile(r"^\{%\s*'([^']+/executions/)' &")
_GROUPS = {
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
    "HyperParameterTuningJob": "/aws/sagemaker/TrainingJobs",
}


@dataclass(frozen=True, slots=True)
class AwsStage:
    """How far a stage has come."""

    name: str
    status: str = NOT_RUN
    attempt: int | None = None
    started: str | None = None
    ended: str | None = None
    job: str | None = None
    """Name of the service's job of the latest attempt."""
    log_group: str | None = None
    error: dict[str, Any] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    notebook: str | None = None
    """Where the executed notebook lies."""


@dataclass(frozen=True, slots=True)
class AwsExecution:
    """An execution."""

    id: str
    arn: str
    status: str
    started: str | None = None
    ended: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    stages: tuple[AwsStage, ...] = ()
    folder: str | None = None
    """The prefix in S3 where it keeps its files."""

    def to_json(self) -> dict[str, Any]:
        """Return the execution as JSON."""
        return {**asdict(self), "place": "aws"}


def start(account: Account, machine: str, *, name: str, parameters: Mapping[str, Any]) -> str:
    """Start an execution and return its ARN.

    Raises
    ------
    UsageError
        When the parameters are too long.
    ServiceError
        When Step Functions refuses.
    """
    text = json.dumps(dict(parameters), ensure_ascii=False)
    if len(text.encode()) > _LARGEST_INPUT:
        raise UsageError(
            f"The parameters have {len(text.encode())} bytes; Step Functions takes "
            f"{_LARGEST_INPUT}.",
            remedy="Put what is long into a file, and hand on its address.",
        )
    answer = account.call(
        "stepfunctions", "start_execution", stateMachineArn=machine, name=name, input=text
    )
    return str(answer["executionArn"])


def stop(account: Account, execution: str) -> None:
    """Stop an execution; its jobs are stopped by Step Functions."""
    account.call(
        "stepfunctions",
        "stop_execution",
        executionArn=execution,
        error="Stopped",
        cause="stopped with jupyter zflow stop",
    )


def latest(account: Account, machine: str, *, limit: int = 20) -> list[AwsExecution]:
    """Return a machine's executions, the latest first, without their stages."""
    found = []
    for item in account.pages(
        "stepfunctions", "list_executions", "executions", stateMachineArn=machine
    ):
        found.append(
            AwsExecution(
                item["name"],
                item["executionArn"],
                item["status"],
                _time(item.get("startDate")),
                _time(item.get("stopDate")),
            )
        )
        if len(found) >= limit:
            break
    return found


def find(account: Account, machine: str, name: str | None, *, running: bool = False) -> str:
    """Return the ARN of an execution: the one of that name, else the latest.

    Raises
    ------
    UsageError
        When there is none.
    """
    if name is not None:
        return name if name.startswith("arn:") else f"{_execution_prefix(machine)}:{name}"
    for execution in latest(account, machine):
        if not running or execution.status == RUNNING:
            return execution.arn
    what = "execution that runs" if running else "execution"
    raise UsageError(f"The state machine has no {what}.", remedy="Start one: jupyter zflow start.")


def describe(account: Account, execution: str, *, results: bool = True) -> AwsExecution:
    """Return an execution with its stages.

    Parameters
    ----------
    results
        Read what the stages left in S3, too.

    Raises
    ------
    UsageError
        When there is no such execution.
    """
    try:
        told = account.call("stepfunctions", "describe_execution", executionArn=execution)
    except RefusedCallError as error:
        if error.code == "ExecutionDoesNotExist":
            raise UsageError(
                f"There is no execution {execution.rpartition(':')[2]!r}.",
                remedy="`jupyter zflow executions` lists them.",
            ) from None
        raise
    definition = _definition(account, execution)
    place = _place(definition, told["name"])
    stages = _stages(account, execution, definition, ended=told["status"] != RUNNING)
    if results and place is not None:
        stages = [_with_result(account, stage, place) for stage in stages]
    return AwsExecution(
        id=told["name"],
        arn=told["executionArn"],
        status=told["status"],
        started=_time(told.get("startDate")),
        ended=_time(told.get("stopDate")),
        parameters=json.loads(told.get("input") or "{}"),
        error=_error(told, stages),
        stages=tuple(stages),
        folder=place,
    )


def log_lines(account: Account, stage: AwsStage) -> Iterator[tuple[str, str]]:
    """Yield what a stage's job printed: time and line.

    Raises
    ------
    UsageError
        When its log is not in CloudWatch.
    """
    if stage.job is None or stage.log_group is None:
        raise UsageError(
            f"Stage {stage.name!r} has no log in CloudWatch: it did not start, or its backend "
            "keeps its own."
        )
    for event in account.pages(
        "logs",
        "filter_log_events",
        "events",
        logGroupName=stage.log_group,
        logStreamNamePrefix=stage.job,
    ):
        yield _stamp(event["timestamp"]), event["message"]


def _definition(account: Account, execution: str) -> dict[str, Any]:
    answer = account.call(
        "stepfunctions", "describe_state_machine_for_execution", executionArn=execution
    )
    found: dict[str, Any] = json.loads(answer["definition"])
    return found


def _stages(
    account: Account, execution: str, definition: Mapping[str, Any], *, ended: bool
) -> list[AwsStage]:
    """Read the stages' ways off the history."""
    states = states_of_stages(definition)
    found = {name: AwsStage(name) for name in states.values()}
    events = {
        event["id"]: event
        for event in account.pages(
            "stepfunctions", "get_execution_history", "events", executionArn=execution
        )
    }
    for event in events.values():
        stage = states.get(_state_of(event, events) or "")
        if stage is not None:
            found[stage] = _step(found[stage], event)
    if ended:
        return [
            AwsStage(**{**_fields(stage), "status": "ABORTED"})
            if stage.status == RUNNING
            else stage
            for stage in found.values()
        ]
    return list(found.values())


def _fields(stage: AwsStage) -> dict[str, Any]:
    return {name: getattr(stage, name) for name in AwsStage.__dataclass_fields__}


def _state_of(event: Mapping[str, Any], events: Mapping[int, Mapping[str, Any]]) -> str | None:
    """Return the state that an event belongs to: that which was entered last before it."""
    current: Mapping[str, Any] | None = event
    for _ in range(len(events)):
        if current is None:
            return None
        if "stateExitedEventDetails" in current:
            return str(current["stateExitedEventDetails"]["name"])
        if "stateEnteredEventDetails" in current:
            return str(current["stateEnteredEventDetails"]["name"])
        # Emulators leave the link out where nothing runs at the same time.
        current = events.get(current.get("previousEventId") or current["id"] - 1)
    return None


def _step(stage: AwsStage, event: Mapping[str, Any]) -> AwsStage:
    kind, when = event["type"], _time(event["timestamp"])
    fields = _fields(stage)
    if kind.endswith("StateEntered"):
        fields |= {"status": RUNNING, "started": when, "ended": None, "error": None}
        fields["attempt"] = None
    elif kind in {"TaskScheduled", "ActivityScheduled", "LambdaFunctionScheduled"}:
        fields |= {"status": RUNNING, "attempt": 0 if stage.attempt is None else stage.attempt + 1}
    elif kind == "TaskSubmitted":
        fields |= _job(event.get("taskSubmittedEventDetails", {}))
    elif kind.endswith(("Failed", "TimedOut")) and kind != "ExecutionFailed":
        nothing: dict[str, Any] = {}
        details = next((v for k, v in event.items() if k.endswith("EventDetails")), nothing)
        status = "TIMED_OUT" if kind.endswith("TimedOut") else "FAILED"
        error = {"name": details.get("error", ""), "message": details.get("cause", "")}
        fields |= {"status": status, "ended": when, "error": error}
    elif kind.endswith("StateExited"):
        ended = "SUCCEEDED" if stage.status == RUNNING else stage.status
        fields |= {"status": ended, "ended": when}
    return AwsStage(**fields)


def _job(details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the job's name and log group, from what the service answered."""
    try:
        answer = json.loads(details.get("output") or "{}")
    except ValueError:
        return {}
    for kind, group in _GROUPS.items():
        arn = answer.get(f"{kind}Arn") if isinstance(answer, dict) else None
        if isinstance(arn, str):
            return {"job": arn.rpartition("/")[2], "log_group": group}
    return {}


def _place(definition: Mapping[str, Any], name: str) -> str | None:
    """Return the prefix that the definition's first task writes to."""
    for state in definition.get("States", {}).values():
        arguments = state.get("Arguments", {}) if isinstance(state, dict) else {}
        found = _PLACE.match(str(arguments.get("Key", ""))) if isinstance(arguments, dict) else None
        if found:
            return f"s3://{arguments['Bucket']}/{found[1]}{name}"
    return None


def _with_result(account: Account, stage: AwsStage, place: str) -> AwsStage:
    """Add what the stage left; nothing when it left nothing or it may not be read."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    if stage.status == RUNNING:
        return stage
    try:
        key = f"{prefix}/{stage.name}/result.json"
        body = account.call("s3", "get_object", Bucket=bucket, Key=key)["Body"].read()
        result = json.loads(body)
    except (ServiceError, ValueError):
        return stage
    status = result.get("status", NOT_RUN) if stage.status == NOT_RUN else stage.status
    failed = stage.error or status == "FAILED"
    return AwsStage(
        **{
            **_fields(stage),
            "status": status,
            "outputs": result.get("outputs", {}),
            "metrics": result.get("metrics", {}),
            "error": (result.get("error") or stage.error) if failed else None,
            "notebook": f"{place}/{stage.name}/notebook.ipynb",
        }
    )


def _error(told: Mapping[str, Any], stages: list[AwsStage]) -> dict[str, Any] | None:
    for stage in stages:
        if stage.error is not None:
            return {"stage": stage.name, **stage.error}
    if told["status"] in {RUNNING, "SUCCEEDED"}:
        return None
    return {"name": told.get("error", told["status"]), "message": told.get("cause", "")}


def _execution_prefix(machine: str) -> str:
    return machine.replace(":stateMachine:", ":execution:")


def _time(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat(timespec="seconds")


def _stamp(milliseconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds")
