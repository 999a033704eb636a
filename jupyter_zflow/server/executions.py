"""Executions that this server starts, and all that lie below its root.

Each is a process group of its own that writes its record itself: the server listens to it, but
an execution needs nobody who listens, and one that outlived its server is found on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.about import LOG, is_alive, read_about
from jupyter_zflow.actions.history import (
    executions_below,
    latest_first,
    places_below,
    read_execution,
)
from jupyter_zflow.errors import ToolError, UsageError, ZflowError
from jupyter_zflow.model.names import state_name
from jupyter_zflow.server.refusals import BusyError, MissingError
from jupyter_zflow.server.worker.process import Child

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.actions.history import ExecutionRecord

    Observer = Callable[[Path, dict[str, Any]], None]
_PATIENCE = 12.0
"""Seconds that an execution gets to stop its stages and keep their notebooks."""


@dataclass(frozen=True)
class Listing:
    """Executions, the latest first, and whether there may be more."""

    executions: tuple[ExecutionRecord, ...]
    complete: bool


class Executions:
    """Starts, stops and finds executions.

    Parameters
    ----------
    roots
        Folders below which executions are looked for.
    limit
        How many may run at the same time.
    on_event
        Told the execution's folder and what happens in it.
    """

    def __init__(self, roots: tuple[Path, ...], *, limit: int, on_event: Observer) -> None:
        self._roots = roots
        self._limit = limit
        self._on_event = on_event
        self._running: dict[str, tuple[Child, asyncio.Task[None]]] = {}
        self._starting = 0
        self._following: set[asyncio.Task[None]] = set()
        self._folders: dict[str, Path] = {}

    @property
    def running(self) -> int:
        """How many this server runs."""
        return len(self._running) + self._starting

    async def start(self, arguments: dict[str, Any]) -> ExecutionRecord:
        """Start an execution; `execute` of the tasks says with which arguments.

        Raises
        ------
        BusyError
            As many run already as are allowed.
        TaskError
            It was refused; nothing ran.
        """
        if self.running >= self._limit:
            raise BusyError(
                f"{self.running} executions run already, and {self._limit} are allowed.",
                remedy="Wait for one, or stop it.",
            )
        self._starting += 1
        try:
            folder = await self._begin(arguments)
        finally:
            self._starting -= 1
        return await asyncio.to_thread(read_execution, folder)

    async def _begin(self, arguments: dict[str, Any]) -> Path:
        begun: asyncio.Future[Path] = asyncio.get_running_loop().create_future()
        child = await Child.start()
        task = asyncio.ensure_future(self._follow(child, arguments, begun))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        try:
            folder = await begun
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError):
                task.cancel()
            await asyncio.wait({task})
            raise
        if not task.done():
            self._running[folder.name] = (child, task)
        return folder

    async def _follow(
        self, child: Child, arguments: dict[str, Any], begun: asyncio.Future[Path]
    ) -> None:
        """Listen to an execution until it ends."""
        known: list[Path] = []

        def observe(event: dict[str, Any]) -> None:
            if event["event"] == "begun":
                known.append(Path(event["folder"]))
                self._folders[known[0].name] = known[0]
                if not begun.done():
                    begun.set_result(known[0])
            else:
                self._on_event(known[0], event)

        try:
            await child.ask("execute", arguments, observe)
        except ZflowError as error:
            if not begun.done():
                begun.set_exception(error)
            elif known:
                self._end_unseen(known[0], error)
        finally:
            if not begun.done():
                begun.cancel()
            if known:
                self._running.pop(known[0].name, None)
            await asyncio.shield(child.close())

    def _end_unseen(self, folder: Path, error: ZflowError) -> None:
        """Tell and keep what ended an execution's process, when no event could."""
        with contextlib.suppress(OSError), (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(f"{error}\n")
        record = read_execution(folder)
        ended = {"event": "execution_finished", "status": record.status, "time": record.ended}
        self._on_event(folder, ended)

    async def stop(self, record: ExecutionRecord) -> ExecutionRecord:
        """Stop an execution, whoever started it, and wait for its end."""
        known = self._running.get(record.id)
        if known is not None:
            child, task = known
            await _stopped(child, task)
        elif is_alive(record.folder):
            await _stop_foreign(record.folder)
        return await asyncio.to_thread(read_execution, record.folder)

    async def close(self) -> None:
        """Stop everything that this server started."""
        await asyncio.gather(*(_stopped(*known) for known in list(self._running.values())))
        for task in self._following:  # what has not begun yet
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)

    def find(self, name: str) -> ExecutionRecord:
        """Return an execution by its id; reads the disk.

        Raises
        ------
        MissingError
            There is none below the roots.
        """
        folder = self._folders.get(name)
        if folder is None or not folder.is_dir():
            self.search(limit=0)
            folder = self._folders.get(name)
        if folder is None:
            raise MissingError(f"There is no execution {name!r}.")
        return read_execution(folder)

    def search(
        self, *, target: Path | None = None, status: str | None = None, limit: int = 100
    ) -> Listing:
        """Return executions, the latest first; reads the disk.

        Parameters
        ----------
        target
            Only those of this notebook or pipeline folder.
        """
        places, complete = self._places()
        folders = latest_first(folder for place in places for folder in executions_below(place))
        self._folders = {folder.name: folder for folder in folders}
        found: list[ExecutionRecord] = []
        for folder in folders:
            if len(found) >= limit:
                return Listing(tuple(found), complete=False)
            if target is not None:
                about = read_about(folder)
                if about is None or Path(about.target) != target:
                    continue
            record = read_execution(folder)
            if status in {None, record.status}:
                found.append(record)
        return Listing(tuple(found), complete)

    def _places(self) -> tuple[list[Path], bool]:
        searched = [places_below(root) for root in self._roots]
        places = dict.fromkeys(place for found, _ in searched for place in found)
        return [*places], all(complete for _, complete in searched)


