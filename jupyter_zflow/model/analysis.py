"""What the analysis of a notebook says: stages, what flows between them, findings."""

from __future__ import annotations

from typing import Literal

from jupyter_zflow.model.finding import Finding
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import PipelineSettings
from jupyter_zflow.model.stage import StageSettings
from jupyter_zflow.model.value import Value

EdgeKind = Literal["variable", "file", "state", "order"]


class Place(Value):
    """A line of a notebook cell; ``cell`` counts from 0, ``line`` from 1."""

    cell: int
    line: int | None = None


class Edge(Value):
    """One reason why a stage must wait for another."""

    producer: str
    consumer: str
    kind: EdgeKind
    name: str
    """The variable, the path, or the kind of ambient state; empty for an order."""
    written: Place | None = None
    read: Place | None = None
    reason: str = ""
    """Why the analysis had to assume it, when it could not know."""


class Crossing(Value):
    """A value that one stage hands to another, as a run saw it."""

    producer: str
    consumer: str
    name: str
    type: str
    size: int | None = None
    """Bytes; None when it could not leave its process."""
    because: str = ""
    fresh: bool = False
    """Whether nothing that comes before it was edited since."""


class Reliance(Value):
    """What a cell is relied on to leave alone, because an observed run showed it."""

    cell: int
    line: int
    reasons: tuple[str, ...]
    """Why the analysis would have to fear a change."""
    variables: tuple[str, ...] = ()
    """Compared before and after the cell."""
    lasting: tuple[str, ...] = ()
    """Those that nothing else in the stage writes; compared at its end once more."""
    states: tuple[str, ...] = ()
    """Kinds of random state; compared before and after the cell."""


class AnalysedStage(Value):
    """A stage's cells and everything that enters and leaves its process."""

    name: str
    settings: StageSettings = StageSettings()
    cells: tuple[int, ...]
    """The stage's own code cells, as indices of the notebook's cells, in order."""
    replays: tuple[int, ...] = ()
    """``setup`` cells and the ``parameters`` cell that run first, in notebook order."""
    imports: tuple[str, ...] = ()
    """Import statements of other stages that this one needs too."""
    reads: tuple[str, ...] = ()
    """Variables that come from other stages."""
    writes: tuple[str, ...] = ()
    """Variables that the stage binds or may change."""
    after: tuple[str, ...] = ()
    """All stages that it waits for directly, in notebook order."""
    loads: dict[str, tuple[str, ...]] = {}
    """Producing stage -> variables to load from it."""
    saves: tuple[str, ...] = ()
    """Variables that later stages read from this one."""
    outputs: tuple[str, ...] = ()
    """Variables that conditions and loops of later stages read."""
    metrics: tuple[str, ...] = ()
    """Metrics that the stage logs by a literal name."""
    sources: dict[str, str] = {}
    """Name in the stage's own condition or loop -> the stage it comes from, where one does."""
    relies: tuple[Reliance, ...] = ()
    saves_everything: bool = False
    """Save whatever can be saved: later code may read any name (``exec``, ``globals()``)."""
    loads_states: dict[str, tuple[str, ...]] = {}
    """Producing stage -> kinds of ambient state to restore, such as ``random``."""
    saves_states: tuple[str, ...] = ()
    loads_files: tuple[str, ...] = ()
    """Producing stages whose files are laid into the working directory, in this order."""
    saves_files: bool = False
    """Whether files that the stage writes are kept for later stages."""
    inputs: tuple[str, ...] = ()
    """Files and folders beside the notebook that must travel, as POSIX relative paths."""
    modules: tuple[str, ...] = ()
    """Local modules beside the notebook that must travel, as POSIX relative paths."""
    packages: tuple[str, ...] = ()
    """Top-level names of third-party modules that the stage imports."""


class Analysis(Value):
    """Everything that can be known about a notebook without running it."""

    name: str
    """The pipeline's name."""
    settings: PipelineSettings = PipelineSettings()
    parameters: tuple[Parameter, ...] = ()
    parameters_cell: int | None = None
    stages: tuple[AnalysedStage, ...] = ()
    edges: tuple[Edge, ...] = ()
    findings: tuple[Finding, ...] = ()
    crossings: tuple[Crossing, ...] = ()
    """What is known of values that cross, from a run."""
    relieved: tuple[Edge, ...] = ()
    """Edges that there would be without the record of an observed run."""

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop an export."""
        return tuple(finding for finding in self.findings if finding.severity == "error")
