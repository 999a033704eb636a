"""Stages as processes: started, listened to, stopped, and never left behind.

Each stage process leads a process group of its own, so that stopping it stops its kernel and what
the kernel started. Its progress comes as lines on its standard output.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.runner.failures import TIMEOUT, StateFailedError
from jupyter_zflow.runtime import items
from jupyter_zflow.runtime.serve import ANNOUNCED
from jupyter_zflow.runtime.stage import EVENT, EVENTS, NOTEBOOK, RESULT

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from pathlib import Path

    from jupyter_zflow.runner.places import Places

    Observer = Callable[[dict[str, Any]], None]

LOG = "log.txt"
"""What the stage process and the cells printed."""
_PATIENCE = 5.0
"""Seconds that a stopped stage gets to keep its notebook."""
LINE_LIMIT = 1 << 20


@dataclass(frozen=True)
class StageOrder:
    """One attempt at one stage."""

    state: str
    attempt: int
    environment: dict[str, str] = field(default_factory=dict)
    item: int | None = None
    """The item's number, where the stage runs once for each."""
    client: Callable[[str], Coroutine[Any, Any, None]] | None = None
    """Asks the stage, which then serves; the stage ends when the client has what it wants."""

    @property
    def place(self) -> str:
        """Where the run's results go, below the execution's folder."""
        return items.place(self.state, self.item)

    @property
    def shown(self) -> str:
        """The stem of the executed notebook, where people look for it."""
        return self.state if self.item is None else f"{self.state}.{self.item}"

    def event(self, name: str, **more: Any) -> dict[str, Any]:
        """Return an event about the run."""
        item = {} if self.item is None else {"item": self.item}
        return {"event": name, "stage": self.state, **item, "attempt": self.attempt, **more}


@dataclass(frozen=True)
class StageRun:
    """How an attempt ended."""

    name: str
    status: str
    """``SUCCEEDED``, ``FAILED``, ``TIMED_OUT``, ``ABORTED``, ``REUSED`` or ``SKIPPED``."""
    attempt: int
    seconds: float
    notebook: str | None
    error: dict[str, Any] | None = None
    outputs: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    items: tuple[StageRun, ...] = ()
    """The runs of a stage that runs once for each item."""


class Process(Protocol):
    """A running stage process."""

    pid: int
    stdout: asyncio.StreamReader

    async def wait(self) -> int:
        """Wait for its end and return the exit status."""


class Starter(Protocol):
    """Starts stage processes."""

    async def start(self, arguments: Sequence[str], environment: dict[str, str]) -> Process:
        """Start ``python -m jupyter_zflow.runtime`` with these arguments, in a new session."""

    async def close(self) -> None:
        """Stop what was kept ready."""