def log_file(record: ExecutionRecord, stage: str | None) -> Path:
    """Return the log of a stage, or of the execution itself.

    Raises
    ------
    MissingError
        There is no such stage.
    """
    if stage is None:
        return record.folder / LOG
    return record.run / state_of(record, stage) / LOG


def state_of(record: ExecutionRecord, stage: str) -> str:
    """Return what the machine calls a stage of an execution.

    Raises
    ------
    MissingError
        There is no such stage.
    """
    found = record.stage(stage)
    if found is None:
        names = ", ".join(one.name for one in record.stages) or "none"
        raise MissingError(
            f"Execution {record.id!r} has no stage {stage!r}.", remedy=f"Stages: {names}."
        )
    return state_name(found.name)


async def _stopped(child: Child, task: asyncio.Task[None]) -> None:
    """Ask a child to end, and make it when it does not."""
    child.terminate()
    await asyncio.wait({task}, timeout=_PATIENCE)
    if not task.done():
        await child.close()
    await asyncio.gather(task, return_exceptions=True)


async def _stop_foreign(folder: Path) -> None:
    """Stop an execution that another process started, such as a server that was killed."""
    about = read_about(folder)
    if about is None or not about.pid:
        raise UsageError("It is not known which process runs it.")
    if about.host != socket.gethostname():
        raise UsageError(f"It runs on another machine, {about.host!r}.", remedy="Stop it there.")
    try:
        os.kill(about.pid, signal.SIGTERM)
    except PermissionError:
        raise UsageError("It belongs to another user.") from None
    except ProcessLookupError:
        return
    for _ in range(int(_PATIENCE / 0.1)):
        if not await asyncio.to_thread(is_alive, folder):
            return
        await asyncio.sleep(0.1)
    raise ToolError(f"Process {about.pid} was asked to end and still runs.")
