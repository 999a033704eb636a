"""Run a definition here: folders, executors, records, and an end without leftovers."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import json
import secrets
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_zflow.errors import UsageError, ZflowError
from jupyter_zflow.runner import definition
from jupyter_zflow.runner.clock import LocalClock, stamp
from jupyter_zflow.runner.executors import executor
from jupyter_zflow.runner.executors.bench import Bench
from jupyter_zflow.runner.failures import TIMEOUT, StateFailedError
from jupyter_zflow.runner.interpreter import ExecutionContext, Interpreter, TaskCall
from jupyter_zflow.runner.places import BUCKET, BUNDLE_VERSION, Places
from jupyter_zflow.runner.record import Recorder
from jupyter_zflow.runner.selection import left_out, select, stage_names, without_guards
from jupyter_zflow.runner.stages import StageRun, StageRunner
from jupyter_zflow.runner.warm import WarmStarter

Result = TypeVar("Result")

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.clock import Clock
    from jupyter_zflow.runner.stages import Starter

EXECUTION = "execution.json"


@dataclass(frozen=True)
class RunSettings:
    """How to run, as opposed to what."""

    start: str | None = None
    """Run from this stage on, and take earlier results for the others."""
    only: str | None = None
    """Run this stage alone."""
    jobs: int = 0
    """Stages at the same time; 0 is as many as are ready."""
    name: str | None = None
    """The execution's name; default: the date and a random part."""
    substitutions: Mapping[str, str] = field(default_factory=dict)
    """Values of placeholders besides the local ones."""


@dataclass(frozen=True)
class ExecutionResult:
    """How an execution ended."""

    status: str
    """``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``."""
    execution: str
    stages: tuple[StageRun, ...]
    """Every stage that was run, re-used or left out, in the definition's order."""
    seconds: float
    definition_sha256: str
    folder: str
    output: Json = None
    outputs: dict[str, Any] = field(default_factory=dict)
    """The saved variables that JSON can hold; those of later stages win."""
    error: dict[str, str] | None = None
    """Error name and cause of the state that failed."""

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON values."""
        return {**asdict(self), "stages": [asdict(run) for run in self.stages]}


def run_local(
    text: str,
    *,
    bundle: Path,
    folder: Path,
    input: Mapping[str, Json] | None = None,  # noqa: A002  as Step Functions calls it
    settings: RunSettings | None = None,
    on_event: Callable[[dict[str, Any]], None] = lambda _event: None,
    starter: Starter | None = None,
    clock: Clock | None = None,
) -> ExecutionResult:
    """Run a definition on this machine until it ends.

    Parameters
    ----------
    text
        The definition exactly as the template carries it.
    bundle
        The pipeline folder: ``stages/``, ``files/``.
    folder
        Where the execution is kept; the executed notebook of stage S is ``<folder>/S.ipynb``.
    input
        The execution's input: parameters that differ from their defaults.
    on_event
        Called with each event as it is recorded.

    Raises
    ------
    DefinitionError
        The definition uses what cannot run here.
    UsageError
        A stage to start from does not exist, or its predecessors have no results.
    """
    machine = definition.read(text)
    _check_resources(machine)
    options = settings or RunSettings()
    work = _run(
        machine,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        places=(bundle.absolute(), folder.absolute()),
        data=dict(input or {}),
        options=options,
        on_event=on_event,
        starter=starter,
        clock=clock or LocalClock(),
    )
    return to_the_end(work)


def to_the_end(work: Coroutine[Any, Any, Result]) -> Result:
    """Run in a loop of its own, in a thread where this one has a loop already: in a kernel."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    stop: list[Callable[[], object]] = []

    async def noted() -> Result:
        task = asyncio.current_task()
        assert task is not None
        stop.append(functools.partial(asyncio.get_running_loop().call_soon_threadsafe, task.cancel))
        return await work

    with ThreadPoolExecutor(1) as pool:
        ended = pool.submit(asyncio.run, noted())
        try:
            return ended.result()
        except KeyboardInterrupt:
            for cancel in stop:
                cancel()
            raise


