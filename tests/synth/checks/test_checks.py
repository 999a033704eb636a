"""One fault each, put into a good pipeline: which check finds it, and what it says."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.model.compute import DatabricksCompute, SageMakerCompute
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Retry, Stage
from jupyter_zflow.synth import definition, render
from jupyter_zflow.synth.checks import RULES, check, check_definition, check_template
from jupyter_zflow.synth.template import build_template

if TYPE_CHECKING:
    from collections.abc import Callable

GOOD = Pipeline(
    name="good",
    stages=(
        Stage(name="prepare", environment={"A": "b"}),
        Stage(name="fit", kind="training", after=("prepare",), retry=Retry(), timeout=600),
        Stage(
            name="score",
            kind="transform",
            after=("fit",),
            compute=SageMakerCompute(instance_type="ml.m5.xlarge"),
        ),
        Stage(name="plot", after=("fit",)),
    ),
    schedule=Schedule(expression="rate(1 day)"),
)

_ABSENT = object()


def put(state: str, path: str, value: Any = _ABSENT) -> Callable[[dict[str, Any]], None]:
    """Return a fault: a value set, or with none removed, at a path inside a state."""

    def fault(machine: dict[str, Any]) -> None:
        *way, last = path.split(".")
        place: Any = _state(machine, state)
        for key in way:
            place = place[int(key)] if isinstance(place, list) else place[key]
        if value is _ABSENT:
            del place[last]
        elif isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value

    return fault


def _state(machine: dict[str, Any], name: str) -> dict[str, Any]:
    if not name:
        return machine
    if name in machine["States"]:
        return machine["States"][name]
    inner = (b for state in machine["States"].values() for b in state.get("Branches", []))
    return next(found for branch in inner if (found := _find(branch, name)))


def _find(machine: dict[str, Any], name: str) -> dict[str, Any] | None:
    return machine["States"].get(name)


FAULTS = {
    "no start": (put("", "StartAt"), "ZF301", "needs StartAt"),
    "start unknown": (
        put("", "StartAt", "Begin executoin"),
        "ZF302",
        "Did you mean 'Begin execution'",
    ),
    "JSONPath": (put("", "QueryLanguage", "JSONPath"), "ZF301", "JSONata"),
    "type": (put("prepare", "Type", "Taks"), "ZF301", "Did you mean 'Task'"),
    "next unknown": (put("prepare", "Next", "fitt"), "ZF302", "Did you mean 'fit'"),
    "next in another branch": (put("prepare", "Next", "score"), "ZF302", "not beside it"),
    "unreachable": (put("prepare", "Next", "In parallel: score, plot"), "ZF302", "'fit' is never"),
    "no next": (put("prepare", "Next"), "ZF301", "either Next or End"),
    "next and end": (put("prepare", "End", True), "ZF301", "either Next or End"),
    "never ends": (put("In parallel: score, plot", "End"), "ZF302", "ends"),
    "JSONPath field": (put("prepare", "ResultPath", None), "ZF301", "'ResultPath'"),
    "misspelt field": (put("prepare", "Argument", {}), "ZF301", "Did you mean 'Arguments'"),
    "no resource": (put("prepare", "Resource"), "ZF301", "no Resource"),
    "no branches": (put("In parallel: score, plot", "Branches", []), "ZF301", "no Branches"),
    "timeout 0": (put("fit", "TimeoutSeconds", 0), "ZF301", "TimeoutSeconds is 0"),
    "timeout text": (put("fit", "TimeoutSeconds", "60"), "ZF301", "TimeoutSeconds is '60'"),
    "heartbeat": (put("fit", "HeartbeatSeconds", 600), "ZF301", "not less than TimeoutSeconds"),
    "attempts text": (put("fit", "Retry.0.MaxAttempts", "3"), "ZF304", "MaxAttempts '3'"),
    "interval 0": (put("fit", "Retry.0.IntervalSeconds", 0), "ZF304", "IntervalSeconds 0"),
    "backoff": (put("fit", "Retry.0.BackoffRate", 0.5), "ZF304", "BackoffRate 0.5"),
    "delay": (put("fit", "Retry.0.MaxDelaySeconds", 30), "ZF304", "MaxDelaySeconds 30"),
    "jitter": (put("prepare", "Retry.0.JitterStrategy", "full"), "ZF304", "'full'"),
    "no errors": (put("fit", "Retry.0.ErrorEquals", []), "ZF304", "names no error"),
    "error name": (
        put("fit", "Retry.0.ErrorEquals", ["States.TaskFail"]),
        "ZF304",
        "Did you mean 'States.TaskFailed'",
    ),
    "ALL with others": (put("fit", "Retry.0.ErrorEquals", ["States.ALL", "X"]), "ZF304", "alone"),
    "retry field": (put("fit", "Retry.0.MaxAttempt", 3), "ZF304", "Did you mean 'MaxAttempts'"),
    "argument typo": (
        put("fit", "Arguments.ResourceConfigs", {}),
        "ZF311",
        "Did you mean 'ResourceConfig'",
    ),
    "argument case": (
        put("fit", "Arguments.ResourceConfig.instanceType", "ml.m5.large"),
        "ZF311",
        "Did you mean 'InstanceType'",
    ),
    "argument missing": (put("fit", "Arguments.OutputDataConfig"), "ZF312", "OutputDataConfig"),
    "instance type": (
        put("fit", "Arguments.ResourceConfig.InstanceType", "ml.m5.larg"),
        "ZF313",
        "Did you mean 'ml.m5.large'",
    ),
    "instance kind": (
        put(
            "prepare",
            "Arguments.ProcessingResources.ClusterConfig.InstanceType",
            "ml.p5.48xlarge",
        ),
        "ZF313",
        "ml.p5.48xlarge",
    ),
    "number as text": (
        put("fit", "Arguments.ResourceConfig.InstanceCount", "1"),
        "ZF313",
        "of type integer",
    ),
    "number too large": (
        put("prepare", "Arguments.StoppingCondition.MaxRuntimeInSeconds", 10**6),
        "ZF313",
        "777600",
    ),
    "null": (put("fit", "Arguments.RoleArn", None), "ZF313", "is null"),
    "role": (put("fit", "Arguments.RoleArn", "arn:aws:iam:role/x"), "ZF313", "must match"),
    "long argument": (
        put("prepare", "Arguments.AppSpecification.ContainerArguments.3", "x" * 257),
        "ZF313",
        "257 characters",
    ),
    "long environment": (put("prepare", "Arguments.Environment.A", "x" * 257), "ZF313", "257"),
    "environment name": (put("prepare", "Arguments.Environment.A-B", "x"), "ZF313", "A-B"),
    "list": (put("fit", "Arguments.InputDataConfig", {}), "ZF313", "It is a list"),
    "object": (put("fit", "Arguments.ResourceConfig", []), "ZF313", "It is an object"),
    "S3 type": (
        put("prepare", "Arguments.ProcessingInputs.0.S3Input.S3DataType", "Prefix"),
        "ZF313",
        "'S3Prefix'",
    ),
    "batch strategy": (
        put("score", "Arguments.BatchStrategy", "multirecord"),
        "ZF313",
        "Did you mean 'MultiRecord'",
    ),
    "action": (
        put("fit", "Resource", "arn:aws:states:::sagemaker:createTrainingJobs.sync"),
        "ZF314",
        "Did you mean 'createTrainingJob'",
    ),
    "no .sync": (
        put("score model", "Resource", "arn:aws:states:::sagemaker:createModel.sync"),
        "ZF314",
        "no '.sync'",
    ),
    "sdk action": (
        put("Begin execution", "Resource", "arn:aws:states:::aws-sdk:s3:putObjects"),
        "ZF314",
        "Did you mean 'PutObject'",
    ),
    "s3 argument": (put("Begin execution", "Arguments.Buckett", "x"), "ZF311", "'Bucket'"),
    "fixed job name": (put("fit", "Arguments.TrainingJobName", "fit"), "ZF315", "another attempt"),
    "job name without retry": (
        put("fit", "Arguments.TrainingJobName", "{% 'fit-' & $states.context.Execution.Name %}"),
        "ZF315",
        "another attempt",
    ),
    "long job name": (
        put(
            "fit",
            "Arguments.TrainingJobName",
            f"{{% '{'x' * 60}-' & $states.context.State.RetryCount %}}",
        ),
        "ZF315",
        "may have 71 characters",
    ),
    "underscore": (
        put(
            "fit",
            "Arguments.TrainingJobName",
            "{% 'my_fit-' & $states.context.State.RetryCount %}",
        ),
        "ZF315",
        "begins with 'my_fit-'",
    ),
    "JSONata syntax": (
        put("prepare", "Output", "{% $states.input + %}"),
        "ZF305",
        "cannot be read",
    ),
    "unknown variable": (
        put("score", "Arguments.ModelName", "{% $scoremodel %}"),
        "ZF305",
        "Did you mean 'score_model'",
    ),
    "unknown function": (
        put("prepare", "Output", "{% $mergge([{}]) %}"),
        "ZF305",
        "Did you mean 'merge'",
    ),
    "eval": (put("prepare", "Output", "{% $eval('1') %}"), "ZF305", "$eval"),
    "variable of the scope around": (
        put("plot", "Assign", {"defaults": 1}),
        "ZF305",
        "assigns $defaults",
    ),
    "payload": (put("prepare", "Assign", {"x": "y" * 300_000}), "ZF342", "300009 bytes"),
}


@pytest.mark.parametrize(("fault", "code", "part"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_in_the_state_machine(
    fault: Callable[[dict[str, Any]], None], code: str, part: str
) -> None:
    machine = copy.deepcopy(definition(GOOD))
    fault(machine)

    found = check_definition(machine)

    assert [
        str(finding) for finding in found if finding.code == code and part in str(finding)
    ] != []


def test_the_good_one_is_clean() -> None:
    assert check(GOOD) == ()


def _role(template: dict[str, Any]) -> list[dict[str, Any]]:
    role = template["Resources"]["GoodStateMachineRole"]["Properties"]
    return role["Policies"][0]["PolicyDocument"]["Statement"]


def _without(action: str) -> Callable[[dict[str, Any]], None]:
    def fault(template: dict[str, Any]) -> None:
        for statement in list(_role(template)):
            actions = statement["Action"]
            if action == actions:
                _role(template).remove(statement)
            elif action in actions:
                statement["Action"] = [other for other in actions if other != action]

    return fault


def _widened(action: str, resource: Any) -> Callable[[dict[str, Any]], None]:
    def fault(template: dict[str, Any]) -> None:
        for statement in _role(template):
            if action in statement["Action"]:
                statement["Resource"] = resource

    return fault


def _added(action: str) -> Callable[[dict[str, Any]], None]:
    return lambda template: _role(template).append(
        {"Effect": "Allow", "Action": action, "Resource": "arn:aws:sagemaker:::x/*"}
    )


def _schedule(field: str, value: str) -> Callable[[dict[str, Any]], None]:
    def fault(template: dict[str, Any]) -> None:
        template["Resources"]["GoodSchedule"]["Properties"][field] = value

    return fault


def _text(text: str) -> Callable[[dict[str, Any]], None]:
    def fault(template: dict[str, Any]) -> None:
        properties = template["Resources"]["GoodStateMachine"]["Properties"]
        properties["DefinitionString"] = {"Fn::Sub": text}

    return fault


def _no_condition(template: dict[str, Any]) -> None:
    for statement in _role(template):
        if statement["Action"] == "iam:PassRole":
            del statement["Condition"]


JOBS = "arn:${AWS::Partition}:sagemaker:${AWS::Region}:${AWS::AccountId}:"

TEMPLATE_FAULTS = {
    **{
        f"without {action}": (_without(action), "ZF321", f"lacks {action}")
        for action in (
            "sagemaker:CreateTrainingJob",
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopProcessingJob",
            "sagemaker:AddTags",
            "sagemaker:CreateModel",
            "events:PutRule",
            "events:PutTargets",
            "iam:PassRole",
            "s3:PutObject",
        )
    },
    "other prefix": (
        _widened("sagemaker:CreateTrainingJob", {"Fn::Sub": f"{JOBS}training-job/other-*"}),
        "ZF321",
        "lacks sagemaker:CreateTrainingJob",
    ),
    "everything": (_widened("sagemaker:CreateTrainingJob", "*"), "ZF322", "more than it needs"),
    "wildcard": (_added("sagemaker:*"), "ZF322", "sagemaker:*"),
    "in vain": (_added("sagemaker:CreateEndpoint"), "ZF322", "no state needs"),
    "pass to anybody": (_no_condition, "ZF322", "any service"),
    "five fields": (_schedule("ScheduleExpression", "cron(0 6 * * *)"), "ZF331", "5 fields"),
    "timezone": (
        _schedule("ScheduleExpressionTimezone", "Europe/Berlinn"),
        "ZF331",
        "Did you mean Europe/Berlin",
    ),
    "no JSON": (_text("{"), "ZF301", "not JSON"),
    "definition too large": (
        _text(render({**definition(GOOD), "Comment": "x" * 1_100_000})),
        "ZF342",
        "Step Functions accepts 1048576",
    ),
}


@pytest.mark.parametrize(
    ("fault", "code", "part"), TEMPLATE_FAULTS.values(), ids=TEMPLATE_FAULTS.keys()
)
def test_faults_in_the_template(
    fault: Callable[[dict[str, Any]], None], code: str, part: str
) -> None:
    template = copy.deepcopy(build_template([GOOD]))
    fault(template)

    found = check_template(template)

    assert [
        str(finding) for finding in found if finding.code == code and part in str(finding)
    ] != []


def test_a_history_that_would_not_fit() -> None:
    compute = DatabricksCompute(existing_cluster_id="x")
    stage = Stage(name="etl", kind="databricks", compute=compute, timeout=10**6)
    machine = definition(Pipeline(name="p", stages=(stage,)))
    assert check_definition(machine) == ()

    text = json.dumps(machine).replace('"Seconds": 500', '"Seconds": 60')

    assert "ZF341" in {finding.code for finding in check_definition(json.loads(text))}


def test_a_large_template_is_said_to_need_an_upload() -> None:
    stages = tuple(Stage(name=f"s{i}") for i in range(20))

    assert [finding.code for finding in check(Pipeline(name="p", stages=stages))] == ["ZF343"]


def test_many_stages_need_more_than_one_policy() -> None:
    pipeline = Pipeline(name="p", stages=tuple(Stage(name=f"s{i}") for i in range(120)))
    template = build_template([pipeline])
    assert {finding.code for finding in check_template(template)} == {"ZF343"}

    role = template["Resources"]["PStateMachineRole"]["Properties"]
    assert role["ManagedPolicyArns"] == [{"Ref": "PPassRole2Policy"}, {"Ref": "PPassRole3Policy"}]
    del role["ManagedPolicyArns"][1]

    lacking = [finding for finding in check_template(template) if finding.code == "ZF321"]
    assert len(lacking) == 40


def test_a_role_that_outgrows_iam() -> None:
    template = build_template([GOOD])
    _role(template).extend(copy.deepcopy(_role(template)) * 4)

    assert "ZF342" in {finding.code for finding in check_template(template)}


def test_every_rule_but_the_unshown_has_a_fault_here() -> None:
    shown = {code for _, code, _ in [*FAULTS.values(), *TEMPLATE_FAULTS.values()]}

    assert RULES.keys() - shown == {"ZF303", "ZF341", "ZF343"}


@pytest.mark.parametrize("name", ["twice", "x" * 81])
def test_names(name: str) -> None:
    machine = definition(GOOD)
    end = {"Type": "Succeed"}
    machine["States"]["prepare"]["Next"] = name
    machine["States"][name] = {"Type": "Pass", "Next": "fit"}
    machine["States"]["In parallel: score, plot"]["Branches"].append(
        {"StartAt": "twice", "States": {"twice": end}}
    )

    assert {finding.code for finding in check_definition(machine)} == {"ZF303"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 9) | st.sampled_from(["", "x", "{% $x %}", "${A}"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["Type", "Next", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_state_machine_breaks_the_checks(data: st.DataObject) -> None:
    machine = copy.deepcopy(definition(GOOD))
    place: Any = machine
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = data.draw(JSON)

    assert isinstance(check_definition(machine), tuple)
