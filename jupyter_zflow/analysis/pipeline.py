"""From what a notebook says to the pipeline that it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.analysis.deciding import Deciding
from jupyter_zflow.model.names import state_name
from jupyter_zflow.model.pipeline import Pipeline
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.model.surroundings import Surroundings
from jupyter_zflow.notebook.compute import resolve
from jupyter_zflow.notebook.settings import schedule_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis


def to_pipeline(analysis: Analysis) -> Pipeline:
    """Return the pipeline; stages come in an order in which they can run.

    Raises
    ------
    SettingsError
        When kind and compute of a stage contradict each other.
    """
    after = reduced({stage.name: stage.after for stage in analysis.stages})
    found = {stage.name: stage for stage in analysis.stages}
    stages = {name: found[name] for name in after}
    deciding = Deciding(stages)
    around = {name: getattr(analysis.settings, name) for name in Surroundings.model_fields}
    return Pipeline(
        **around,
        name=analysis.name,
        description=analysis.settings.description,
        parameters=analysis.parameters,
        stages=tuple(_stage(stages[name], after[name], deciding) for name in after),
        schedule=schedule_of(analysis.settings),
        tags=analysis.settings.tags,
    )


def reduced(after: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the same order with as few pairs as possible, stages sorted so that they can run.

    A stage that waits for B need not say that it also waits for A when B does. Stages keep
    their notebook order wherever that order can run.
    """
    ancestors: dict[str, set[str]] = {}
    result: dict[str, tuple[str, ...]] = {}
    waiting = list(after)
    while waiting:
        ready = next((name for name in waiting if set(after[name]) <= ancestors.keys()), None)
        if ready is None:  # a cycle: a finding, not ours to report
            return {name: tuple(after[name]) for name in after}
        waiting.remove(ready)
        implied = {far for near in after[ready] for far in ancestors[near]}
        result[ready] = tuple(name for name in after[ready] if name not in implied)
        ancestors[ready] = implied | set(after[ready])
    return result


def _stage(stage: AnalysedStage, after: tuple[str, ...], deciding: Deciding) -> Stage:
    settings = stage.settings
    kind, compute = resolve(stage.name, settings)
    return Stage(
        name=stage.name,
        kind=kind,
        compute=compute,
        notebook=notebook_path(stage.name),
        after=after,
        needs=deciding.needs(stage, after),
        outputs=stage.outputs,
        metrics=stage.metrics if kind == "training" else deciding.asked_metrics(stage),
        retry=settings.retry,
        timeout=settings.timeout,
        heartbeat=settings.heartbeat,
        when=deciding.text(stage, settings.when),
        for_each=deciding.text(stage, settings.for_each),
        max_concurrency=settings.max_concurrency,
        tolerated_failures=settings.tolerated_failures,
        may_fail=settings.may_fail,
        metric_definitions=settings.metric_definitions,
        transform=settings.transform,
        environment=settings.environment,
        description=settings.description,
    )


def notebook_path(stage: str) -> str:
    """Return where a stage's notebook is in the pipeline folder."""
    return f"stages/{state_name(stage)}.ipynb"
