"""``StackBuilder``: the pipelines of one CloudFormation template."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from jupyter_zflow.dsl.pipeline import PipelineBuilder
from jupyter_zflow.dsl.script import script_folder
from jupyter_zflow.dsl.values import check_name
from jupyter_zflow.errors import SettingsError, UsageError
from jupyter_zflow.model.pipeline import Pipeline

if TYPE_CHECKING:
    from jupyter_zflow.model.stage import Stage


class StackBuilder:
    """Collect the pipelines that are deployed together.

    Parameters
    ----------
    folder
        Where the notebooks are; by default where the running script is.
    """

    def __init__(
        self, name: str, *, description: str = "", folder: Path | str | None = None
    ) -> None:
        check_name("stack", name)
        self.name = name
        self.description = description
        self._folder = None if folder is None else Path(folder)
        self._pipelines: dict[str, Pipeline] = {}

    @property
    def pipelines(self) -> tuple[Pipeline, ...]:
        """The pipelines in the order in which they were added."""
        return tuple(self._pipelines.values())

    def add_pipeline(self, pipeline: PipelineBuilder | Pipeline) -> Self:
        """Add a pipeline as it is now."""
        built = pipeline.build() if isinstance(pipeline, PipelineBuilder) else pipeline
        if not isinstance(built, Pipeline):
            raise SettingsError(
                f"add_pipeline takes a pipeline, not {built!r}.",
                remedy="Make one with PipelineBuilder.",
            )
        if built.name in self._pipelines:
            raise SettingsError(
                f"Stack {self.name!r} has two pipelines {built.name!r}.",
                remedy="Rename one of them.",
            )
        self._pipelines[built.name] = built
        return self

    def generate(self, output_location: Path | str = "template.yaml") -> Path:
        """Check the pipelines, write their CloudFormation template and return its path.

        Under ``cdk synth`` the cloud assembly that CDK's command line waits for is written too.

        Raises
        ------
        UsageError
            A stage's notebook does not exist.
        DefinitionError
            A pipeline cannot be built.
        RefusedError
            A check found an error.
        ToolError
            Node is missing.
        """
        if not self._pipelines:
            raise SettingsError(
                f"Stack {self.name!r} has no pipeline.", remedy="Add one with add_pipeline."
            )
        folder = self._notebooks_folder()
        # The language lies below what compiles it; this one call goes up. It is late, so that a
        # script can be read without CDK.
        from jupyter_zflow.synth.app import write

        return write(
            self.pipelines,
            stack=self.name,
            description=self.description,
            path=Path(output_location),
            folder=folder,
        )

    def _notebooks_folder(self) -> Path:
        """Return the first folder that has all notebooks."""
        folders = [self._folder] if self._folder else [script_folder(), Path.cwd()]
        missing = {folder: self._missing(folder) for folder in folders}
        for folder, stages in missing.items():
            if not stages:
                return folder
        stage = missing[folders[-1]][0]
        raise UsageError(
            f"Stage {stage.name!r} has no notebook {stage.notebook} in {folders[-1]}.",
            remedy="Put it there, or say notebook='...' where the stage is defined.",
        )

    def _missing(self, folder: Path) -> list[Stage]:
        stages = [stage for pipeline in self.pipelines for stage in pipeline.stages]
        return [s for s in stages if s.notebook and not (folder / s.notebook).is_file()]
