"""A pipeline: a graph of stages that becomes one state machine."""

from __future__ import annotations

from pydantic import Field

from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.stage import Stage, StageSettings
from jupyter_zflow.model.surroundings import Schedule, Surroundings
from jupyter_zflow.model.value import Value

__all__ = ["NotebookSettings", "Pipeline", "PipelineSettings", "Schedule"]


class PipelineSettings(Surroundings):
    """What notebook metadata or ``%pipeline`` may say about the pipeline."""

    name: str | None = None
    """Default: the notebook's file name."""
    description: str = ""
    schedule: Schedule | str | None = None
    tags: dict[str, str] = {}


class NotebookSettings(Value):
    """The notebook's ``zflow`` metadata."""

    version: int = Field(default=1, ge=1, le=1)
    pipeline: PipelineSettings = PipelineSettings()
    stages: dict[str, StageSettings] = {}


class Pipeline(Surroundings):
    """Stages in notebook order, with the order that data and author demand."""

    name: str
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    stages: tuple[Stage, ...]
    schedule: Schedule | None = None
    tags: dict[str, str] = {}

    def stage(self, name: str) -> Stage:
        """Return the stage of that name."""
        return next(stage for stage in self.stages if stage.name == name)

    def unconditional(self) -> Pipeline:
        """Return the pipeline with every stage running once, as the notebook does."""
        once = {
            "when": None,
            "for_each": None,
            "max_concurrency": None,
            "tolerated_failures": 0,
            "may_fail": False,
            "needs": None,
        }
        return self.model_copy(
            update={"stages": tuple(stage.model_copy(update=once) for stage in self.stages)}
        )