class PlainStarter:
    """Start each stage in a fresh interpreter."""

    async def start(self, arguments: Sequence[str], environment: dict[str, str]) -> Process:
        """Start the process."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "jupyter_zflow.runtime", *arguments),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=LINE_LIMIT,
        )
        assert process.stdout is not None
        return process  # type: ignore[return-value]

    async def close(self) -> None:
        """Nothing was kept ready."""


class StageRunner:
    """Runs the stages of one execution.

    Parameters
    ----------
    places
        The execution's folders.
    starter
        Starts the processes.
    observe
        Told what happens.
    jobs
        How many stages may run at the same time; 0 is no limit.
    reuse
        Stages that are not run, because an earlier execution's result counts.
    """

    def __init__(
        self,
        places: Places,
        *,
        starter: Starter,
        observe: Observer,
        jobs: int = 0,
        reuse: frozenset[str] = frozenset(),
        skip: frozenset[str] = frozenset(),
    ) -> None:
        self.runs: dict[str, StageRun] = {}
        """The last run of each stage, in the order of their ends."""
        self._items: dict[str, dict[int, StageRun]] = {}
        self._places = places
        self._starter = starter
        self._observe = observe
        self._gate = asyncio.Semaphore(jobs or 1_000_000)
        # More kernels starting at once than there are cores only make each other late.
        self._starts = asyncio.Semaphore(2 * (os.cpu_count() or 1))
        self._reuse = reuse
        self._skip = skip

    async def run(self, order: StageOrder, *, limit: float | None = None) -> StageRun:
        """Run a stage, or take what an earlier execution left.

        Parameters
        ----------
        limit
            Seconds after which the stage is stopped.
        """
        if order.state in self._skip:
            self._keep(StageRun(order.state, "SKIPPED", order.attempt, 0.0, None), order)
            return StageRun(order.state, "SUCCEEDED", order.attempt, 0.0, None)
        if order.state in self._reuse:
            run = self._result(order, "REUSED")
            self._keep(run, order)
            return StageRun(order.state, "SUCCEEDED", order.attempt, 0.0, run.notebook)
        async with self._gate:
            return await self._run(order, limit)

    async def _run(self, order: StageOrder, limit: float | None) -> StageRun:
        self._clear(order)
        self._observe(order.event("stage_started"))
        began = time.monotonic()
        status = "ABORTED"
        try:
            try:
                async with asyncio.timeout(limit):
                    code = await self._process(order)
                status = "SUCCEEDED" if code == 0 else "FAILED"
            except TimeoutError:
                status = "TIMED_OUT"
            except StateFailedError as error:
                status = "FAILED"
                self._note_failure(order, error)
            except asyncio.CancelledError as stop:
                if TIMEOUT in stop.args:
                    status = "TIMED_OUT"
                raise
        finally:
            run = self._result(order, status, seconds=time.monotonic() - began)
            self._keep(run, order)
        return run

    def note_skipped(self, state: str) -> None:
        """Note that the state machine left a stage out."""
        order = StageOrder(state, 0)
        self._clear(order)
        self._keep(StageRun(state, "SKIPPED", 0, 0.0, None), order)

    async def _process(self, order: StageOrder) -> int:
        arguments = [
            *("--bundle", str(self._places.bundle), "--execution", str(self._places.folder)),
            *("--stage", order.state, "--attempt", str(order.attempt)),
            *(() if order.item is None else ("--item", str(order.item))),
            *(() if order.client is None else ("--serve", "127.0.0.1:0")),
        ]
        environment = {**os.environ, **order.environment, EVENTS: "1"}
        await self._starts.acquire()
        starting = True

        def running() -> None:
            nonlocal starting
            if starting:
                starting = False
                self._starts.release()

        process = None
        try:
            process = await self._starter.start(arguments, environment)
            await self._listen(process, order, running)
            return await process.wait()
        finally:
            running()
            if process is not None:
                await _undisturbed(_stop(process))

    async def _listen(
        self, process: Process, order: StageOrder, running: Callable[[], None]
    ) -> None:
        (self._places.folder / order.place).mkdir(parents=True, exist_ok=True)
        client: asyncio.Future[None] | None = None
        try:
            with (self._places.folder / order.place / LOG).open("ab") as log:
                async for line in _lines(process.stdout):
                    if line.startswith(EVENT.encode()):
                        running()
                        event = json.loads(line[len(EVENT) :])
                        self._observe(order.event(**_told(event)))
                        continue
                    log.write(line)
                    log.flush()
                    address = line.decode(errors="replace").partition(ANNOUNCED)[2].strip()
                    if address and client is None and order.client is not None:
                        client = asyncio.ensure_future(_ask(order.client, address, process))
            if client is not None:
                await client
        finally:
            if client is not None and not client.done():
                client.cancel()
                await asyncio.wait({client})

    def _note_failure(self, order: StageOrder, failure: StateFailedError) -> None:
        """Let the result say that whoever asked the stage failed, unless the stage did before."""
        path = self._places.folder / order.place / RESULT
        result: dict[str, Any] = {"stage": order.state, "attempt": order.attempt}
        with contextlib.suppress(FileNotFoundError, ValueError):
            result = json.loads(path.read_text(encoding="utf-8"))
        if result.get("error") is None:
            error = {"name": "TransformFailed", "message": failure.cause, "cell": None}
            text = json.dumps({**result, "status": "FAILED", "error": error}, indent=1)
            whole(path, lambda part: part.write_text(text, encoding="utf-8"))

    def _clear(self, order: StageOrder) -> None:
        """Remove what an earlier attempt left, so that it cannot be taken for this one's."""
        names = [RESULT, "manifest.json", NOTEBOOK, *([] if order.attempt else [LOG])]
        if order.item is None:
            names.append(items.FILE)
        for name in names:
            (self._places.folder / order.place / name).unlink(missing_ok=True)

    def _result(self, order: StageOrder, status: str, *, seconds: float = 0.0) -> StageRun:
        """Read what the stage left, and put its notebook where people look."""
        folder = self._places.folder / order.place
        try:
            result = json.loads((folder / RESULT).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            result = {"error": _silent(status, folder)}
        error = result.get("error")
        if status == "TIMED_OUT":
            error = {"name": "Timeout", "message": f"it ran longer than {seconds:.0f} seconds"}
        elif status == "SUCCEEDED" and error is not None:
            status = "FAILED"
        return StageRun(
            name=order.state,
            status=status,
            attempt=order.attempt,
            seconds=round(seconds or result.get("seconds", 0.0), 3),
            notebook=self._show_notebook(order),
            error=error if status not in {"SUCCEEDED", "REUSED"} else None,
            outputs=result.get("outputs", {}),
            metrics=result.get("metrics", {}),
        )

    def _show_notebook(self, order: StageOrder) -> str | None:
        source = self._places.folder / order.place / NOTEBOOK
        target = self._places.folder / f"{order.shown}.ipynb"
        if not source.exists():
            return None
        target.unlink(missing_ok=True)
        try:
            target.hardlink_to(source)
        except OSError:
            shutil.copyfile(source, target)
        return str(target)

    def _keep(self, run: StageRun, order: StageOrder) -> None:
        if order.item is None:
            self.runs[run.name] = run
        else:
            self._items.setdefault(run.name, {})[order.item] = run
            self.runs[run.name] = _together(run.name, self._items[run.name])
        self._observe(
            order.event(
                "stage_finished",
                status=run.status,
                seconds=run.seconds,
                notebook=run.notebook,
                error=run.error,
            )
        )


def _told(event: dict[str, Any]) -> dict[str, Any]:
    """Return what a stage process says, as the arguments of an event."""
    return {"name" if key == "event" else key: value for key, value in event.items()}


_WORST = ("ABORTED", "TIMED_OUT", "FAILED")


def _together(name: str, runs: dict[int, StageRun]) -> StageRun:
    """Return the runs for all items so far as one."""
    every = tuple(run for _, run in sorted(runs.items()))
    worst = next((run for status in _WORST for run in every if run.status == status), every[-1])
    return StageRun(
        name=name,
        status=worst.status,
        attempt=max(run.attempt for run in every),
        seconds=round(sum(run.seconds for run in every), 3),
        notebook=worst.notebook,
        error=worst.error,
        items=every,
    )


async def _lines(stream: asyncio.StreamReader) -> Any:
    """Yield lines; a line without end comes in pieces."""
    while True:
        try:
            line = await stream.readuntil(b"\n")
        except asyncio.IncompleteReadError as rest:
            if rest.partial:
                yield rest.partial
            return
        except asyncio.LimitOverrunError as long:
            line = await stream.readexactly(long.consumed)
        yield line


async def _ask(
    client: Callable[[str], Coroutine[Any, Any, None]], address: str, process: Process
) -> None:
    """Let the client ask a stage that serves, and end the stage then."""
    try:
        await client(address)
    finally:
        _signal(process.pid, signal.SIGTERM, group=False)


async def _undisturbed(work: Coroutine[Any, Any, None]) -> None:
    """Do the work to its end, however often somebody cancels meanwhile."""
    job = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not job.done():
        try:
            await asyncio.shield(job)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
    job.result()


async def _stop(process: Process) -> None:
    """End a process group: first so that the notebook is kept, then by force."""
    waiting = asyncio.ensure_future(process.wait())
    try:
        if not waiting.done():
            await asyncio.wait({waiting}, timeout=0.01)
        if not waiting.done():
            _signal(process.pid, signal.SIGTERM, group=False)
            await asyncio.wait({waiting}, timeout=_PATIENCE)
    finally:
        # Also when the process ended by itself: its children may be left.
        _signal(process.pid, signal.SIGKILL, group=True)
        await asyncio.shield(waiting)


def _signal(pid: int, number: int, *, group: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def _silent(status: str, folder: Path) -> dict[str, Any] | None:
    """Return the error of a process that ended without a result."""
    if status in {"SUCCEEDED", "REUSED"}:
        return None
    lines: list[str] = []
    with contextlib.suppress(FileNotFoundError):
        lines = (folder / LOG).read_text(errors="replace").splitlines()[-20:]
    return {
        "name": "StageDied",
        "message": lines[-1] if lines else "the process ended without a result",
        "traceback": "\n".join(lines),
    }
