"""An execution's history as Step Functions tells it, with what runs at the same time."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jupyter_zflow.deploy import executions
from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.pipeline import Pipeline
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.synth import definition_text

from .fake import FakeAccount

ARN = "arn:aws:states:eu-central-1:000000000000:execution:m:one"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DEFINITION = definition_text(
    Pipeline(
        name="p",
        stages=(
            Stage(name="load"),
            Stage(name="fit", kind="training", after=("load",)),
            Stage(name="plot", after=("load",)),
        ),
    )
).replace("${Bucket}", "some")

HISTORY: list[tuple[int, int, str, dict[str, Any]]] = [
    (1, 0, "ExecutionStarted", {}),
    (2, 1, "TaskStateEntered", {"stateEnteredEventDetails": {"name": "load"}}),
    (3, 2, "TaskScheduled", {}),
    (4, 3, "TaskSucceeded", {}),
    (5, 4, "TaskStateExited", {"stateExitedEventDetails": {"name": "load"}}),
    (6, 5, "ParallelStateEntered", {"stateEnteredEventDetails": {"name": "both"}}),
    (7, 6, "ParallelStateStarted", {}),
    (8, 7, "TaskStateEntered", {"stateEnteredEventDetails": {"name": "fit"}}),
    (9, 7, "TaskStateEntered", {"stateEnteredEventDetails": {"name": "plot"}}),
    (10, 8, "TaskScheduled", {}),
    (11, 9, "TaskScheduled", {}),
    (12, 10, "TaskSubmitted", {"taskSubmittedEventDetails": {
        "output": json.dumps({"TrainingJobArn": "arn:aws:sagemaker:r:a:training-job/p-fit-1-0"})}}),
    (13, 12, "TaskFailed", {"taskFailedEventDetails": {"error": "SageMaker.X", "cause": "full"}}),
    (14, 13, "TaskScheduled", {}),
    (15, 14, "TaskSubmitted", {"taskSubmittedEventDetails": {
        "output": json.dumps({"TrainingJobArn": "arn:aws:sagemaker:r:a:training-job/p-fit-1-1"})}}),
    (16, 15, "TaskFailed", {"taskFailedEventDetails": {"error": "States.TaskFailed", "cause": "bad"}}),
]  # fmt: skip


def account(status: str, results: Any = "NoSuchKey") -> Any:
    return FakeAccount(
        describe_execution={
            "name": "one",
            "executionArn": ARN,
            "status": status,
            "startDate": NOW,
            "input": '{"rate": 1}',
        },
        describe_state_machine_for_execution={"definition": DEFINITION},
        get_execution_history={
            "events": [
                {"id": i, "previousEventId": before, "type": kind, "timestamp": NOW, **details}
                for i, before, kind, details in HISTORY
            ]
        },
        get_object=results,
    )


def test_stages_that_run_at_the_same_time() -> None:
    found = executions.describe(account("FAILED"), ARN)

    assert {s.name: (s.status, s.attempt, s.job) for s in found.stages} == {
        "load": ("SUCCEEDED", 0, None),
        "fit": ("FAILED", 1, "p-fit-1-1"),
        "plot": ("ABORTED", 0, None),
    }
    assert found.error == {"stage": "fit", "name": "States.TaskFailed", "message": "bad"}
    assert (found.folder, found.parameters) == ("s3://some/p/executions/one", {"rate": 1})


def test_what_a_stage_left_tells_more() -> None:
    error = {"name": "ValueError", "message": "no", "cell": 4}
    result = {"status": "FAILED", "metrics": {"auc": 0.5}, "error": error}
    body = json.dumps(result).encode()
    answers = [{"Body": io.BytesIO(body)} for _ in range(4)]

    found = executions.describe(account("RUNNING", answers), ARN)

    fit = next(stage for stage in found.stages if stage.name == "fit")
    assert (fit.error, fit.metrics) == (error, {"auc": 0.5})
    assert found.stages[2].status == "RUNNING"


def test_there_is_none() -> None:
    missing: Any = FakeAccount(describe_execution="ExecutionDoesNotExist", list_executions={})

    with pytest.raises(UsageError, match="no execution 'one'"):
        executions.describe(missing, ARN)
    with pytest.raises(UsageError, match="no execution that runs"):
        executions.find(missing, "arn", None, running=True)


def test_parameters_that_are_too_long() -> None:
    with pytest.raises(UsageError, match="Step Functions takes 262144"):
        executions.start(account("RUNNING"), "arn", name="x", parameters={"a": "x" * 300_000})
