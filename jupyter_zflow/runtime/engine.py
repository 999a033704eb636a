"""A stage notebook through papermill: progress, IPC sockets, and a kernel that can be stopped.

Kernels talk through unix sockets below a short path: TCP ports are chosen before they are bound,
so that kernels started together sometimes take the same one.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError  # noqa: TID253  see `papers`
from nbformat.notebooknode import from_dict
from papermill.clientwrap import PapermillNotebookClient  # noqa: TID253  see `papers`
from papermill.engines import NBClientEngine, papermill_engines  # noqa: TID253
from traitlets import Any as AnyTrait

from jupyter_zflow.runtime import guard, kernels
from jupyter_zflow.runtime.snapshot import AFTERWARDS

if TYPE_CHECKING:
    from collections.abc import Callable

_FLUSH = "__import__('jupyter_zflow.runtime.watch', fromlist=['watch']).flush()"
"""Binds no name, and nobody sees what it returns."""
_PATIENCE = 5.0
"""Seconds that a killed kernel has to be gone."""
NAME = "zflow"
"""The engine's name in papermill."""


class KernelWatch:
    """What is known about the kernel of this process, also after it died."""

    def __init__(self) -> None:
        self.process: Any = None
        self.stopped_by: int | None = None

    def interrupt(self) -> None:
        """Interrupt the cell that runs, so that the notebook is kept and the user's code ends."""
        if self.process is not None and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill the kernel and what it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def status(self) -> int | None:
        """The exit status of a dead kernel; negative when a signal killed it."""
        return None if self.process is None else self.process.poll()


class StageClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's client, which notes the kernel's process."""

    watch = AnyTrait()

    def start_new_kernel(self, **kwargs: Any) -> None:
        """Start the kernel and note its process."""
        super().start_new_kernel(**kwargs)
        self.watch.process = self.km.provisioner.process

    def execute_cell(self, cell: Any, cell_index: int, **kwargs: Any) -> Any:
        """Run a cell, and silently around it what its metadata asks for."""
        asked = cell.metadata.get("zflow", {})
        guarded = asked.get(guard.UNCHANGED)
        if guarded:
            self._check(cell, guard.before(guarded))
        done = super().execute_cell(cell, cell_index, **kwargs)
        if guarded:
            self._check(cell, guard.after(guarded))
        if asked.get(guard.LASTING):
            self._check(cell, guard.last(asked[guard.LASTING]))
        code = asked.get(AFTERWARDS)
        if code:
            reply = run_sync(self.kc.run_silently)(code)
            if reply.get("status") == "error":
                print(f"{reply['ename']}: {reply['evalue']}", file=sys.stderr, flush=True)
        return done

    def _check(self, cell: Any, code: str) -> None:
        """Run a check silently; one that fails is an error of the cell."""
        reply = run_sync(self.kc.run_silently)(code)
        if reply.get("status") == "error":
            name, value = reply["ename"], reply["evalue"]
            text = [f"{name}: {value}"]
            said = {"output_type": "error", "ename": name, "evalue": value, "traceback": text}
            cell.outputs.append(from_dict(said))  # type: ignore[no-untyped-call]
            raise CellExecutionError(text[0], name, value)

    def papermill_execute_cells(self) -> None:
        """Run the cells, then let files that they left open reach the disk."""
        super().papermill_execute_cells()
        self.wait_for_reply(self.kc.execute(_FLUSH, silent=True, store_history=False))

    def _cleanup_kernel(self) -> None:
        """End the kernel at once; jupyter_client would look for its end ten times a second."""
        self.watch.kill()
        if self.watch.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.watch.process.wait(_PATIENCE)
        super()._cleanup_kernel()


class StageEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine with our kernel manager, environment and progress."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        zflow_watch: KernelWatch,
        zflow_progress: Callable[[int, int, int | None], None],
        zflow_sockets: Path,
        zflow_environment: dict[str, str],
        stdout_file: Any = None,
        stderr_file: Any = None,
        **_: Any,
    ) -> None:
        """Run the notebook's cells."""
        total = len(nb_man.nb.cells)
        start = nb_man.cell_start

        def started(cell: Any, cell_index: int = 0, **kwargs: Any) -> None:
            zflow_progress(cell_index + 1, total, cell.metadata.get("zflow", {}).get("cell"))
            start(cell, cell_index, **kwargs)

        nb_man.cell_start = started
        client = StageClient(
            nb_man,
            km=kernels.manager(kernel_name, zflow_sockets),
            watch=zflow_watch,
            timeout=None,
            startup_timeout=120,
            kernel_name=kernel_name,
            stdout_file=stdout_file,
            stderr_file=stderr_file,
            shutdown_kernel="immediate",
            extra_arguments=["--IPKernelApp.extra_extensions=jupyter_zflow.runtime.kernel"],
        )
        try:
            client.execute(env=zflow_environment, cwd=str(Path.cwd()), cleanup_kc=True)
        finally:
            zflow_watch.kill()


papermill_engines.register(NAME, StageEngine)
