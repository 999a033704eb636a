"""Exports and verifications: what takes longer than a request should, and can be stopped."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.errors import ZflowError
from jupyter_zflow.server.refusals import BusyError, MissingError, TaskError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Observer = Callable[[dict[str, Any]], None]
    Work = Callable[[Observer], Awaitable[dict[str, Any]]]

Kind = Literal["export", "verify"]
KEPT = 100
"""Jobs that are remembered."""
_TOLD = ("event", "run", "stage", "cell", "of", "status")


@dataclass(frozen=True)
class Job:
    """One job as it stands."""

    id: str
    kind: Kind
    path: str
    started: str
    status: str = "RUNNING"
    ended: str | None = None
    progress: dict[str, Any] | None = None
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the job as JSON."""
        return asdict(self)


class Jobs:
    """Runs jobs, and remembers how they ended.

    Parameters
    ----------
    on_event
        Told what the job event schema carries.
    """

    def __init__(self, *, limit: int, on_event: Observer) -> None:
        self._limit = limit
        self._on_event = on_event
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def running(self) -> int:
        """How many run."""
        return len(self._tasks)

    def start(self, kind: Kind, path: str, work: Work) -> Job:
        """Start a job.

        Parameters
        ----------
        path
            The contents path that it is about.
        work
            Does it, tells how far it is, and returns what clients see.

        Raises
        ------
        BusyError
            As many run already as are allowed.
        """
        if self.running >= self._limit:
            raise BusyError(
                f"{self.running} jobs run already, and {self._limit} are allowed.",
                remedy="Wait for one, or stop it.",
            )
        job = Job(secrets.token_hex(6), kind, path, _now())
        self._jobs[job.id] = job
        for old in [one.id for one in self._jobs.values() if one.ended][:-KEPT]:
            del self._jobs[old]
        self._tell(job, "started")
        self._tasks[job.id] = asyncio.ensure_future(self._run(job.id, work))
        return job

    def find(self, name: str) -> Job:
        """Return a job by its id.

        Raises
        ------
        MissingError
            There is none.
        """
        try:
            return self._jobs[name]
        except KeyError:
            raise MissingError(f"There is no job {name!r}.") from None

    def latest(self) -> list[Job]:
        """Return the jobs, the latest first."""
        return list(reversed(self._jobs.values()))

    async def wait(self, name: str) -> Job:
        """Wait for the end of a job."""
        task = self._tasks.get(name)
        if task is not None:
            await asyncio.wait({task})
        return self.find(name)

    async def stop(self, name: str) -> Job:
        """Stop a job and wait for its end."""
        self.find(name)
        task = self._tasks.get(name)
        if task is not None:
            task.cancel()
        return await self.wait(name)

    async def close(self) -> None:
        """Stop all jobs."""
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _run(self, name: str, work: Work) -> None:
        def observe(event: dict[str, Any]) -> None:
            progress = {key: event[key] for key in _TOLD if event.get(key) is not None}
            self._change(name, "progress", progress=progress)

        end: dict[str, Any]
        try:
            end = {"status": "SUCCEEDED", "result": await work(observe)}
        except TaskError as error:
            end = {"status": "FAILED", "error": error.content}
        except ZflowError as error:
            said = {"message": str(error), "remedy": error.remedy, "reason": type(error).__name__}
            end = {"status": "FAILED", "error": said}
        except asyncio.CancelledError:
            end = {
                "status": "ABORTED",
                "error": {"message": "It was stopped.", "reason": "Aborted"},
            }
        finally:
            self._tasks.pop(name, None)
        self._change(name, "finished", ended=_now(), **end)

    def _change(self, name: str, event: str, **fields: Any) -> None:
        self._jobs[name] = replace(self._jobs[name], **fields)
        self._tell(self._jobs[name], event)

    def _tell(self, job: Job, event: str) -> None:
        self._on_event(
            {
                "job": job.id,
                "kind": job.kind,
                "path": job.path,
                "event": event,
                "status": job.status,
                "time": job.ended or _now(),
                "progress": job.progress if event == "progress" else None,
                "message": job.error["message"] if job.error else None,
            }
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