async def _run(  # noqa: PLR0915  it puts everything together
    machine: dict[str, Any],
    *,
    digest: str,
    places: tuple[Path, Path],
    data: dict[str, Json],
    options: RunSettings,
    on_event: Callable[[dict[str, Any]], None],
    starter: Starter | None,
    clock: Clock,
) -> ExecutionResult:
    bundle, folder = places
    selection = select(
        machine, bundle=bundle, folder=folder, start=options.start, only=options.only
    )
    if options.start or options.only:
        data = {**_earlier_parameters(folder), **data}
    folder.mkdir(parents=True, exist_ok=True)
    name = options.name or f"run-{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    began = time.monotonic()
    record = Recorder(folder, clock=clock, execution=name, on_event=on_event)
    own = starter or WarmStarter()
    here = Places(bundle, folder, name)
    stages = StageRunner(
        here,
        starter=own,
        observe=record,
        jobs=options.jobs,
        reuse=selection.reuse,
        skip=selection.skip,
    )
    bench = Bench(here, stages)

    async def execute(call: TaskCall) -> Json:
        return await executor(call.resource)(call, bench)

    substitutions = {"Bucket": BUCKET, "BundleVersion": BUNDLE_VERSION, **options.substitutions}
    context = ExecutionContext(
        id=f"arn:aws:states:local:000000000000:execution:local:{name}",
        name=name,
        input=data,
        started=stamp(clock.now()),
    )
    record(
        {
            "event": "execution_started",
            "stages": stage_names(machine),
            "input": data,
            "definition_sha256": digest,
        }
    )
    status, output, error = "ABORTED", None, None
    machine = without_guards(machine, selection.skip)
    skipped = left_out(machine)

    def observe(event: dict[str, Any]) -> None:
        record(event)
        if event["event"] == "state_entered" and event["type"] == "Pass":
            # A loop that was not selected has become a Pass state of its name.
            name = (
                event["state"] if event["state"] in selection.skip else skipped.get(event["state"])
            )
            if name is not None:
                stages.note_skipped(name)

    try:
        interpreter = Interpreter(execute, clock=clock, context=context, observe=observe)
        work = interpreter.run(definition.substitute(machine, substitutions), data)
        status, output, error = await _until_stopped(work)
    finally:
        for job in bench.runs.values():
            job.cancel()
        await asyncio.gather(*bench.runs.values(), return_exceptions=True)
        await own.close()
        record({"event": "execution_finished", "status": status, "error": error})
        record.close()
    order = {stage: place for place, stage in enumerate(stage_names(machine))}
    runs = sorted(stages.runs.values(), key=lambda run: order.get(run.name, len(order)))
    outputs: dict[str, Any] = {}
    for run in runs:
        outputs.update(run.outputs)
    return ExecutionResult(
        status=status,
        execution=name,
        stages=tuple(runs),
        seconds=round(time.monotonic() - began, 3),
        definition_sha256=digest,
        folder=str(folder),
        output=output,
        outputs=outputs,
        error=error,
    )


async def _until_stopped(work: Any) -> tuple[str, Json, dict[str, str] | None]:
    """Wait for the end, or for a signal that asks to stop."""
    job = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, job.cancel)
    try:
        return "SUCCEEDED", await job, None
    except StateFailedError as failure:
        status = "TIMED_OUT" if failure.error == TIMEOUT else "FAILED"
        return status, None, {"error": failure.error, "cause": failure.cause}
    except asyncio.CancelledError:
        return "ABORTED", None, {"error": "Aborted", "cause": "the run was stopped"}
    finally:
        for number in signals:
            with contextlib.suppress(ValueError, NotImplementedError, RuntimeError):
                loop.remove_signal_handler(number)
        if not job.done():
            job.cancel()
            with contextlib.suppress(asyncio.CancelledError, StateFailedError, ZflowError):
                await job


def _check_resources(machine: dict[str, Any]) -> None:
    """Refuse before anything ran what could not run later."""
    for state in machine["States"].values():
        if state["Type"] == "Task":
            executor(state["Resource"])
        for part in definition.inner(state):
            _check_resources(part)


def _earlier_parameters(folder: Path) -> dict[str, Json]:
    try:
        facts = json.loads((folder / EXECUTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"there is no earlier execution in {folder}."
        raise UsageError(message, remedy="Run the whole pipeline first.") from None
    parameters: dict[str, Json] = facts.get("parameters", {})
    return parameters
