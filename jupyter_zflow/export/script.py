"""``pipeline.py``: the script that a reviewer reads, and the CDK app that makes the template.

It says what differs from the defaults and nothing else; its order is the order in which the
stages run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.export.source import LINE_LENGTH, Call, Name, statement
from jupyter_zflow.model.compute import LocalCompute, SageMakerCompute
from jupyter_zflow.model.names import identifier
from jupyter_zflow.model.surroundings import Surroundings

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.model.value import Value

FUNCTIONS = {
    "processing": "processing_job",
    "training": "training_job",
    "transform": "batch_transform_job",
    "databricks": "databricks_job",
    "slurm": "slurm_job",
}
_RESERVED = {"pipeline", "stack", *FUNCTIONS.values(), "local_job"}


def script(pipeline: Pipeline, *, notebook: str) -> str:
    """Return the source of the script."""
    variables = {stage.name: _variable(stage.name) for stage in pipeline.stages}
    used = {_function(stage) for stage in pipeline.stages}
    if any(stage.retry is not None for stage in pipeline.stages):
        used.add("Retry")
    if any(stage.transform is not None for stage in pipeline.stages):
        used.add("TransformData")
    if pipeline.triggers:
        used.add("Trigger")
    imported = sorted({"PipelineBuilder", "StackBuilder", *used}, key=_import_order)
    blocks = [
        _docstring(pipeline, notebook),
        _imports(imported),
        "\n".join(_stage(stage, variables[stage.name]) for stage in pipeline.stages),
        "\n".join([_pipeline(pipeline), *_parameters(pipeline)]),
        "\n".join(_order(pipeline, variables)),
        "\n".join(
            [
                statement("stack = ", "StackBuilder", [pipeline.name], {}),
                "stack.add_pipeline(pipeline)",
                "stack.generate()",
            ]
        ),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _import_order(name: str) -> tuple[bool, str]:
    """Classes before functions, as import sorters have it."""
    return (name[0].islower(), name)


def _docstring(pipeline: Pipeline, notebook: str) -> str:
    text = pipeline.description or f"Pipeline {pipeline.name}."
    first = " ".join(text.split()).replace("\\", "\\\\").replace('"', "'")
    return f'"""{first}\n\nExported from {notebook}.\n"""'


def _imports(names: list[str]) -> str:
    line = f"from jupyter_zflow.dsl import {', '.join(names)}"
    if len(line) <= LINE_LENGTH:
        return line
    return "\n".join(["from jupyter_zflow.dsl import (", *(f"    {name}," for name in names), ")"])


def _variable(name: str) -> str:
    word = identifier(name)
    return f"{word}_stage" if word in _RESERVED else word


def _stage(stage: Stage, variable: str) -> str:
    keywords = {
        **_compute(stage),
        **_changed(stage, skip=("name", "kind", "compute", "after", "needs")),
    }
    keywords.pop("notebook", None)
    if stage.retries:
        rules = [
            Call("Retry", {"max_attempts": retry.max_attempts} | _changed(retry))
            for retry in stage.retries
        ]
        keywords["retry"] = rules if isinstance(stage.retry, tuple) else rules[0]
    if stage.transform is not None:
        del keywords["transform"]
        keywords["data"] = Call("TransformData", _changed(stage.transform))
    return statement(f"{variable} = ", _function(stage), [stage.name], keywords)


def _function(stage: Stage) -> str:
    return "local_job" if isinstance(stage.compute, LocalCompute) else FUNCTIONS[stage.kind]


def _compute(stage: Stage) -> dict[str, Any]:
    keywords = _changed(stage.compute, skip=("backend",))
    if isinstance(stage.compute, SageMakerCompute):
        # What a stage costs is worth a line, even where it is the default.
        keywords = {"instance_type": stage.compute.instance_type, **keywords}
    return keywords


def _changed(value: Value, *, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the fields that differ from their defaults."""
    content = value.model_dump(mode="json", exclude_defaults=True)
    return {name: item for name, item in content.items() if name not in skip}


def _pipeline(pipeline: Pipeline) -> str:
    keywords: dict[str, Any] = {}
    if pipeline.description:
        keywords["description"] = pipeline.description
    if pipeline.schedule is not None:
        keywords["schedule"] = pipeline.schedule.expression
        if pipeline.schedule.timezone != "UTC":
            keywords["timezone"] = pipeline.schedule.timezone
        if pipeline.schedule.parameters:
            keywords["schedule_parameters"] = pipeline.schedule.parameters
    if pipeline.tags:
        keywords["tags"] = pipeline.tags
    changed = _changed(pipeline)
    keywords |= {name: changed[name] for name in Surroundings.model_fields if name in changed}
    if pipeline.triggers:
        keywords["triggers"] = [Call("Trigger", _changed(item)) for item in pipeline.triggers]
    return statement("pipeline = ", "PipelineBuilder", [pipeline.name], keywords)


def _parameters(pipeline: Pipeline) -> list[str]:
    lines = []
    for parameter in pipeline.parameters:
        keywords: dict[str, Any] = {}
        if parameter.annotation is not None:
            keywords["annotation"] = parameter.annotation
        if parameter.help:
            keywords["help"] = parameter.help
        lines.append(
            statement("", "pipeline.add_parameter", [parameter.name, parameter.default], keywords)
        )
    return lines


def _order(pipeline: Pipeline, variables: dict[str, str]) -> list[str]:
    """Return the stages in order; ``after`` is said only when it is not the stage before."""
    lines = []
    previous: tuple[str, ...] = ()
    for stage in pipeline.stages:
        keywords = {}
        if stage.after != previous:
            keywords["after"] = [Name(variables[name]) for name in stage.after]
        if stage.needs is not None:
            keywords["needs"] = [Name(variables[name]) for name in stage.needs]
        lines.append(statement("", "pipeline.add_stage", [Name(variables[stage.name])], keywords))
        previous = (stage.name,)
    return lines
