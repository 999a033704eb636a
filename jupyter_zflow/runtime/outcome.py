"""The result of a run: what the state machine, the records and people read about it."""

from __future__ import annotations

import json
import re
import signal
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runtime import metrics
from jupyter_zflow.runtime.handover import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r"Cell In\[(\d+)\], line (\d+)")
_MESSAGE_LIMIT = 10_000
_TRACEBACK_LIMIT = 60_000
_SERVICE_LIMIT = 1_024
"""Characters of a failure that SageMaker shows."""


@dataclass(frozen=True)
class Failure:
    """Why a run failed, and where."""

    name: str
    message: str
    cell: int | None = None
    """Index of the cell in the notebook that the user wrote, from 0."""
    line: int | None = None
    traceback: str = ""


@dataclass(frozen=True)
class Outcome:
    """One run of a stage."""

    status: str
    stage: str
    attempt: int
    seconds: float
    outputs: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    error: Failure | None = None
    source: str | None = None
    """Digest of the stage notebook that ran."""
    files: tuple[str, ...] = ()
    """What the stage wrote, below ``<state>/files``."""

    def to_json(self) -> str:
        """Return the text of ``result.json``."""
        return json.dumps(asdict(self), indent=1, allow_nan=False)


def of_cell(error: Any, cells: list[Any]) -> Failure:
    """Return the failure that papermill found in a cell of the executed notebook."""
    text = _COLOURS.sub("", "\n".join(error.traceback))
    nothing: dict[str, Any] = {}
    cell = next(
        (cell for cell in cells if cell.get("execution_count") == error.exec_count), nothing
    )
    line = None
    for count, number in _FRAME.findall(text):
        if int(count) == error.exec_count:
            line = int(number)
    return Failure(
        name=error.ename,
        message=str(error.evalue)[:_MESSAGE_LIMIT],
        cell=cell.get("metadata", {}).get("zflow", {}).get("cell"),
        line=line,
        traceback=text[-_TRACEBACK_LIMIT:],
    )


def of_dead_kernel(status: int | None, cell: int | None) -> Failure:
    """Return the failure of a kernel that died under a cell."""
    if status is not None and status < 0:
        ended = f"was killed by {signal.Signals(-status).name}"
        hint = ", perhaps because it ran out of memory" if -status == signal.SIGKILL else ""
    else:
        ended, hint = f"ended with status {status}", ""
    return Failure("DeadKernelError", f"the kernel {ended} while a cell ran{hint}", cell=cell)


def outputs(scratch: Path) -> dict[str, Any]:
    """Return the saved variables that JSON can hold."""
    try:
        found: dict[str, Any] = json.loads((scratch / OUTPUTS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def collect(
    stage: str,
    attempt: int,
    *,
    seconds: float,
    scratch: Path,
    error: Failure | None,
    source: str | None,
    files: Iterable[str] = (),
) -> Outcome:
    """Put together what is known about a run."""
    return Outcome(
        status="FAILED" if error else "SUCCEEDED",
        stage=stage,
        attempt=attempt,
        seconds=round(seconds, 3),
        outputs=outputs(scratch),
        metrics=metrics.recorded(scratch),
        error=error,
        source=source,
        files=tuple(files),
    )


def tell_service(outcome: Outcome, place: Path = Path("/opt/ml/output")) -> None:
    """Leave a short failure text where SageMaker looks for it."""
    if outcome.error is None or not place.parent.is_dir():
        return
    place.mkdir(parents=True, exist_ok=True)
    text = f"{outcome.stage}: {outcome.error.name}: {outcome.error.message}"[:_SERVICE_LIMIT]
    for name in ("failure", "message"):
        (place / name).write_text(text, encoding="utf-8")
