"""A stage and the settings that its author may write down for it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from jupyter_zflow.model.compute import Compute, SageMakerCompute
from jupyter_zflow.model.value import Json, Value

StageKind = Literal["processing", "training", "transform", "databricks", "slurm"]
"""The kinds that can be exported today."""

ControlKind = Literal["wait", "fail"]
"""The kinds that run nothing (DSL only)."""


class Pause(Value):
    """How long a ``wait`` stage waits: one of the two."""

    seconds: int | None = Field(default=None, ge=1, le=99_999_999)
    until: str | None = None
    """A moment with its offset, ``2030-12-01T06:00:00Z``, or the name of a parameter with one."""


class Refusal(Value):
    """With what a ``fail`` stage ends the execution."""

    error: str = "Pipeline.Failed"
    cause: str = ""


class Retry(Value):
    """How a failed run is tried again (Amazon States Language, ``Retry``)."""

    max_attempts: int = Field(default=2, ge=0, le=99_999_999)
    """Tries after the first one."""
    interval: int = Field(default=30, ge=1)
    """Seconds before the first retry."""
    backoff: float = Field(default=2.0, ge=1.0)
    max_delay: int | None = Field(default=None, ge=1)
    """Seconds; the longest pause between two tries."""
    jitter: bool = False
    """Whether each pause is shortened by chance, so that many retries do not come at once."""
    errors: tuple[str, ...] = ()
    """Error names to retry; empty means whatever makes the run fail, except a timeout."""


class TransformData(Value):
    """What a batch transform reads and writes; URIs may hold ``${Bucket}``."""

    input: str | None = None
    """S3 prefix, or ``<stage>/<path>``: what an earlier stage wrote there in its working
    directory; default: ``<state>/input/`` of the execution, which somebody else fills."""
    output: str | None = None
    """S3 prefix; default: ``<state>/output/`` of the execution."""
    content_type: str = "text/csv"
    accept: str | None = None
    split_type: Literal["None", "Line", "RecordIO", "TFRecord"] = "Line"
    assemble_with: Literal["None", "Line"] = "Line"
    strategy: Literal["MultiRecord", "SingleRecord"] = "MultiRecord"
    max_payload_mb: int | None = Field(default=None, ge=0, le=100)
    max_concurrent: int | None = Field(default=None, ge=0)


class StageSettings(Value):
    """What notebook metadata, a magic or the panel may say about one stage."""

    kind: StageKind | None = None
    """Default: what the compute suggests (``queue`` is slurm, a cluster is databricks)."""
    compute: Compute | None = None
    retry: Retry | tuple[Retry, ...] | None = None
    """One rule, or several for different errors."""
    timeout: int | None = Field(default=None, ge=1)
    """Seconds that one run may take."""
    heartbeat: int | None = Field(default=None, ge=1)
    """Seconds without a sign of life after which a run has failed; Slurm and local only."""
    when: str | None = None
    """A condition such as ``auc > 0.8``; the stage runs only when it holds."""
    for_each: str | None = None
    """``region in regions``: the stage runs once for each item of a parameter or a list."""
    max_concurrency: int | None = Field(default=None, ge=1, le=40)
    """How many items of ``for_each`` run at the same time; default: 40."""
    tolerated_failures: int = Field(default=0, ge=0)
    """How many items of ``for_each`` may fail; they are missing in the results."""
    may_fail: bool = False
    """Whether the pipeline goes on without the stage, and what needs it, when it fails."""
    metric_definitions: dict[str, str] = {}
    """Metric -> regular expression that finds its value in what the stage prints; Training only."""
    transform: TransformData | None = None
    """Data of a ``transform`` stage, whose cells define ``predict``."""
    environment: dict[str, str] = {}
    description: str = ""


class Stage(Value):
    """One Task of the state machine."""

    name: str
    kind: StageKind | ControlKind = "processing"
    compute: Compute = SageMakerCompute()
    notebook: str = ""
    """Path in the pipeline folder, ``stages/<name>.ipynb``."""
    after: tuple[str, ...] = ()
    """Names of the stages that must have ended."""
    needs: tuple[str, ...] | None = None
    """Stages without whose results it is skipped, too; default: those it comes after."""
    outputs: tuple[str, ...] = ()
    """Variables that conditions and loops of later stages may use."""
    metrics: tuple[str, ...] = ()
    """Metrics that conditions of later stages may use."""
    retry: Retry | tuple[Retry, ...] | None = None
    timeout: int | None = Field(default=None, ge=1)
    heartbeat: int | None = Field(default=None, ge=1)
    when: str | None = None
    for_each: str | None = None
    max_concurrency: int | None = Field(default=None, ge=1, le=40)
    tolerated_failures: int = Field(default=0, ge=0)
    may_fail: bool = False
    metric_definitions: dict[str, str] = {}
    environment: dict[str, str] = {}
    parameters: dict[str, Json] = {}
    """Fixed parameter values of this stage alone (DSL only)."""
    transform: TransformData | None = None
    """Data of a ``transform`` stage, whose cells define ``predict``."""
    pause: Pause | None = None
    refusal: Refusal | None = None
    description: str = ""

    @property
    def retries(self) -> tuple[Retry, ...]:
        """The rules for trying again, in the order in which they are asked."""
        if self.retry is None:
            return ()
        return self.retry if isinstance(self.retry, tuple) else (self.retry,)
