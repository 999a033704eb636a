"""Kernels of a stage: forked from the template where there is one, else started.

A kernel is forked only when the result is the same as a fresh start: the notebook's kernel must be
ipykernel on this very interpreter.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from jupyter_zflow.runtime import template

_LAUNCHER = "ipykernel_launcher"
_UNHEARD = 0.03
"""Seconds after which a word was said before the subscription stood, and is asked for again."""
_INTERVAL = 0.005
"""Seconds between two looks at a process that is about to end."""


class ForkedProcess:
    """A kernel that the template forked, with the part of `subprocess.Popen` that is used."""

    stdin = stdout = stderr = None

    def __init__(
        self, path: str, arguments: list[str], environment: dict[str, str], directory: Path
    ) -> None:
        self.returncode: int | None = None
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._connection.connect(path)
        message = {
            "arguments": arguments,
            "environment": environment,
            "directory": str(directory),
        }
        template.send(self._connection, message, [1, 2])
        reply, _ = template.receive(self._connection)
        if reply is None:
            message_text = "the kernel template is gone"
            raise OSError(message_text)
        self.pid: int = reply["pid"]
        self._connection.setblocking(False)  # noqa: FBT003

    def poll(self) -> int | None:
        """Return the exit status, or None while the kernel lives."""
        if self.returncode is None:
            try:
                message, _ = template.receive(self._connection)
            except BlockingIOError:
                return None
            self.returncode = -signal.SIGKILL if message is None else int(message["code"])
        return self.returncode

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait for the end."""
        end = None if timeout is None else time.monotonic() + timeout
        while self.poll() is None and (end is None or time.monotonic() < end):
            time.sleep(_INTERVAL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill the kernel."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


class Provisioner(LocalProvisioner):
    """Start or fork a kernel, and notice its end at once."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Launch a kernel."""
        environment = dict(kwargs.get("env") or os.environ)
        path = environment.pop(template.KERNELS, None)
        if path is None or not can_fork(cmd):
            return await super().launch_kernel(cmd, **{**kwargs, "env": environment})
        arguments = cmd[cmd.index(_LAUNCHER) + 1 :]
        process: Any = ForkedProcess(path, arguments, environment, Path(kwargs["cwd"]))
        self.process = process
        self.pid = self.pgid = process.pid
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end."""
        while await self.poll() is None:  # noqa: ASYNC110  a child that is not ours tells nothing
            await asyncio.sleep(_INTERVAL)
        return await super().wait()


def can_fork(command: list[str]) -> bool:
    """Return whether the command starts ipykernel on this very interpreter."""
    same = Path(command[0]).absolute() == Path(sys.executable).absolute()
    return same and _LAUNCHER in command


class Client(AsyncKernelClient):
    """A client that is ready as soon as the kernel is.

    jupyter_client waits until no message came for 0.2 s; the kernel's word that it is idle after
    our own request says the same at once.
    """

    async def _async_wait_for_ready(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        end = time.monotonic() + (timeout or 3600)
        while time.monotonic() < end:
            request = self.kernel_info()
            if await self._answered(request):
                return
            if not await self._async_is_alive():
                message = "Kernel died before replying to kernel_info"
                raise RuntimeError(message)
        message = f"Kernel didn't respond in {timeout:g} seconds"
        raise RuntimeError(message)

    wait_for_ready = _async_wait_for_ready

    async def run_silently(self, code: str) -> dict[str, Any]:
        """Run code without history and without output; return the reply, or what ended it."""
        request = self.execute(code, silent=True, store_history=False, allow_stdin=False)
        while True:
            try:
                reply = await self.shell_channel.get_msg(timeout=1)
            except Empty:
                if not await self._async_is_alive():
                    return {"status": "error", "ename": "DeadKernelError", "evalue": code}
                continue
            if reply["parent_header"].get("msg_id") == request:
                content: dict[str, Any] = reply["content"]
                return content

    async def _answered(self, request: str) -> bool:
        """Return whether a request was answered, and said to be done, within a second."""
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            while reply["parent_header"].get("msg_id") != request:
                reply = await self.shell_channel.get_msg(timeout=1)
            self._handle_kernel_info_reply(reply)
            while True:
                told = await self.iopub_channel.get_msg(timeout=_UNHEARD)
                mine = told["parent_header"].get("msg_id") == request
                if mine and told["content"].get("execution_state") == "idle":
                    return True
        except Empty:
            return False


def manager(kernel_name: str, sockets: Path) -> AsyncKernelManager:
    """Return the manager of a kernel that talks through unix sockets in a folder."""
    made = AsyncKernelManager(
        kernel_name=kernel_name,
        transport="ipc",
        connection_file=str(sockets / "kernel.json"),
    )
    made.client_factory = Client
    spec = made.kernel_spec
    if spec is not None and "kernel_provisioner" not in spec.metadata:
        made.provisioner = Provisioner(kernel_id=str(uuid.uuid4()), kernel_spec=spec, parent=made)
    return made
