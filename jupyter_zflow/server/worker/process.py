"""The server's end of one child: start it, ask it, and end it with all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from typing import IO, TYPE_CHECKING, Any

from jupyter_zflow.errors import ToolError
from jupyter_zflow.server.refusals import TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    Observer = Callable[[dict[str, Any]], None]

_LINE_LIMIT = 256 << 20
"""Bytes that one answer may have."""
_TAIL = 2000


class Child:
    """A process that does tasks."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said = bytearray()
        self._listening: asyncio.Task[None] | None = None
        if process.stderr is not None:
            self._listening = asyncio.ensure_future(self._listen(process.stderr))

    @classmethod
    async def start(cls, *, warm: bool = False, log: IO[bytes] | None = None) -> Child:
        """Start a child, as the leader of a process group of its own.

        Parameters
        ----------
        log
            Where what it prints is kept; by default the end of it is repeated when it dies.
        """
        words = ["-P", "-m", "jupyter_zflow.server.worker.child", *(["--warm"] if warm else [])]
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            cwd="/",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE if log is None else log,
            start_new_session=True,
            limit=_LINE_LIMIT,
        )
        child = cls(process)
        if warm:
            try:
                await child._ready()
            except BaseException:
                await child.close()
                raise
        return child

    async def _ready(self) -> None:
        """Wait until it can be asked, and be told to give up."""
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise await self._death("start")

    @property
    def pid(self) -> int:
        """The process, which also names its group."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    async def ask(
        self, task: str, arguments: dict[str, Any], on_event: Observer = lambda _event: None
    ) -> dict[str, Any]:
        """Have a task done and return its result.

        Raises
        ------
        TaskError
            The task was refused or failed; the error is in it.
        ToolError
            The child died.
        """
        request = json.dumps({"task": task, "arguments": arguments}) + "\n"
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(ConnectionError):
            stdin.write(request.encode())
            await stdin.drain()
        while line := await stdout.readline():
            content = json.loads(line)
            if "event" in content:
                on_event(content["event"])
            elif "error" in content:
                raise TaskError(content["error"])
            else:
                result: dict[str, Any] = content["result"]
                return result
        raise await self._death(task)

    def give_up(self) -> None:
        """Let the present task end without an answer."""
        self._signal(signal.SIGUSR1)

    def terminate(self) -> None:
        """Ask it to end; what it runs is stopped in order."""
        self._signal(signal.SIGTERM)

    async def close(self, *, patience: float = 0.0) -> None:
        """End it, and whatever is left of its group.

        Parameters
        ----------
        patience
            Seconds that it gets after having been asked.
        """
        if self._process.stdin is not None:
            self._process.stdin.close()
        if patience and self.alive:
            self.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()
        if self._listening is not None:
            self._listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listening
        # The transport holds pipes, which else wait for the garbage collector.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001

    async def _death(self, task: str) -> ToolError:
        status = await self._process.wait()
        if self._listening is not None:
            await self._listening
        said = self._said.decode(errors="replace").strip()
        return ToolError(
            f"The process that does {task!r} ended with status {status}. {said}".strip()
        )

    def _signal(self, number: int) -> None:
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        """Keep the end of what it prints."""
        while data := await stream.read(1 << 16):
            self._said += data
            del self._said[:-_TAIL]


async def once(
    task: str,
    arguments: dict[str, Any],
    *,
    limit: float,
    on_event: Observer = lambda _event: None,
) -> dict[str, Any]:
    """Have a task done by a child of its own.

    Parameters
    ----------
    limit
        Seconds after which it is stopped.

    Raises
    ------
    TaskError
        The task was refused or failed.
    ToolError
        The child died, or took too long.
    """
    child = await Child.start()
    patience = 10.0
    try:
        async with asyncio.timeout(limit):
            result = await child.ask(task, arguments, on_event)
        patience = 0.0
    except TimeoutError:
        raise ToolError(f"{task} took longer than {limit:g} s and was stopped.") from None
    finally:
        await asyncio.shield(child.close(patience=patience))
    return result
