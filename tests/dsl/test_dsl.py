from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow import dsl
from jupyter_zflow.dsl import (
    PipelineBuilder,
    Retry,
    StackBuilder,
    batch_transform_job,
    databricks_job,
    fail,
    local_job,
    processing_job,
    slurm_job,
    training_job,
    wait,
)
from jupyter_zflow.errors import SettingsError, UsageError
from jupyter_zflow.model.parameter import Parameter

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_the_public_names_are_there() -> None:
    assert [name for name in dsl.__all__ if not hasattr(dsl, name)] == []
    assert dsl.__all__ == sorted(dsl.__all__, key=str)


@pytest.mark.parametrize(
    ("stage", "kind", "backend"),
    [
        (processing_job("s"), "processing", "sagemaker"),
        (training_job("s"), "training", "sagemaker"),
        (batch_transform_job("s"), "transform", "sagemaker"),
        (databricks_job("s"), "databricks", "databricks"),
        (slurm_job("s", queue="gpu"), "slurm", "slurm"),
        (local_job("s"), "processing", "local"),
    ],
)
def test_kinds(stage: Any, kind: str, backend: str) -> None:
    assert (stage.kind, stage.compute.backend, stage.notebook) == (kind, backend, "stages/s.ipynb")


def test_stages_follow_each_other_unless_told_otherwise() -> None:
    load, fit = processing_job("load"), training_job("fit")
    pipeline = (
        PipelineBuilder("p")
        .add_stage(load)
        .add_stage(fit)
        .add_stage(processing_job("plot"), after=[load, "fit"])
        .add_stage(processing_job("alone"), after=[])
        .add_stage(processing_job("last"), after=load)
        .build()
    )

    assert {stage.name: stage.after for stage in pipeline.stages} == {
        "load": (),
        "fit": ("load",),
        "plot": ("load", "fit"),
        "alone": (),
        "last": ("load",),
    }


def test_parameters_and_schedule_arrive() -> None:
    pipeline = (
        PipelineBuilder(
            "p",
            description="What it does",
            parameters={"lr": 0.1},
            schedule="cron(0 6 * * ? *)",
            timezone="Europe/Berlin",
            tags={"team": "sizing"},
        )
        .add_parameter("brand", "a", annotation='Literal["a", "b"]', help="Which brand")
        .add_stage(processing_job("s", retry=Retry(max_attempts=1), parameters={"lr": None}))
        .build()
    )

    assert pipeline.parameters == (
        Parameter(name="lr", default=0.1),
        Parameter(name="brand", default="a", annotation='Literal["a", "b"]', help="Which brand"),
    )
    assert pipeline.schedule is not None
    assert pipeline.schedule.timezone == "Europe/Berlin"
    assert pipeline.stages[0].parameters == {"lr": None}


def _added(*stages: Any, **options: Any) -> Callable[[], Any]:
    def make() -> Any:
        pipeline = PipelineBuilder("p")
        for stage in stages[:-1]:
            pipeline.add_stage(stage)
        return pipeline.add_stage(stages[-1], **options)

    return make


@pytest.mark.parametrize(
    ("make", "part"),
    [
        (lambda: processing_job(""), "A stage's name is ''"),
        (lambda: processing_job(None), "A stage's name is None"),  # type: ignore[arg-type]
        (
            lambda: processing_job("s", instance_type="ml.m5.larg"),  # type: ignore[arg-type]
            "Did you mean ml.m5.large",
        ),
        (
            lambda: processing_job("s", instance_type="ml.p5.48xlarge"),  # type: ignore[arg-type]
            "for training jobs only, not for processing jobs",
        ),
        (lambda: processing_job("s", instance_type=None), "is None"),  # type: ignore[arg-type]
        (lambda: processing_job("s", instance_count=0), "instance_count is 0"),
        (lambda: processing_job("s", timeout=0), "timeout is 0"),
        (lambda: processing_job("s", environment={"A": 1}), "environment.A is 1"),  # type: ignore[dict-item]
        (lambda: processing_job("s", retry=3), "retry is 3"),  # type: ignore[arg-type]
        (lambda: wait("w"), "needs either seconds or until"),
        (lambda: wait("w", seconds=0), "seconds is 0"),
        (lambda: fail(""), "A stage's name is ''"),
        (lambda: PipelineBuilder("p", kms_key="mine"), "kms_key is 'mine'"),
        (lambda: PipelineBuilder("p", on_failure="arn:aws:sqs:x:1:q"), "on_failure is"),
        (lambda: PipelineBuilder("p", subnets=["subnet-1"]), "need each other"),
        (lambda: PipelineBuilder("p", log_days=31), "log_days is 31"),  # type: ignore[arg-type]
        (lambda: PipelineBuilder("p", role_path="team"), "role_path is 'team'"),
        (lambda: PipelineBuilder(" "), "A pipeline's name is ' '"),
        (lambda: PipelineBuilder("p", schedule="0 6 * * *"), "Use cron(...)"),
        (
            lambda: PipelineBuilder("p", schedule="rate(1 day)", timezone="Europe/Berln"),
            "Did you mean Europe/Berlin",
        ),
        (lambda: PipelineBuilder("p").build(), "has no stage"),
        (
            lambda: PipelineBuilder("p", parameters={"a": 1}).add_parameter("a"),
            "two parameters 'a'",
        ),
        (_added(processing_job("s"), processing_job("s")), "two stages 's'"),
        (_added("s"), "takes a stage, not 's'"),
        (
            _added(processing_job("load"), processing_job("fit"), after="laod"),
            "Did you mean 'load'",
        ),
        (_added(processing_job("a"), after=[processing_job("b")]), "Added so far: none"),
        (lambda: StackBuilder(""), "A stack's name is ''"),
        (lambda: StackBuilder("s").generate(), "has no pipeline"),
        (lambda: StackBuilder("s").add_pipeline("p"), "takes a pipeline"),  # type: ignore[arg-type]
        (
            lambda: StackBuilder("s").add_pipeline(_one()).add_pipeline(_one()),
            "two pipelines 'one'",
        ),
    ],
)
def test_wrong_values_are_named(make: Callable[[], Any], part: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make()

    assert part in str(caught.value)


def _one() -> PipelineBuilder:
    return PipelineBuilder("one").add_stage(processing_job("s"))


def test_a_missing_notebook_is_named(tmp_path: Path) -> None:
    stack = StackBuilder("s", folder=tmp_path).add_pipeline(_one())

    with pytest.raises(UsageError) as caught:
        stack.generate(tmp_path / "template.yaml")

    assert str(caught.value).startswith(f"Stage 's' has no notebook stages/s.ipynb in {tmp_path}.")


def test_options_are_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        processing_job("s", "ml.m5.large")  # type: ignore[misc]
