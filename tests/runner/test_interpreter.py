"""Each type of state, retries, catchers and time limits, in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.runner.failures import StateFailedError

from .conftest import row

if TYPE_CHECKING:
    from jupyter_zflow.runner.interpreter import TaskCall

    from .conftest import Machine

TASK: dict[str, Any] = {"Type": "Task", "Resource": "r"}
IN = "{% $states.input %}"

OUTPUTS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "pass hands on its input": (row(("a", {"Type": "Pass"})), {"x": None}, {"x": None}),
    "pass with output": (
        row(("a", {"Type": "Pass", "Output": {"y": "{% $states.input.x + 1 %}", "z": [1, "t"]}})),
        {"x": 1}, {"y": 2, "z": [1, "t"]}),
    "variables": (
        row(("a", {"Type": "Pass", "Assign": {"v": "{% $states.input.x %}"}, "Output": 0}),
            ("b", {"Type": "Pass", "Output": "{% $v * 2 %}"})), {"x": 4}, 8),
    "null stays null": (
        row(("a", {"Type": "Pass", "Assign": {"v": None}}),
            ("b", {"Type": "Pass", "Output": {"v": "{% $v %}", "e": "{% $exists($v) %}"}})),
        {}, {"v": None, "e": True}),
    "merge": (
        row(("a", {"Type": "Pass", "Assign": {"d": {"n": 5, "l": [1]}}}),
            ("b", {"Type": "Pass", "Output": "{% $merge([$d, $states.input]) %}"})),
        {"n": None}, {"n": None, "l": [1]}),
    "list of one": (row(("a", {"Type": "Pass", "Output": {"l": "{% $states.input.l %}"}})), {"l": [1]}, {"l": [1]}),
    "empty list": (row(("a", {"Type": "Pass", "Output": {"l": "{% $states.input.l %}"}})), {"l": []}, {"l": []}),
    "context": (
        row(("a", {"Type": "Pass", "Output": "{% $states.context.Execution.Name & '/' & $states.context.State.Name & $string($states.context.State.RetryCount) %}"})),
        {}, "e1/a0"),
    "hash": (row(("a", {"Type": "Pass", "Output": "{% $substring($hash('a' & 0, 'SHA-256'), 0, 8) %}"})), {}, "4e1195df"),
    "parse": (row(("a", {"Type": "Pass", "Output": "{% $parse('{\"a\": [1]}').a %}"})), {}, [1]),
    "range and partition": (row(("a", {"Type": "Pass", "Output": "{% $partition($range(1, 5, 2), 2) %}"})), {}, [[1, 3], [5]]),
    "task result": (row(("a", {**TASK, "Arguments": {"k": "{% $states.input.x %}"}})), {"x": 3}, {"k": 3}),
    "task output and assign": (
        row(("a", {**TASK, "Arguments": {"k": 1}, "Assign": {"r": "{% $states.result.k %}"}, "Output": IN}),
            ("b", {"Type": "Pass", "Output": "{% $r + $states.input.x %}"})), {"x": 3}, 4),
    "choice": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [
                {"Condition": "{% $states.input.x > 5 %}", "Next": "big", "Assign": {"v": 1}},
                {"Condition": "{% $states.input.x in [1, 2] %}", "Next": "small"}], "Default": "other"},
            "big": {"Type": "Pass", "Output": "{% $v %}", "End": True},
            "small": {"Type": "Pass", "Output": "small", "End": True},
            "other": {"Type": "Pass", "Output": "other", "End": True}}}, {"x": 2}, "small"),
    "choice default": (
        {"StartAt": "c", "States": {
            "c": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "d"}], "Default": "d", "Output": 7},
            "d": {"Type": "Succeed"}}}, {}, 7),
    "parallel": (
        row(("p", {"Type": "Parallel", "Branches": [
            row(("a", {"Type": "Pass", "Output": "{% $states.input.x %}"})),
            row(("b", {"Type": "Pass", "Output": 2}))]})), {"x": 1}, [1, 2]),
    "branch reads outer variables, writes its own": (
        row(("v", {"Type": "Pass", "Assign": {"v": 1}}),
            ("p", {"Type": "Parallel", "Arguments": {"k": 5}, "Branches": [
                row(("a", {"Type": "Pass", "Assign": {"w": "{% $v + $states.input.k %}"}}), ("b", {"Type": "Pass", "Output": "{% $w %}"}))]}),
            ("e", {"Type": "Pass", "Output": {"r": IN, "w": "{% $exists($w) %}"}})), {}, {"r": [6], "w": False}),
    "map": (
        row(("m", {"Type": "Map", "Items": "{% $states.input.l %}", "ItemSelector": {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}"},
            "ItemProcessor": row(("a", {"Type": "Pass", "Output": "{% $states.input.i * 10 + $states.input.v %}"}))})),
        {"l": [3, 4]}, [3, 14]),
    "map of nothing": (row(("m", {"Type": "Map", "Items": "{% $states.input.l %}", "ItemProcessor": row(("a", {"Type": "Pass"}))})), {"l": []}, []),
    "succeed": ({"StartAt": "s", "States": {"s": {"Type": "Succeed", "Output": {"a": 1}}}}, {}, {"a": 1}),
    "braces that are no expression": (row(("a", {"Type": "Pass", "Output": "{% '{% x %}' %}"})), {}, "{% x %}"),
}  # fmt: skip


@pytest.mark.parametrize("name", OUTPUTS)
def test_output(name: str, machine: Machine) -> None:
    states, data, expected = OUTPUTS[name]
    assert machine.run(states, data) == expected


FAILURES: dict[str, tuple[dict[str, Any], str]] = {
    "fail": ({"StartAt": "f", "States": {"f": {"Type": "Fail", "Error": "Mine", "Cause": "{% 'c' & 1 %}"}}}, "Mine: c1"),
    "expression without value": (row(("a", {"Type": "Pass", "Output": "{% $states.input.nope %}"})), "States.QueryEvaluationError"),
    "wrong expression": (row(("a", {"Type": "Pass", "Output": "{% ((( %}"})), "States.QueryEvaluationError"),
    "unknown function": (row(("a", {"Type": "Pass", "Output": "{% $nope(1) %}"})), "States.QueryEvaluationError"),
    "no eval": (row(("a", {"Type": "Pass", "Output": "{% $eval('1') %}"})), "States.QueryEvaluationError"),
    "condition that is no truth": ({"StartAt": "c", "States": {"c": {"Type": "Choice", "Choices": [{"Condition": "{% 1 %}", "Next": "s"}]}, "s": {"Type": "Succeed"}}}, "States.QueryEvaluationError"),
    "no choice": ({"StartAt": "c", "States": {"c": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "s"}]}, "s": {"Type": "Succeed"}}}, "States.NoChoiceMatched"),
    "states cannot be assigned": (row(("a", {"Type": "Pass", "Assign": {"states": 1}})), "States.Runtime"),
    "map over no list": (row(("m", {"Type": "Map", "Items": "{% 3 %}", "ItemProcessor": row(("a", {"Type": "Pass"}))})), "States.QueryEvaluationError"),
    "branch fails": (row(("p", {"Type": "Parallel", "Branches": [row(("a", {"Type": "Fail", "Error": "Mine"}))]})), "Mine"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
def test_failure(name: str, machine: Machine) -> None:
    states, told = FAILURES[name]
    with pytest.raises(StateFailedError) as failure:
        machine.run(states, {})
    assert str(failure.value).startswith(told)


class Flaky:
    """A resource that fails some times before it works."""

    def __init__(self, *errors: str) -> None:
        self._errors = list(errors)

    async def __call__(self, call: TaskCall) -> Any:
        """Fail or return the number of retries."""
        if self._errors:
            raise StateFailedError(self._errors.pop(0), "boom")
        return call.attempt


def retrying(**rule: Any) -> dict[str, Any]:
    """Return a machine of one task with one retrier."""
    return row(("a", {**TASK, "Retry": [{"ErrorEquals": ["States.ALL"], **rule}]}))


RETRIES: dict[str, tuple[dict[str, Any], tuple[str, ...], Any, list[float]]] = {
    "defaults": (retrying(), ("E", "E"), 2, [1.0, 2.0]),
    "backoff": (retrying(IntervalSeconds=10, BackoffRate=3, MaxAttempts=4), ("E",) * 4, 4, [10, 30, 90, 270]),
    "longest pause": (retrying(IntervalSeconds=10, MaxDelaySeconds=15), ("E", "E"), 2, [10, 15]),
    "exhausted": (retrying(MaxAttempts=1), ("E", "F"), "F: boom", [1.0]),
    "none wanted": (retrying(MaxAttempts=0), ("E",), "E: boom", []),
    "other error": (row(("a", {**TASK, "Retry": [{"ErrorEquals": ["X"]}]})), ("E",), "E: boom", []),
    "task failed covers names": (row(("a", {**TASK, "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]})), ("SageMaker.X",), 1, [1.0]),
    "task failed covers no timeout": (row(("a", {**TASK, "Retry": [{"ErrorEquals": ["States.TaskFailed"]}]})), ("States.Timeout",), "States.Timeout: boom", []),
    "timeout covers heartbeats": (row(("a", {**TASK, "Retry": [{"ErrorEquals": ["States.Timeout"]}]})), ("States.HeartbeatTimeout",), 1, [1.0]),
    "runtime errors are never retried": (retrying(), ("States.Runtime",), "States.Runtime: boom", []),
    "first matching rule counts alone": (
        row(("a", {**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 5}]})),
        ("E", "E"), "E: boom", [1.0]),
    "each rule counts by itself": (
        row(("a", {**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}, {"ErrorEquals": ["F"], "IntervalSeconds": 5}]})),
        ("E", "F"), 2, [1.0, 5.0]),
}  # fmt: skip


@pytest.mark.parametrize("name", RETRIES)
def test_retry(name: str, machine: Machine) -> None:
    states, errors, expected, pauses = RETRIES[name]
    try:
        found: Any = machine.run(states, {}, task=Flaky(*errors))
    except StateFailedError as failure:
        found = str(failure)

    assert (found, machine.clock.pauses) == (expected, pauses)


def test_jitter_stays_below_the_pause(machine: Machine) -> None:
    states = retrying(IntervalSeconds=8, BackoffRate=1, JitterStrategy="FULL", MaxAttempts=9)
    machine.run(states, {}, task=Flaky(*["E"] * 9))

    assert all(0 <= pause <= 8 for pause in machine.clock.pauses)
    assert len(set(machine.clock.pauses)) == 9


def test_retried_parallel_runs_all_branches_again(machine: Machine) -> None:
    branches = [row(("a", TASK)), row(("b", TASK))]
    states = row(
        ("p", {"Type": "Parallel", "Arguments": {"n": "{% $states.context.State.RetryCount %}"},
               "Branches": branches, "Retry": [{"ErrorEquals": ["E"]}]})
    )  # fmt: skip

    machine.run(states, {}, task=Flaky("E"))

    assert [call.state for call in machine.calls] == ["a", "b", "a", "b"]


def test_catcher_leads_elsewhere(machine: Machine) -> None:
    catch = [
        {
            "ErrorEquals": ["States.ALL"],
            "Next": "c",
            "Assign": {"e": "{% $states.errorOutput.Error %}"},
        }
    ]
    states = row(
        ("a", {**TASK, "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}], "Catch": catch}),
        ("b", {"Type": "Succeed"}),
        ("c", {"Type": "Pass", "Output": {"e": "{% $e %}", "in": IN}}),
    )

    assert machine.run(states, {}, task=Flaky("E", "E", "E")) == {
        "e": "E",
        "in": {"Error": "E", "Cause": "boom"},
    }


def test_runtime_error_is_never_caught(machine: Machine) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "b"}]
    states = row(("a", {**TASK, "Catch": catch}), ("b", {"Type": "Succeed"}))
    with pytest.raises(StateFailedError, match=r"States\.Runtime"):
        machine.run(states, {}, task=Flaky("States.Runtime"))


@pytest.mark.parametrize(
    ("limits", "seconds", "expected"),
    [
        ({"TimeoutSeconds": 10}, 9, "done"),
        ({"TimeoutSeconds": 10}, 11, "States.Timeout"),
        ({"TimeoutSeconds": "{% 5 + 5 %}"}, 11, "States.Timeout"),
        ({"HeartbeatSeconds": 5, "TimeoutSeconds": 100}, 30, "States.HeartbeatTimeout"),
    ],
)
def test_time_limit(
    limits: dict[str, Any], seconds: float, expected: str, machine: Machine
) -> None:
    async def work(_: TaskCall) -> str:
        await machine.clock.sleep(seconds)
        return "done"

    try:
        found = machine.run(row(("a", {**TASK, **limits})), {}, task=work)
    except StateFailedError as failure:
        found = failure.error

    assert found == expected


def test_heartbeats_keep_a_task_alive(machine: Machine) -> None:
    async def work(call: TaskCall) -> str:
        for _ in range(10):
            await machine.clock.sleep(4)
            call.beat()
        return "done"

    assert machine.run(row(("a", {**TASK, "HeartbeatSeconds": 5})), {}, task=work) == "done"


def test_branches_run_at_the_same_time(machine: Machine) -> None:
    async def work(_: TaskCall) -> None:
        await machine.clock.sleep(10)

    branches = [row((f"b{number}", TASK)) for number in range(8)]
    machine.run(row(("p", {"Type": "Parallel", "Branches": branches})), {}, task=work)

    assert machine.clock.time == 10


def test_map_keeps_its_limit(machine: Machine) -> None:
    async def work(_: TaskCall) -> None:
        await machine.clock.sleep(10)

    states = {
        "Type": "Map",
        "Items": "{% [1..6] %}",
        "MaxConcurrency": 2,
        "ItemProcessor": row(("a", TASK)),
    }
    machine.run(row(("m", states)), {}, task=work)

    assert machine.clock.time == 30


def test_first_failure_stops_the_other_branches(machine: Machine) -> None:
    stopped = []

    async def work(call: TaskCall) -> None:
        if call.state == "bad":
            await machine.clock.sleep(1)
            raise StateFailedError("E")
        try:
            await machine.clock.sleep(100)
        finally:
            stopped.append(call.state)

    branches = [row((name, TASK)) for name in ("good", "bad")]
    with pytest.raises(StateFailedError, match="E"):
        machine.run(row(("p", {"Type": "Parallel", "Branches": branches})), {}, task=work)

    assert (stopped, machine.clock.time) == (["good"], 1)


def test_wait(machine: Machine) -> None:
    states = row(
        ("a", {"Type": "Wait", "Seconds": "{% $states.input.s %}"}),
        ("b", {"Type": "Wait", "Timestamp": "2030-01-01T00:01:00Z"}),
    )

    machine.run(states, {"s": 20})

    assert machine.clock.pauses == [20, 40]


def test_whole_machine_has_a_time_limit(machine: Machine) -> None:
    states = {**row(("a", {"Type": "Wait", "Seconds": 20})), "TimeoutSeconds": 10}
    with pytest.raises(StateFailedError, match=r"States\.Timeout"):
        machine.run(states, {})


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no states": ({"StartAt": "a"}, "StartAt is 'a'"),
    "unknown type": (row(("a", {"Type": "Loop"})), "type 'Loop'"),
    "unknown field": (row(("a", {"Type": "Pass", "ResultPath": None})), "field 'ResultPath'"),
    "JSONPath field": (row(("a", {**TASK, "InputPath": "$"})), "field 'InputPath'"),
    "leads nowhere": ({"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "z"}}}, "leads to 'z'"),
    "neither next nor end": ({"StartAt": "a", "States": {"a": {"Type": "Pass"}}}, "either Next or End"),
    "retrier field": (row(("a", {**TASK, "Retry": [{"ErrorEquals": ["E"], "Foo": 1}]})), "field 'Foo'"),
    "inside a branch": (row(("p", {"Type": "Parallel", "Branches": [row(("a", {"Type": "Loop"}))]})), "type 'Loop'"),
    "distributed map": (row(("m", {"Type": "Map", "ItemProcessor": {**row(("a", {"Type": "Pass"})), "ProcessorConfig": {"Mode": "DISTRIBUTED"}}})), "only inline maps"),
    "other language": ({**row(("a", {"Type": "Pass"})), "QueryLanguage": "JSONPath"}, "only 'JSONata'"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_unknown_definition_is_refused(name: str, machine: Machine) -> None:
    states, told = REFUSED[name]
    with pytest.raises(DefinitionError, match=told):
        machine.run(states, {})
