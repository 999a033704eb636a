from __future__ import annotations

import json
import re
from typing import Any

import pytest

from jupyter_zflow.errors import DefinitionError, SettingsError
from jupyter_zflow.model.compute import (
    DatabricksCompute,
    LocalCompute,
    SageMakerCompute,
    SlurmCompute,
)
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline
from jupyter_zflow.model.stage import Retry, Stage, TransformData
from jupyter_zflow.synth import definition, definition_sha256, definition_text, render
from jupyter_zflow.synth.checks.machine import states

NAME = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")


def task(**settings: Any) -> dict[str, Any]:
    """Return the state of a pipeline's only stage."""
    stage = Stage(name="fit", **settings)
    return dict(states(definition(Pipeline(name="p", stages=(stage,)))))["fit"]


def evaluate(source: str, *, attempt: int = 0, execution: str = "e1", **names: Any) -> Any:
    from hashlib import sha256

    from jsonata import Jsonata

    expression = Jsonata(source.removeprefix("{%").removesuffix("%}").strip())
    frame = expression.create_frame()
    context = {
        "Execution": {"Id": f"arn:{execution}", "Name": execution, "RedriveCount": 0},
        "State": {"RetryCount": attempt},
    }
    frame.bind("states", {"context": context, "input": names.get("input")})
    frame.bind("defaults", names.get("defaults"))
    expression.register_lambda("hash", lambda text, _kind: sha256(text.encode()).hexdigest())
    return expression.evaluate(None, frame)


