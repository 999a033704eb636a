"""A process that has the imports done, and forks stages and kernels.

What a stage costs is mostly imports: papermill's in the stage process, ipykernel's in the kernel.
Two templates pay them once for a whole execution. The first has papermill and forks stage
processes; the second has ipykernel alone and forks kernels, so that a kernel sees the modules of a
kernel and no others. Neither has a thread, a ZeroMQ context or an event loop before it forks.

::

    runner ── socket ── stage template ── fork ── stage process
                             │                        │ socket
                             └── fork ── kernel template ── fork ── kernel

Whoever loses its other end stops: a template whose runner is gone kills what it forked.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import selectors
import shutil
import signal
import socket
import sys
import time
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

KERNELS = "ZFLOW_KERNELS"
"""The environment variable that leads a stage process to the kernel template."""
_PATIENCE = 10.0
"""Seconds that stages get to keep their notebooks when the runner is gone."""
_INTERVAL = 0.02
MESSAGE_LIMIT = 1 << 17
"""Bytes of one message."""


def send(
    connection: socket.socket, message: dict[str, Any], files: list[int] | None = None
) -> None:
    """Send a message, with open files beside it."""
    socket.send_fds(connection, [json.dumps(message).encode()], files or [])


def receive(connection: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    """Receive a message and the files beside it; None when the other end is gone."""
    try:
        data, files, _, _ = socket.recv_fds(connection, MESSAGE_LIMIT, 4)
    except ConnectionError:
        return None, []
    return (json.loads(data), files) if data else (None, [])


class Template:
    """Fork a child for each request, and tell its end to whoever asked for it."""

    def __init__(self, become: Callable[[dict[str, Any]], int]) -> None:
        self._become = become
        self._children: dict[int, socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = os.pipe()
        for end in (self._wake, self._woken):
            os.set_blocking(end, False)
        self._selector.register(self._wake, selectors.EVENT_READ)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(self._woken)

    def serve(self, *, listener: socket.socket | None, master: socket.socket) -> None:
        """Answer requests until the master is gone."""
        self._selector.register(master, selectors.EVENT_READ)
        if listener is not None:
            self._selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in self._selector.select():
                if key.fileobj == self._wake:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake, 4096)
                    self._reap()
                elif key.fileobj is listener and listener is not None:
                    connection, _ = listener.accept()
                    self._selector.register(connection, selectors.EVENT_READ)
                elif (
                    isinstance(key.fileobj, socket.socket)
                    and not self._answer(key.fileobj)
                    and key.fileobj is master
                ):
                    return

    def end(self, *, patience: float) -> None:
        """Stop all children: those that do not end by themselves in time are killed."""
        for child in self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while self._children and time.monotonic() < deadline:
            self._reap()
            time.sleep(_INTERVAL)
        for child in self._children:
            _kill_group(child)

    def _answer(self, connection: socket.socket) -> bool:
        message, files = receive(connection)
        if message is None:
            self._selector.unregister(connection)
            for child, asker in self._children.items():
                if asker is connection:
                    _kill_group(child)
            connection.close()
            return False
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        child = os.fork()
        if child == 0:
            self._child(message, files)
        for file in files:
            os.close(file)
        self._children[child] = connection
        with contextlib.suppress(OSError):
            send(connection, {"id": message.get("id"), "pid": child})
        return True

    def _reap(self) -> None:
        while self._children:
            try:
                child, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if child == 0:
                return
            connection = self._children.pop(child, None)
            if connection is not None:
                with contextlib.suppress(OSError):
                    send(connection, {"ended": child, "code": os.waitstatus_to_exitcode(status)})

    def _child(self, message: dict[str, Any], files: list[int]) -> NoReturn:  # noqa: PLR0915
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.setsid()
            for key in list(self._selector.get_map().values()):
                with contextlib.suppress(OSError):
                    os.close(key.fd)
            os.close(self._woken)
            self._selector.close()
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, 0)
            for number, file in zip((1, 2), files, strict=True):
                os.dup2(file, number)
            for file in {nothing, *files} - {0, 1, 2}:
                os.close(file)
            os.environ.clear()
            os.environ.update(message["environment"])
            os.chdir(message["directory"])
            gc.unfreeze()
            code = self._become(message)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001  the process ends here, whatever it was
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                atexit._run_exitfuncs()  # noqa: SLF001  os._exit skips them, and forks share them
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(BaseException):
                    stream.flush()
            os._exit(code)


def _kill_group(process: int) -> None:
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)


def _become_kernel(message: dict[str, Any]) -> int:
    from ipykernel import kernelapp

    launcher = sys.modules["ipykernel_launcher"].__file__
    sys.argv = [str(launcher), *message["arguments"]]
    # Read from the environment when ipykernel was imported, so before the fork.
    parent = f"--IPKernelApp.parent_handle={os.getppid()}"
    kernelapp.IPKernelApp.launch_instance([*sys.argv[1:], parent])
    return 0


def _become_stage(message: dict[str, Any]) -> int:
    from jupyter_zflow.runtime.__main__ import main

    sys.argv = ["jupyter_zflow.runtime", *message["arguments"]]
    return main(message["arguments"])


_OF_A_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "ipykernel_launcher",
    # Imported by every kernel while it starts:
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "sqlite3",
    "tornado.platform.asyncio",
    "tornado.queues",
    # Imported by our own extension:
    "jupyter_zflow.runtime.handover",
    "jupyter_zflow.runtime.kernel",
    "jupyter_zflow.runtime.states.logging_",
)
_OF_A_STAGE = ("ipykernel.kernelspec", "jupyter_zflow.runtime.stage")


def _prepare(modules: tuple[str, ...]) -> None:
    """Import what children will need; one that this environment lacks is left to them."""
    for name in modules:
        with contextlib.suppress(ImportError):
            import_module(name)
    gc.collect()
    gc.freeze()


def _kernel_template(listener: socket.socket, master: socket.socket) -> NoReturn:
    _prepare(_OF_A_KERNEL)
    served = Template(_become_kernel)
    served.serve(listener=listener, master=master)
    served.end(patience=0)
    os._exit(0)


def main() -> None:
    """Serve the runner at the other end of an inherited socket."""
    if sys.path and sys.path[0] in {"", str(Path.cwd())}:
        del sys.path[0]
    master = socket.socket(fileno=int(sys.argv[1]))
    path = sys.argv[2]
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # Bound before the fork: a stage may ask for a kernel before that template has its imports.
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(128)
    if os.fork() == 0:
        master.close()
        ours.close()
        _kernel_template(listener, theirs)
    theirs.close()
    listener.close()
    from jupyter_zflow.runtime import papers

    papers.rehearse()
    _prepare(_OF_A_STAGE)
    served = Template(_become_stage)
    served.serve(listener=None, master=master)
    served.end(patience=_PATIENCE)
    shutil.rmtree(Path(path).parent, ignore_errors=True)


if __name__ == "__main__":
    main()
