"""Everything that the routes share, made from the administrator's settings."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.server.events import EXECUTION, JOB, emit
from jupyter_zflow.server.executions import Executions
from jupyter_zflow.server.jobs import Jobs
from jupyter_zflow.server.refusals import HiddenError
from jupyter_zflow.server.worker.warm import WarmWorker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_events import EventLogger

    from jupyter_zflow.actions.policy import Policy

FEATURES = ("suggest", "run", "verify", "export", "commit", "debug", "artifacts")
"""What an administrator can hide."""
_IDLE = 600.0
"""Seconds that the process with CDK in it, some 250 MB, stays after an export."""
KEY = "zflow"
"""Where the services are in the web application's settings."""


@dataclass(frozen=True)
class Limits:
    """What one request or job may take."""

    check_seconds: float
    export_seconds: float
    verify_seconds: float
    preview_seconds: float
    body_bytes: int
    executions: int


@dataclass(frozen=True)
class Defaults:
    """What a deployment is to use when its author names nothing."""

    role: str
    bucket: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]


class Services:
    """What the routes ask.

    Parameters
    ----------
    home
        The folder for all executions; nothing for a place beside each notebook.
    root
        The contents root.
    """

    def __init__(
        self,
        *,
        root: Path | None,
        home: Path | None,
        policy: Policy,
        partitions: tuple[dict[str, Any], ...],
        hidden: frozenset[str],
        limits: Limits,
        defaults: Defaults,
        logger: EventLogger,
        shown_path: Callable[[Path], str | None],
    ) -> None:
        self.home = home
        self.root = root
        self.policy = policy
        self.partitions = partitions
        self.hidden = hidden
        self.limits = limits
        self.defaults = defaults
        self._logger = logger
        self._shown_path = shown_path
        self._targets: dict[Path, str] = {}
        roots = tuple(dict.fromkeys(place for place in (root, home) if place is not None))
        self.analysis = WarmWorker(limit=limits.check_seconds)
        self.synthesis = WarmWorker(limit=limits.export_seconds, idle=_IDLE, renew=True)
        self.executions = Executions(roots, limit=limits.executions, on_event=self._execution)
        self.jobs = Jobs(limit=limits.executions, on_event=lambda event: emit(logger, JOB, event))

    @property
    def running(self) -> int:
        """Executions and jobs that run now."""
        return self.executions.running + self.jobs.running

    def need(self, feature: str) -> None:
        """Refuse when a feature is hidden.

        Raises
        ------
        HiddenError
            The administrator has hidden it.
        """
        if feature in self.hidden:
            raise HiddenError(f"The administrator of this server has switched off {feature!r}.")

    async def close(self) -> None:
        """End every process that was started."""
        await asyncio.gather(self.executions.close(), self.jobs.close())
        await asyncio.gather(self.analysis.close(), self.synthesis.close())

    def _execution(self, folder: Path, event: dict[str, Any]) -> None:
        told = _told(event)
        if told is None:
            return
        path = self._targets.get(folder)
        if path is None:
            path = self._targets[folder] = self._target(folder)
        emit(self._logger, EXECUTION, {"execution": folder.name, "path": path, **told})
        if told["event"] == "execution_finished":
            self._targets.pop(folder, None)

    def _target(self, folder: Path) -> str:
        from pathlib import Path

        from jupyter_zflow.actions.about import read_about

        about = read_about(folder)
        return (self._shown_path(Path(about.target)) if about else None) or ""


def _told(event: dict[str, Any]) -> dict[str, Any] | None:
    """Return what clients are told of an event; nothing of those that only a record needs."""
    kind, time = event["event"], event.get("time")
    common = {"event": kind, "time": time or "", "stage": event.get("stage")}
    match kind:
        case "execution_started":
            return {**common, "stages": event["stages"]}
        case "stage_started":
            return {**common, "attempt": event["attempt"]}
        case "cell":
            places = {"cell": event["cell"], "of": event["of"], "source_cell": event.get("source")}
            return {**common, "attempt": event["attempt"], **places}
        case "stage_finished":
            return {
                **common,
                "attempt": event["attempt"],
                "status": event["status"],
                "seconds": event["seconds"],
                "error": _error(event.get("error"), event["stage"]),
            }
        case "execution_finished":
            return {**common, "status": event["status"], "error": _failure(event.get("error"))}
    return None


def _error(error: dict[str, Any] | None, stage: str) -> dict[str, Any] | None:
    if error is None:
        return None
    return {
        "name": error.get("name", ""),
        "message": error.get("message", ""),
        "stage": stage,
        "cell": error.get("cell"),
        "line": error.get("line"),
    }


def _failure(error: dict[str, Any] | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {"name": error.get("error", ""), "message": error.get("cause", "")}
