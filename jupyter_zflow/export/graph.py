"""The pipeline as a Mermaid graph, which GitHub, GitLab and JupyterLab draw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.model.compute import (
    Compute,
    DatabricksCompute,
    SageMakerCompute,
    SlurmCompute,
)
from jupyter_zflow.model.names import identifier

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline


def mermaid(pipeline: Pipeline) -> str:
    """Return the graph; an arrow points to the stage that waits."""
    lines = ["graph LR"]
    for stage in pipeline.stages:
        label = (
            f"{_escaped(stage.name)}<br/><small>{_escaped(compute_label(stage.compute))}</small>"
        )
        lines.append(f'    {_id(stage.name)}["{label}"]')
    lines += [
        f"    {_id(before)} --> {_id(stage.name)}"
        for stage in pipeline.stages
        for before in stage.after
    ]
    return "\n".join(lines) + "\n"


def compute_label(compute: Compute) -> str:
    """Return what a stage runs on, in a few words."""
    if isinstance(compute, SageMakerCompute):
        count = f", {compute.instance_count} instances" if compute.instance_count > 1 else ""
        return f"{compute.instance_type}{count}{', spot' if compute.spot else ''}"
    if isinstance(compute, SlurmCompute):
        return f"queue {compute.queue}{f', {compute.gpus} GPU' if compute.gpus else ''}"
    if isinstance(compute, DatabricksCompute):
        return "Databricks"
    return "this machine"


def _id(name: str) -> str:
    # Mermaid reads words such as `end` as its own.
    return f"s_{identifier(name)}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
