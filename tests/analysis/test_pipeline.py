from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.analysis.pipeline import reduced, to_pipeline
from jupyter_zflow.model.analysis import AnalysedStage, Analysis
from jupyter_zflow.model.compute import Compute, DatabricksCompute, SageMakerCompute, SlurmCompute
from jupyter_zflow.model.pipeline import PipelineSettings, Schedule
from jupyter_zflow.model.stage import StageKind, StageSettings


@pytest.mark.parametrize(
    ("settings", "kind", "compute"),
    [
        ({}, "processing", SageMakerCompute()),
        ({"kind": "training"}, "training", SageMakerCompute()),
        (
            {"compute": "ml.g5.xlarge"},
            "processing",
            SageMakerCompute(instance_type="ml.g5.xlarge"),
        ),
        (
            {"compute": "ml.p4d.24xlarge"},
            "training",
            SageMakerCompute(instance_type="ml.p4d.24xlarge"),
        ),
        ({"compute": {"spot": True}}, "training", SageMakerCompute(spot=True)),
        ({"compute": {"queue": "gpu"}}, "slurm", SlurmCompute(queue="gpu")),
        (
            {"compute": {"existing_cluster_id": "x"}},
            "databricks",
            DatabricksCompute(existing_cluster_id="x"),
        ),
        ({"kind": "databricks"}, "databricks", DatabricksCompute()),
    ],
)
def test_kind_and_compute(settings: dict[str, object], kind: StageKind, compute: Compute) -> None:
    stage = AnalysedStage(name="a b", settings=StageSettings.model_validate(settings), cells=(0,))

    (made,) = to_pipeline(Analysis(name="p", stages=(stage,))).stages

    assert (made.kind, made.compute, made.notebook) == (kind, compute, "stages/a b.ipynb")


def test_settings_of_the_pipeline() -> None:
    settings = PipelineSettings(description="d", schedule="rate(1 day)", tags={"a": "b"})

    pipeline = to_pipeline(Analysis(name="p", settings=settings))

    assert pipeline.description == "d"
    assert pipeline.schedule == Schedule(expression="rate(1 day)")
    assert pipeline.tags == {"a": "b"}


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            {"a": (), "b": ("a",), "c": ("a", "b")},
            {"a": (), "b": ("a",), "c": ("b",)},
        ),
        (
            {"a": ("c",), "b": (), "c": ()},
            {"b": (), "c": (), "a": ("c",)},
        ),
        (
            {"a": (), "b": ("a",), "c": ("a",), "d": ("a", "b", "c")},
            {"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c")},
        ),
    ],
)
def test_reduced(after: dict[str, tuple[str, ...]], expected: dict[str, tuple[str, ...]]) -> None:
    assert list(reduced(after).items()) == list(expected.items())


def closure(after: dict[str, tuple[str, ...]], name: str) -> set[str]:
    return set(after[name]).union(*(closure(after, near) for near in after[name]))


@given(st.lists(st.sets(st.integers(0, 6)), min_size=7, max_size=7))
def test_reduced_keeps_who_waits_for_whom(edges: list[set[int]]) -> None:
    after = {
        str(stage): tuple(str(other) for other in sorted(others) if other < stage)
        for stage, others in enumerate(edges)
    }

    result = reduced(after)

    assert {name: closure(result, name) for name in after} == {
        name: closure(after, name) for name in after
    }