def body(*parameters: Parameter) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the defaults and what is written into ``execution.json``."""
    machine = definition(Pipeline(name="p", parameters=parameters, stages=(Stage(name="fit"),)))
    first, second, *_ = machine["States"].values()
    assert evaluate(second["Arguments"]["Key"]) == "p/executions/e1/execution.json"
    return first["Assign"]["defaults"], second["Arguments"]["Body"]


@pytest.mark.parametrize(
    ("defaults", "given", "merged"),
    [
        ({}, {}, {}),
        ({"lr": 0.1, "name": None}, {}, {"lr": 0.1, "name": None}),
        ({"lr": 0.1, "name": None}, {"lr": 1}, {"lr": 1, "name": None}),
        ({"lr": 0.1, "name": "x"}, {"name": None, "lr": [1]}, {"lr": [1], "name": None}),
        ({"only": {"a": []}}, {"only": {"b": 1}}, {"only": {"b": 1}}),
    ],
)
def test_parameters_are_merged_with_the_input(
    defaults: dict[str, Any], given: dict[str, Any], merged: dict[str, Any]
) -> None:
    assigned, written = body(*(Parameter(name=k, default=v) for k, v in defaults.items()))

    assert assigned == defaults
    assert evaluate(written["parameters"], defaults=assigned, input=given) == merged


@pytest.mark.parametrize(
    ("defaults", "given", "unknown"),
    [
        ({}, {"lr": 1}, "lr"),
        ({"lr": 1}, {"rl": 1}, "rl"),
        ({"lr": 1, "n": 1}, {"lr": 1, "a": 1, "b": 1}, "a, b"),
    ],
)
def test_an_unknown_parameter_stops_the_execution(
    defaults: dict[str, Any], given: dict[str, Any], unknown: str
) -> None:
    from jsonata.jexception import JException

    assigned, written = body(*(Parameter(name=k, default=v) for k, v in defaults.items()))

    with pytest.raises(JException, match=f"Unknown parameter: {unknown}"):
        evaluate(written["parameters"], defaults=assigned, input=given)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("processing", "ProcessingJobName"),
        ("training", "TrainingJobName"),
        ("transform", "TransformJobName"),
    ],
)
def test_job_names_differ_for_each_attempt_and_execution(kind: str, field: str) -> None:
    stage = Stage(name="A rather long name of a stage, ünicode", kind=kind)  # type: ignore[arg-type]
    machine = definition(Pipeline(name="a pipeline with a long name", stages=(stage,)))
    (source,) = [
        s["Arguments"][field] for _, s in states(machine) if field in s.get("Arguments", {})
    ]

    names = {evaluate(source, attempt=a, execution=e) for a in (0, 1, 999) for e in ("x", "y")}

    assert len(names) == 6
    assert [name for name in names if not NAME.fullmatch(name)] == []


def test_shortened_names_that_meet_are_told_apart() -> None:
    names = ("prepare the training data A", "prepare the training data B", "c")
    machine = definition(Pipeline(name="p", stages=tuple(Stage(name=name) for name in names)))

    jobs = {
        evaluate(state["Arguments"]["ProcessingJobName"])
        for _, state in states(machine)
        if "ProcessingJobName" in state.get("Arguments", {})
    }
    roles = {
        state["Arguments"]["RoleArn"]
        for _, state in states(machine)
        if "RoleArn" in state.get("Arguments", {})
    }

    assert (len(jobs), len(roles)) == (3, 3)


@pytest.mark.parametrize(
    ("settings", "path", "expected"),
    [
        ({"timeout": 60}, "TimeoutSeconds", 60),
        ({"timeout": 60}, "Arguments.StoppingCondition.MaxRuntimeInSeconds", 60),
        ({}, "TimeoutSeconds", None),
        ({"compute": "ml.g5.xlarge"}, "Arguments.AppSpecification.ImageUri", "-gpu"),
        ({"compute": "ml.m5.large"}, "Arguments.AppSpecification.ImageUri", "-cpu"),
        (
            {"compute": SageMakerCompute(image="${AWS::AccountId}.dkr.ecr.x.amazonaws.com/${y}")},
            "Arguments.AppSpecification.ImageUri",
            "${AWS::AccountId}.dkr.ecr.x.amazonaws.com/${!y}",
        ),
        ({"environment": {"A": "${x}"}}, "Arguments.Environment.A", "${!x}"),
        ({"description": "What it does"}, "Comment", "What it does"),
        ({"retry": Retry(max_attempts=0)}, "Retry", None),
        ({"retry": Retry()}, "Retry.0.ErrorEquals.0", "States.TaskFailed"),
        ({"retry": Retry(errors=("X",))}, "Retry.0.ErrorEquals.0", "X"),
        ({"retry": Retry(errors=("X",))}, "Retry.1.JitterStrategy", "FULL"),
        ({"retry": Retry(max_delay=90)}, "Retry.0.MaxDelaySeconds", 90),
        ({"compute": LocalCompute()}, "Resource", "${LocalActivity}"),
        (
            {"kind": "slurm", "compute": SlurmCompute(queue="gpu long", time="90m")},
            "Resource",
            "${PGpuLongActivity}",
        ),
        (
            {"kind": "slurm", "compute": SlurmCompute(queue="q", time="90m")},
            "TimeoutSeconds",
            90 * 60 + 86_400,
        ),
    ],
)
def test_settings_arrive(settings: dict[str, Any], path: str, expected: Any) -> None:
    value: Any = task(**settings)
    for key in path.split("."):
        value = value[int(key)] if isinstance(value, list) else value.get(key)

    assert value == expected or (isinstance(value, str) and value.endswith(str(expected)))


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2h", 7200),
        ("90m", 5400),
        ("45s", 45),
        ("1d", 86400),
        ("30", 1800),
        ("10:30", 630),
        ("2:00:00", 7200),
        ("1-12", 129600),
        ("1-12:30:00", 131400),
    ],
)
def test_slurm_times(time: str, seconds: int) -> None:
    from jupyter_zflow.synth.jobs.activity import seconds as parsed

    assert parsed(time) == seconds


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"when": "auc > 0.8"}, "'auc' is no parameter and no result"),
        ({"for_each": "regions"}, "does not say what each item is called"),
        ({"max_concurrency": 3}, "has no for_each"),
        ({"heartbeat": 60}, "no signs of life"),
        ({"needs": ("nobody",)}, "which does not come before it"),
        ({"compute": SlurmCompute(queue="gpu")}, "is of kind 'processing'"),
        ({"kind": "slurm"}, "is for 'sagemaker'"),
        ({"compute": "ml.m5.larg"}, "Did you mean ml.m5.large"),
        ({"compute": "ml.p4d.24xlarge"}, "for training jobs only"),
        ({"compute": SageMakerCompute(spot=True)}, "processing jobs have no 'spot'"),
        ({"compute": SageMakerCompute(keep_alive=60)}, "processing jobs have no 'keep_alive'"),
        ({"transform": TransformData()}, "processing jobs have no 'transform'"),
        ({"environment": {"A": "x" * 257}}, "has 257 characters"),
        ({"environment": {"A-B": "x"}}, "'A-B' is no name"),
        ({"kind": "training", "compute": SageMakerCompute(max_wait=60)}, "spot is not set"),
        (
            {"kind": "training", "compute": SageMakerCompute(spot=True, keep_alive=60)},
            "cannot be kept alive",
        ),
        (
            {
                "kind": "training",
                "compute": SageMakerCompute(spot=True, max_wait=60),
                "timeout": 100,
            },
            "max_wait is 60 seconds",
        ),
        (
            {"kind": "transform", "compute": SageMakerCompute(volume_size_gb=50)},
            "transform jobs have no 'volume_size_gb'",
        ),
        ({"kind": "transform", "environment": {"ZFLOW_STAGE": "x"}}, "is ours"),
        (
            {"kind": "transform", "transform": TransformData(input="prepare/a.csv")},
            "'prepare' is no stage before it",
        ),
        (
            {"kind": "transform", "transform": TransformData(split_type="TFRecord")},
            "'TFRecord' is not served",
        ),
        (
            {"kind": "transform", "transform": TransformData(max_payload_mb=0)},
            "of unknown length",
        ),
        (
            {
                "kind": "transform",
                "transform": TransformData(max_payload_mb=60, max_concurrent=2),
            },
            "more than 100",
        ),
        (
            {
                "kind": "transform",
                "transform": TransformData(content_type="text/csv; header=present"),
            },
            "only the first part would have it",
        ),
        ({"retry": Retry(errors=("States.All",))}, "Did you mean 'States.ALL'"),
        ({"retry": Retry(errors=("States.ALL", "X"))}, "beside other names"),
        ({"retry": Retry(interval=60, max_delay=60)}, "max_delay is 60"),
        ({"kind": "slurm", "compute": SlurmCompute(queue="q", time="soon")}, "'soon'"),
        (
            {"kind": "databricks", "compute": DatabricksCompute(job_id=1), "notebook": "stages/x"},
            "its notebook",
        ),
        (
            {
                "kind": "databricks",
                "compute": DatabricksCompute(existing_cluster_id="x", cluster={}),
            },
            "new cluster and for an existing one",
        ),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(settings: dict[str, Any], part: str) -> None:
    with pytest.raises((SettingsError, DefinitionError)) as caught:
        task(**settings)

    assert part in str(caught.value)
    assert "'fit'" in str(caught.value)


@pytest.mark.parametrize(
    ("names", "part"),
    [
        (("a b", "a-b"), "'a b' and 'a-b'"),
        (("a", "a"), "Two stages have the same name"),
        (("***",), "has no letter or digit"),
    ],
)
def test_names_that_collide(names: tuple[str, ...], part: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        definition(Pipeline(name="p", stages=tuple(Stage(name=name) for name in names)))

    assert part in str(caught.value)


def test_our_own_states_make_way_for_stages() -> None:
    stages = (Stage(name="Begin execution"), Stage(name="In parallel- x"))
    machine = definition(Pipeline(name="p", stages=stages))

    assert list(machine["States"])[:2] == ["Set parameters", "Begin execution 2"]


def test_polls_of_many_databricks_stages_share_one_history() -> None:
    def poll(count: int) -> int:
        compute = DatabricksCompute(existing_cluster_id="x")
        stages = (Stage(name=f"s{i}", kind="databricks", compute=compute) for i in range(count))
        found = dict(states(definition(Pipeline(name="p", stages=tuple(stages)))))
        return int(found["s0 wait"]["Seconds"])

    assert [poll(1), poll(2), poll(4)] == [60, 90, 180]


def test_the_digest_is_of_the_text() -> None:
    text = definition_text(Pipeline(name="p", stages=(Stage(name="a"),)))

    assert json.loads(text)["StartAt"] == "Set parameters"
    assert definition_sha256(text) != definition_sha256(text + " ")


@pytest.mark.parametrize("text", ["\u2028", "\x85", "\ufeff", "é", "😀", "\t"])
def test_rendering_keeps_every_character(text: str) -> None:
    assert json.loads(render({"Comment": text})) == {"Comment": text}
