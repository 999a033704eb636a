"""Local executions as they stand on disk, whoever started them and whether they live or not.

Everything is read off the record that an execution writes while it happens, so what a killed
process left can be told like any other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.about import LOG, About, is_alive, read_about
from jupyter_zflow.actions.executions import NAME
from jupyter_zflow.model.names import state_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

RUNNING, ABORTED, NOT_RUN = "RUNNING", "ABORTED", "NOT_RUN"
GONE = {
    "name": "Aborted",
    "message": "The process that ran it is gone.",
    "stage": None,
    "cell": None,
    "line": None,
}
_SKIPPED = {"node_modules", "__pycache__", "site-packages", "cdk.out", "lost+found"}


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How far one stage has come."""

    name: str
    status: str = NOT_RUN
    attempt: int | None = None
    cell: int | None = None
    of: int | None = None
    source_cell: int | None = None
    started: str | None = None
    ended: str | None = None
    seconds: float | None = None
    error: dict[str, Any] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    notebook: str | None = None
    """The executed notebook, as an absolute path."""


@dataclass(frozen=True, slots=True)
class ExecutionRecord:
    """One execution as it stands."""

    id: str
    folder: Path
    """Holds ``run`` and ``about.json``."""
    pipeline: str
    status: str
    about: About | None = None
    started: str | None = None
    ended: str | None = None
    seconds: float | None = None
    error: dict[str, Any] | None = None
    stages: tuple[StageRecord, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def run(self) -> Path:
        """Where the results, logs and artifacts are."""
        return self.folder / "run"

    def stage(self, name: str) -> StageRecord | None:
        """Return a stage by the name that people or the machine give it."""
        for stage in self.stages:
            if name in (stage.name, state_name(stage.name)):
                return stage
        return None

    def to_json(self) -> dict[str, Any]:
        """Return the execution as JSON; paths are absolute."""
        return {
            "id": self.id,
            "place": "local",
            "pipeline": self.pipeline,
            "path": None if self.about is None else self.about.target,
            "folder": str(self.folder),
            "status": self.status,
            "parameters": self.parameters,
            "from": self.about.start if self.about else None,
            "only": self.about.only if self.about else None,
            "started": self.started,
            "ended": self.ended,
            "seconds": self.seconds,
            "error": self.error,
            "stages": [asdict(stage) for stage in self.stages],
        }


def executions_below(place: Path) -> Iterator[Path]:
    """Yield the folders of the executions in ``zflow_executions`` of a folder."""
    home = place / NAME
    for pipeline in _folders(home):
        yield from (folder for folder in _folders(pipeline) if _is_execution(folder))


def places_below(root: Path, *, depth: int = 8, most: int = 20_000) -> tuple[list[Path], bool]:
    """Return the folders below a root that hold executions, and whether all were searched."""
    found: list[Path] = []
    level = [root]
    seen = 0
    for _ in range(depth):
        following: list[Path] = []
        for folder in level:
            if seen >= most:
                return found, False
            seen += 1
            for child in _folders(folder):
                if child.name == NAME:
                    found.append(folder)
                elif child.name[:1] != "." and child.name not in _SKIPPED:
                    following.append(child)
        level = following
        if not level:
            return found, True
    return found, False


def latest_first(folders: Iterable[Path], limit: int | None = None) -> list[Path]:
    """Return executions by their names, which begin with the time of their start."""
    return list(islice(sorted(folders, key=lambda folder: folder.name, reverse=True), limit))


def read_execution(folder: Path) -> ExecutionRecord:
    """Return an execution as it stands."""
    alive = is_alive(folder)  # before the record is read: what ends meanwhile has written its end
    about = read_about(folder)
    record = _replay(folder, about, _events(folder), alive=alive)
    if record.status != RUNNING or alive:
        return record
    stages = tuple(
        replace(stage, status=ABORTED) if stage.status == RUNNING else stage
        for stage in record.stages
    )
    said = _last_words(folder)
    message = f"{GONE['message']} {said}".rstrip()
    error = {**GONE, "message": message}
    return replace(record, status=ABORTED, error=error, stages=stages, seconds=None)


def _last_words(folder: Path) -> str:
    """Return the last line that the execution's own process printed."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - 4096))
            lines = log.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _replay(
    folder: Path, about: About | None, events: list[dict[str, Any]], *, alive: bool
) -> ExecutionRecord:
    names = {state_name(name): name for name in (about.stages if about else ())}
    stages = {name: StageRecord(name) for name in names.values()}
    status, started, ended, error = RUNNING, None, None, None
    for event in events:
        kind = event.get("event")
        if kind == "execution_started":
            started = event["time"]
            for state in event.get("stages", ()):
                name = names.setdefault(state, state)
                stages.setdefault(name, StageRecord(name))
        elif kind == "execution_finished":
            status, ended, error = event["status"], event["time"], event.get("error")
        elif isinstance(event.get("stage"), str):
            name = names.get(event["stage"], event["stage"])
            stages[name] = _step(stages.get(name, StageRecord(name)), event)
    done = tuple(_with_results(stage, folder / "run") for stage in stages.values())
    facts = _json(folder / "run" / "execution.json")
    return ExecutionRecord(
        id=folder.name,
        folder=folder,
        pipeline=about.pipeline if about else str(facts.get("pipeline", folder.parent.name)),
        status=status,
        about=about,
        started=started,
        ended=ended,
        seconds=_seconds(started, ended, alive=alive),
        error=_error(error, done),
        stages=done,
        parameters=about.parameters if about else facts.get("parameters", {}),
    )


def _step(stage: StageRecord, event: dict[str, Any]) -> StageRecord:
    match event.get("event"):
        case "stage_started":
            return StageRecord(
                stage.name, RUNNING, attempt=event.get("attempt"), started=event["time"]
            )
        case "cell":
            return replace(
                stage,
                cell=event.get("cell"),
                of=event.get("of"),
                source_cell=event.get("source"),
            )
        case "stage_finished":
            return replace(
                stage,
                status=event["status"],
                attempt=event.get("attempt"),
                ended=event["time"],
                seconds=event.get("seconds"),
                error=event.get("error"),
            )
    return stage


def _with_results(stage: StageRecord, run: Path) -> StageRecord:
    """Add what the stage's own result says, and its notebook."""
    if stage.status in {NOT_RUN, RUNNING, "SKIPPED"}:
        return stage
    state = state_name(stage.name)
    result = _json(run / state / "result.json")
    notebook = run / f"{state}.ipynb"
    return replace(
        stage,
        outputs=result.get("outputs", {}),
        metrics=result.get("metrics", {}),
        notebook=str(notebook) if notebook.is_file() else None,
    )


def _error(error: dict[str, Any] | None, stages: tuple[StageRecord, ...]) -> dict[str, Any] | None:
    """Return what failed: the stage's own words where there is a stage."""
    if error is None:
        return None
    for stage in stages:
        if stage.error is not None and stage.status in {"FAILED", "TIMED_OUT"}:
            place = {key: stage.error.get(key) for key in ("cell", "line")}
            said = {key: str(stage.error.get(key, "")) for key in ("name", "message")}
            return {**said, "stage": stage.name, **place}
    return {**GONE, "name": str(error.get("error", "")), "message": str(error.get("cause", ""))}


def _events(folder: Path) -> list[dict[str, Any]]:
    from jupyter_zflow.runner.record import read_events

    try:
        return read_events(folder / "run", folder.name)
    except (OSError, KeyError, TypeError, UnicodeDecodeError):
        return []


def _seconds(started: str | None, ended: str | None, *, alive: bool) -> float | None:
    if started is None or (ended is None and not alive):
        return None
    end = datetime.now(UTC) if ended is None else datetime.fromisoformat(ended)
    return round((end - datetime.fromisoformat(started)).total_seconds(), 3)


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _folders(folder: Path) -> list[Path]:
    """Return the folders in a folder; links are not followed, so there are no circles."""
    try:
        return sorted(
            child for child in folder.iterdir() if child.is_dir() and not child.is_symlink()
        )
    except OSError:
        return []


def _is_execution(folder: Path) -> bool:
    return (folder / "run").is_dir() or (folder / "about.json").is_file()
