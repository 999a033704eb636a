"""Stage processes forked from a template that has their imports done.

The template starts with the execution and ends with it. Whenever it cannot serve, a stage starts
in a fresh interpreter instead: slower, and the same in every other way.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.stages import LINE_LIMIT, PlainStarter
from jupyter_zflow.runtime import template

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.runner.stages import Process

_READ_AT_START = ("PYTHON", "LD_")
"""Variables that an interpreter reads when it starts; a fork would not notice them."""


class WarmStarter:
    """Start stages from a template."""

    def __init__(self) -> None:
        self._plain = PlainStarter()
        self._folder = Path(tempfile.mkdtemp(prefix="zfk-", dir=_short_folder()))
        self._kernels = str(self._folder / "kernels")
        self._number = 0
        self._started: dict[int, asyncio.Future[int]] = {}
        self._ended: dict[int, asyncio.Future[int]] = {}
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket = ours
        self._alive = True
        self._listening = False
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-Xfrozen_modules=off", "-m", template.__name__,
                 str(theirs.fileno()), self._kernels],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip

    async def start(self, arguments: Sequence[str], environment: dict[str, str]) -> Process:
        """Start a stage process."""
        changed = {name for name in environment if environment[name] != os.environ.get(name)}
        if not self._alive or any(name.startswith(_READ_AT_START) for name in changed):
            return await self._plain.start(arguments, environment)
        self._listen()
        self._number += 1
        number = self._number
        answer = asyncio.get_running_loop().create_future()
        self._started[number] = answer
        reading, writing = os.pipe()
        message = {
            "id": number,
            "arguments": list(arguments),
            "environment": {**environment, template.KERNELS: self._kernels},
            "directory": str(Path.cwd()),
        }
        try:
            template.send(self._socket, message, [writing, writing])
            process = await answer
        except OSError:
            os.close(reading)
            return await self._plain.start(arguments, environment)
        finally:
            os.close(writing)
        return await _Forked.of(process, reading, self._ended[process])

    async def close(self) -> None:
        """End the template, and whatever it forked and still lives."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._alive = False
        self._socket.close()
        try:
            await asyncio.to_thread(self._process.wait, 5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            self._socket.setblocking(False)  # noqa: FBT003
            asyncio.get_running_loop().add_reader(self._socket.fileno(), self._hear)

    def _hear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                message, _ = template.receive(self._socket)
                if message is None:
                    self._lost()
                    return
                self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        loop = asyncio.get_running_loop()
        if "pid" in message:
            self._ended.setdefault(message["pid"], loop.create_future())
            _settle(self._started.pop(message["id"]), message["pid"])
        else:
            _settle(self._ended[message["ended"]], message["code"])

    def _lost(self) -> None:
        """Give up on the template, of whose children nobody will hear again."""
        self._alive = False
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._listening = False
        for waiting in self._started.values():
            if not waiting.done():
                waiting.set_exception(ConnectionResetError("the stage template is gone"))
        for ended in self._ended.values():
            _settle(ended, 1)


class _Forked:
    """A stage process that the template forked."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, ended: asyncio.Future[int]) -> None:
        self.pid = pid
        self.stdout = stdout
        self._ended = ended

    @classmethod
    async def of(cls, pid: int, reading: int, ended: asyncio.Future[int]) -> _Forked:
        loop = asyncio.get_running_loop()
        stream = asyncio.StreamReader(limit=LINE_LIMIT)
        file = os.fdopen(reading, "rb", buffering=0)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), file)
        return cls(pid, stream, ended)

    async def wait(self) -> int:
        """Wait for the end."""
        return await asyncio.shield(self._ended)


def _settle(future: asyncio.Future[int], value: int) -> None:
    if not future.done():
        future.set_result(value)


def _short_folder() -> str:
    """Return a folder with a path short enough for a socket in it."""
    folder = tempfile.gettempdir()
    return folder if len(folder) < 60 else "/tmp"  # noqa: PLR2004, S108
