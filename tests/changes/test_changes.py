"""What two versions of a pipeline differ in, in the words of their author."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jupyter_zflow.changes import Facts, compare, lines, read_facts, subject
from jupyter_zflow.model.compute import DatabricksCompute, SageMakerCompute, SlurmCompute
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Retry, Stage
from jupyter_zflow.synth.template import build_template


def pipeline(**fields: Any) -> Pipeline:
    given: dict[str, Any] = {
        "name": "sizes",
        "parameters": (Parameter(name="rate", default=0.5), Parameter(name="names", default=["a"])),
        "stages": (
            Stage(name="load"),
            stage(),
            Stage(name="plot", after=("load",)),
            Stage(name="send", after=("fit", "plot")),
        ),
        "schedule": Schedule(expression="rate(1 day)"),
    }
    return Pipeline(**{**given, **fields})


def stage(**fields: Any) -> Stage:
    given: dict[str, Any] = {"name": "fit", "kind": "training", "after": ("load",)}
    return Stage(**{**given, **fields})


def with_stage(**fields: Any) -> Pipeline:
    stages = tuple(stage(**fields) if s.name == "fit" else s for s in pipeline().stages)
    return pipeline(stages=stages)


def facts(version: Pipeline, **code: Any) -> Facts:
    return read_facts(build_template([version], bundle_version="1"), **code)


def without_permissions(version: Pipeline) -> list[str]:
    found = lines(compare(facts(pipeline()), facts(version)))
    return found[: found.index("permissions")] if "permissions" in found else found


FIT = ["pipeline sizes", "  ~ stage fit"]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        pytest.param(pipeline(), [], id="nothing"),
        pytest.param(
            with_stage(compute=SageMakerCompute(instance_type="ml.m5.4xlarge")),
            [*FIT, "      ~ instance type: ml.m5.large -> ml.m5.4xlarge"],
            id="instance",
        ),
        pytest.param(
            with_stage(compute=SageMakerCompute(volume_size_gb=50), timeout=60),
            [
                *FIT,
                "      ~ volume size in gb: 30 -> 50",
                "      + timeout seconds: 60",
                "      ~ max runtime in seconds: 86400 -> 60",
            ],
            id="volume and timeout",
        ),
        pytest.param(
            with_stage(environment={"MODE": "fast"}),
            [*FIT, "      + variable MODE: fast"],
            id="environment",
        ),
        pytest.param(
            pipeline(parameters=(Parameter(name="rate", default=1), Parameter(name="new"))),
            [
                "pipeline sizes",
                "  ~ parameter rate: 0.5 -> 1",
                "  + parameter new",
                "  - parameter names: was a",
            ],
            id="parameters",
        ),
        pytest.param(
            pipeline(schedule=Schedule(expression="rate(1 day)", timezone="Europe/Berlin")),
            ["pipeline sizes", "  ~ schedule: rate(1 day) (UTC) -> rate(1 day) (Europe/Berlin)"],
            id="timezone",
        ),
        pytest.param(
            pipeline(schedule=None),
            [
                "pipeline sizes",
                "  - schedule: was rate(1 day) (UTC)",
                "- parameter of the stack ScheduleState: was ENABLED",
            ],
            id="no schedule",
        ),
        pytest.param(
            pipeline(stages=(*pipeline().stages[:3], Stage(name="mail", after=("fit", "plot")))),
            [
                "pipeline sizes",
                "  + stage mail (processing, ml.m5.large)",
                "  - stage send (processing, ml.m5.large)",
            ],
            id="renamed",
        ),
        pytest.param(
            pipeline(
                stages=(
                    *pipeline().stages[:2],
                    Stage(name="plot", after=("load", "fit")),
                    pipeline().stages[3],
                )
            ),
            [
                "pipeline sizes",
                "  ~ stage plot",
                "      ~ after: load -> fit",
                "  ~ stage send",
                "      ~ after: fit, plot -> plot",
            ],
            id="order",
        ),
        pytest.param(
            pipeline(name="other"),
            [
                "+ pipeline other",
                "  + stage load (processing, ml.m5.large)",
                "  + stage fit (training, ml.m5.large)",
                "  + stage plot (processing, ml.m5.large)",
                "  + stage send (processing, ml.m5.large)",
                "  + parameter rate: 0.5",
                "  + parameter names: a",
                "  + schedule: rate(1 day) (UTC)",
                "- pipeline sizes",
                "  - stage load (processing, ml.m5.large)",
                "  - stage fit (training, ml.m5.large)",
                "  - stage plot (processing, ml.m5.large)",
                "  - stage send (processing, ml.m5.large)",
                "  - parameter rate: was 0.5",
                "  - parameter names: was a",
                "  - schedule: was rate(1 day) (UTC)",
                "+ resource LogGroup OtherLogs",
                "- resource LogGroup SizesLogs",
            ],
            id="another pipeline",
        ),
    ],
)
def test_what_changed(version: Pipeline, said: list[str]) -> None:
    assert without_permissions(version) == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({"kind": "processing"}, "~ kind: training -> processing", id="kind"),
        pytest.param(
            {"kind": "slurm", "compute": SlurmCompute(queue="gpu", gpus=2)}, "+ gpus: 2", id="slurm"
        ),
        pytest.param(
            {"kind": "databricks", "compute": DatabricksCompute(existing_cluster_id="c-1")},
            "~ kind: training -> databricks",
            id="databricks",
        ),
        pytest.param({"retry": Retry(max_attempts=9)}, "max attempts 9", id="retry"),
        pytest.param({"for_each": "rate in names"}, "~ runs: nothing -> for each of", id="loop"),
        pytest.param({"when": "rate > 0.1"}, "~ runs: nothing -> if ", id="condition"),
    ],
)
def test_kinds_and_control_are_told(fields: dict[str, Any], said: str) -> None:
    found = without_permissions(with_stage(**fields))

    assert "  ~ stage fit" in found
    assert any(said in line for line in found), found


def test_permissions_are_grouped() -> None:
    private = SageMakerCompute(image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/fit:3")

    found = lines(compare(facts(pipeline()), facts(with_stage(compute=private))))

    assert found[found.index("permissions") :] == [
        "permissions",
        "  Stage fit of pipeline sizes",
        "    + ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer on "
        "arn:${AWS::Partition}:ecr:eu-west-1:123456789012:repository/team/fit".replace(
            "arn:${AWS::Partition}:", ""
        ),
        "    + ecr:GetAuthorizationToken on *",
    ]


def notebook(*cells: tuple[str, int | None, str]) -> str:
    return json.dumps(
        {
            "cells": [
                {
                    "id": own_id,
                    "metadata": {} if number is None else {"zflow": {"cell": number}},
                    "source": source.splitlines(keepends=True),
                }
                for own_id, number, source in cells
            ]
        }
    )


def test_code_is_told_cell_by_cell() -> None:
    before = {
        "stages/fit.ipynb": notebook(("a", 1, "x = 1\ny = 2"), ("zflow-save", None, "save('x')")),
        "requirements/fit.txt": "numpy==2.0\npandas==2.2\n",
    }
    now = {
        "stages/fit.ipynb": notebook(
            ("a", 1, "x = 1\ny = 3\nz = 4"), ("b", 2, "new"), ("zflow-save", None, "save('y')")
        ),
        "requirements/fit.txt": "numpy==2.1\n",
    }
    digests = [
        {**version, "files/in.csv": str(number)} for number, version in enumerate((before, now))
    ]

    changes = compare(
        facts(pipeline(), texts=before, digests=digests[0]),
        facts(pipeline(), texts=now, digests=digests[1]),
    )

    assert lines(changes, cells=True) == [
        *FIT,
        "      ~ cell 2 (+2 -1)",
        "           x = 1",
        "          -y = 2",
        "          +y = 3",
        "          +z = 4",
        "      + cell 3 (+1 -0)",
        "          +new",
        "      ~ what it hands on (+1 -1)",
        "          -save('x')",
        "          +save('y')",
        "      ~ package numpy: 2.0 -> 2.1",
        "      - package pandas: was 2.2",
        "~ file files/in.csv",
    ]


@pytest.mark.parametrize(
    ("version", "said"),
    [
        (pipeline(), "sizes: exported again"),
        (
            with_stage(compute=SageMakerCompute(instance_type="ml.g5.xlarge")),
            "sizes: fit on ml.g5.xlarge",
        ),
        (pipeline(schedule=None), "sizes: schedule; permissions"),
        (
            pipeline(stages=pipeline().stages[:2], parameters=()),
            "sizes: remove plot and send; parameters; permissions",
        ),
    ],
)
def test_subject(version: Pipeline, said: str) -> None:
    found = subject(compare(facts(pipeline()), facts(version)), pipeline="sizes")

    assert found.startswith(said)
    assert len(found) <= 72


def test_the_first_version() -> None:
    changes = compare(Facts(), facts(pipeline()))

    assert subject(changes, pipeline="sizes") == "sizes: new pipeline"
    assert lines(changes)[0] == "+ pipeline sizes"
