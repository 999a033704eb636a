"""Our interpreter against others: JSONata's own for expressions, ministack's for state machines."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.runner import expressions
from jupyter_zflow.runner.failures import StateFailedError

from .differential import (
    CONDITIONS,
    EXPLAINED,
    EXPRESSIONS,
    FAILING,
    MACHINES,
    VALUES,
    jsonata,
)

if TYPE_CHECKING:
    from .conftest import Machine

FAILED = "failed"
TOOLS = Path(__file__).parents[1] / "tools"
_JUDGE = """
const jsonata = require('jsonata'), {expressions, values} = JSON.parse(require('fs').readFileSync(0));
(async () => {
  const results = [];
  for (const text of expressions) {
    try {
      const value = await jsonata(text).evaluate(values, {states: {input: values}});
      results.push(value === undefined ? null : {value});
    } catch (error) { results.push(null); }
  }
  console.log(JSON.stringify(results));
})();
"""


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """Return what JSONata's own interpreter makes of each expression."""
    node = shutil.which("node")
    if node is None or not (TOOLS / "node_modules" / "jsonata").is_dir():
        pytest.fail("jsonata is missing: run `npm ci` in tests/tools, with Node on the PATH")
    every = [*EXPRESSIONS, *map(jsonata, [*CONDITIONS, *FAILING])]
    done = subprocess.run(
        [node, "-e", _JUDGE],
        input=json.dumps({"expressions": every, "values": VALUES}),
        cwd=TOOLS,
        capture_output=True,
        text=True,
        check=True,
    )
    answers = json.loads(done.stdout)
    return {
        text: FAILED if answer is None else answer.get("value")
        for text, answer in zip(every, answers, strict=True)
    }


def _ours(text: str) -> Any:
    names = {"states": {"input": VALUES}}
    try:
        return expressions.evaluate(text, names, where="here")
    except StateFailedError:
        return FAILED


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expressions(text: str, reference: dict[str, Any]) -> None:
    # In Step Functions an expression has no input but what $states holds.
    names = " ".join(f"${name} := $states.input.{name};" for name in VALUES)
    wanted = reference[text]

    found = _ours(f"({names} $states.input.({text}))")

    same = (found, type(found)) == (wanted, type(wanted))
    same = same or (isinstance(found, float) and found == pytest.approx(wanted))
    assert same is (text not in EXPLAINED), (found, wanted)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_mean_what_they_mean_in_python(
    condition: str, reference: dict[str, Any]
) -> None:
    wanted = eval(condition, {"__builtins__": {"len": len}}, VALUES)

    assert _ours(jsonata(condition)) is wanted
    assert reference[jsonata(condition)] is wanted


@pytest.mark.parametrize("condition", FAILING)
def test_conditions_fail_rather_than_mean_something_else(
    condition: str, reference: dict[str, Any]
) -> None:
    assert _ours(jsonata(condition)) == FAILED
    assert reference[jsonata(condition)] == FAILED


@pytest.fixture(scope="module")
def elsewhere() -> dict[str, Any]:
    """Return how each machine ends in moto's interpreter, which lacks an engine for JSONata."""
    import boto3
    from moto import mock_aws
    from moto.stepfunctions.parser.asl.jsonata import jsonata as engine
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    def evaluate(text: str) -> Any:
        try:
            return expressions.evaluate(text, {}, where="there")
        except StateFailedError as failure:
            raise engine.JSONataException(failure.error, failure.cause) from None

    found: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "_eval_jsonata", evaluate)
        patch.setenv("AWS_ACCESS_KEY_ID", "some")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "some")
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):  # type: ignore[typeddict-item]
            client = boto3.client("stepfunctions", region_name="eu-central-1")
            # One after the other: its parser is not made for threads.
            for name, (machine, data) in MACHINES.items():
                arn = _start(client, machine, data)
                found[name] = arn and _end(client, arn)
    # What it notes of a refused definition would spoil the next one.
    Preprocessor._query_language_per_scope.clear()
    return found


def _start(client: Any, machine: dict[str, Any], data: Any) -> str | None:
    from botocore.exceptions import ClientError
    from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

    Preprocessor._query_language_per_scope.clear()
    try:
        made = client.create_state_machine(
            name=f"m{time.monotonic_ns()}",
            definition=json.dumps({"QueryLanguage": "JSONata", **machine}),
            roleArn="arn:aws:iam::123456789012:role/some",
        )
    except ClientError:
        return None
    arn = made["stateMachineArn"]
    started = client.start_execution(stateMachineArn=arn, input=json.dumps(data))
    return str(started["executionArn"])


def _end(client: Any, arn: str) -> Any:
    for _ in range(1000):
        found = client.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            break
        time.sleep(0.005)
    if found["status"] != "SUCCEEDED":
        return found["status"], found.get("error")
    try:
        return json.loads(found["output"])
    except ValueError:
        return found["output"]  # moto leaves texts as they are


def _here(machine: Machine, definition: dict[str, Any], data: Any) -> Any:
    try:
        return machine.run(definition, data)
    except StateFailedError as failure:
        return "TIMED_OUT" if failure.error == "States.Timeout" else "FAILED", failure.error


_QUERY = (("FAILED", "States.QueryEvaluationError"), ("FAILED", "States.Runtime"))
"""AWS documents the first name where moto has the second."""


@pytest.mark.aws
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MACHINES)
def test_machines(name: str, machine: Machine, elsewhere: dict[str, Any]) -> None:
    ours, theirs = _here(machine, *MACHINES[name]), elsewhere[name]

    same = ours == theirs or (ours, theirs) == _QUERY
    assert same is (name not in EXPLAINED), (ours, theirs)


def test_there_are_enough() -> None:
    assert len(MACHINES) >= 120
    assert EXPLAINED.keys() <= {*MACHINES, *EXPRESSIONS}
