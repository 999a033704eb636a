"""One run of one stage: own working directory, own kernel, and a result whatever happens."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_zflow
from jupyter_zflow.artifacts.store import open_store
from jupyter_zflow.errors import UsageError, ZflowError
from jupyter_zflow.runtime import (
    files,
    injection,
    items,
    kernel,
    outcome,
    papers,
    serve,
    workplace,
)
from jupyter_zflow.runtime.context import VARIABLE, Context
from jupyter_zflow.runtime.source import source_digest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_zflow.artifacts.store import Store

NOTEBOOK = "notebook.ipynb"
RESULT = "result.json"
EVENTS = "ZFLOW_EVENTS"
"""The environment variable that asks for progress lines on standard output."""
EVENT = "zflow_event "
"""How a progress line begins."""
_GRACE = 15.0
"""Seconds between the interrupt of a cell and the end of its kernel."""


@dataclass(frozen=True)
class Order:
    """What to run: the bundle, the execution, the state and which attempt it is."""

    bundle: Path
    execution: str
    state: str
    attempt: int = 0
    item: int | None = None
    """The item's number, where the stage runs once for each."""
    serve: str | None = None
    """``HOST:PORT`` where the stage answers requests after its cells have run, until SIGTERM."""

    @property
    def place(self) -> str:
        """Where the run's results go, below the execution."""
        return items.place(self.state, self.item)


@dataclass(frozen=True)
class _Places:
    workdir: Path
    depth: int
    """How many folders above the working directory are the stage's own."""
    scratch: Path
    """Messages and sockets; its path is short, for a socket's path has 107 bytes at most."""


def run(order: Order) -> int:
    """Run a stage; return the exit status."""
    began = time.monotonic()
    store = open_store(order.execution)
    source: str | None = None
    inputs: dict[str, tuple[int, int]] = {}
    place = workplace.place_of(order.bundle / "stages" / f"{order.state}.ipynb")
    with _places(place) as places:
        try:
            error = _execute(order, store, places, inputs)
        except ZflowError as refused:
            error = outcome.Failure(type(refused).__name__, str(refused))
        except Exception as broken:  # noqa: BLE001  a run always has a result
            text = traceback.format_exc()
            error = outcome.Failure(type(broken).__name__, str(broken), traceback=text)
        notebook = order.bundle / "stages" / f"{order.state}.ipynb"
        with contextlib.suppress(OSError, ValueError, KeyError):
            source = source_digest(notebook)
        known = {**inputs, **files.laid(places.scratch)}
        kept = files.keep(places.workdir, known, store, order.place)
        result = outcome.collect(
            order.state,
            order.attempt,
            seconds=time.monotonic() - began,
            scratch=places.scratch,
            error=error,
            source=source,
            files=kept,
        )
        executed = places.scratch / NOTEBOOK
        if executed.exists():
            store.put(executed, f"{order.place}/{NOTEBOOK}")
        store.write(f"{order.place}/{RESULT}", result.to_json().encode())
    outcome.tell_service(result)
    if error is not None:
        print(f"{order.state}: {error.name}: {error.message}", file=sys.stderr, flush=True)
    return 0 if error is None else 1


def _execute(
    order: Order, store: Store, places: _Places, inputs: dict[str, tuple[int, int]]
) -> outcome.Failure | None:
    """Run the notebook; note the files that were there before it ran."""
    notebook = _read_notebook(order.bundle / "stages" / f"{order.state}.ipynb")
    facts = _read_facts(store)
    settings = notebook.metadata.get("zflow", {})
    workplace.lay_inputs(
        order.bundle / "files", settings.get("files", ()), places.workdir, depth=places.depth
    )
    inputs.update(files.listing(places.workdir))
    Context(
        execution=store.uri,
        state=order.place,
        stage=settings.get("stage", order.state),
        workdir=str(places.workdir),
        scratch=str(places.scratch),
        attempt=order.attempt,
        inputs=inputs,
    ).write(places.scratch / "context.json")
    # What the DSL fixes for this stage alone decides over the execution's parameters.
    own = facts.get("stages", {}).get(order.state, {}).get("parameters", {})
    item = items.parameter(store, order.state, order.item, settings.get("parameters", ()))
    given = {**facts.get("parameters", {}), **own, **item}
    injection.translate_exactly()
    if order.serve is not None:
        notebook.cells.append(_serving_cell(order.serve))
    return _run_papermill(
        notebook, injection.injected(settings, given), places, serves=order.serve is not None
    )


def _serving_cell(address: str) -> Any:
    from nbformat.v4 import new_code_cell

    return new_code_cell(  # type: ignore[no-untyped-call]
        serve.SOURCE.format(address), metadata={"tags": ["zflow-serve"]}
    )


def _run_papermill(
    notebook: Any, parameters: dict[str, Any], places: _Places, *, serves: bool = False
) -> outcome.Failure | None:
    papermill = papers.load()
    from nbclient.exceptions import DeadKernelError

    from jupyter_zflow.runtime import engine

    watch = engine.KernelWatch()
    position: list[int] = [0]

    def progress(number: int, total: int, source: int | None) -> None:
        position[0] = number - 1
        _tell({"event": "cell", "cell": number, "of": total, "source": source})

    executed = places.scratch / NOTEBOOK
    failure: outcome.Failure | None = None
    with _stoppable(watch):
        try:
            papermill.execute_notebook(
                notebook,
                str(executed),
                parameters=parameters,
                engine_name=engine.NAME,
                kernel_name=_kernel_name(notebook),
                language="python",
                progress_bar=False,
                report_mode=False,
                stdout_file=sys.stdout,
                stderr_file=sys.stderr,
                cwd=str(places.workdir),
                zflow_watch=watch,
                zflow_progress=progress,
                zflow_sockets=places.scratch,
                zflow_environment=_environment(places),
            )
        except papermill.PapermillExecutionError as error:
            failure = outcome.of_cell(error, _cells(executed))
        except DeadKernelError:
            failure = outcome.of_dead_kernel(watch.status, _original(executed, position[0]))
        except RuntimeError as error:
            if "Kernel" not in str(error):
                raise
            failure = outcome.Failure("KernelError", f"the kernel did not start: {error}")
    if watch.stopped_by is not None and (failure is not None or not serves):
        name = signal.Signals(watch.stopped_by).name
        place = (failure.cell, failure.line) if failure else (None, None)
        return outcome.Failure("Stopped", f"the stage was stopped by {name}", *place)
    return failure


def _read_notebook(path: Path) -> Any:
    papers.load()
    import nbformat

    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except FileNotFoundError:
        message = f"the bundle has no stage notebook {path}."
        raise UsageError(message, remedy="Export the notebook again.") from None
    except (ValueError, nbformat.ValidationError, nbformat.reader.NotJSONError) as error:
        message = f"{path} is not a notebook: {error}."
        raise UsageError(message, remedy="Export the notebook again.") from None


def _read_facts(store: Store) -> dict[str, Any]:
    content = store.read("execution.json")
    if content is None:
        message = f"there is no execution in {store.uri}: execution.json is missing."
        raise UsageError(message, remedy="The state machine's first state writes it.")
    facts: dict[str, Any] = json.loads(content)
    return facts


def _kernel_name(notebook: Any) -> str:
    """Return the notebook's kernel when it is installed here, else the current Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    name = notebook.metadata.get("kernelspec", {}).get("name", "")
    if name and name != "python3":
        with contextlib.suppress(NoSuchKernel):
            KernelSpecManager().get_kernel_spec(name)
            return str(name)
    return "python3"


def _environment(places: _Places) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name != EVENTS}
    environment[VARIABLE] = str(places.scratch / "context.json")
    # The kernel may belong to another environment, and in a bundle the runtime is not installed
    # at all; the kernel's extension takes this back before any cell can see it.
    library = str(Path(jupyter_zflow.__file__).parent.parent)
    before = environment.get("PYTHONPATH", "")
    environment[kernel.LIBRARY] = before
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [before, library]))
    return environment


def _cells(executed: Path) -> list[Any]:
    found: list[Any] = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    return found


def _original(executed: Path, position: int) -> int | None:
    cell = _cells(executed)[position]
    index: int | None = cell.get("metadata", {}).get("zflow", {}).get("cell")
    return index


def _tell(event: dict[str, Any]) -> None:
    if os.environ.get(EVENTS):
        print(f"{EVENT}{json.dumps(event)}", flush=True)


@contextlib.contextmanager
def _places(place: str) -> Iterator[_Places]:
    root = Path(tempfile.gettempdir())
    private, workdir = workplace.make_workdir(root, place)
    short = root if len(str(root)) < 60 else Path("/tmp")  # noqa: PLR2004, S108
    scratch = Path(tempfile.mkdtemp(prefix="zfk-", dir=short))
    try:
        yield _Places(workdir, len(workdir.relative_to(private).parts), scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        shutil.rmtree(private, ignore_errors=True)


@contextlib.contextmanager
def _stoppable(watch: Any) -> Iterator[None]:
    """Turn SIGTERM into an interrupt of the cell, and into its end after a while."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, _: object) -> None:
        if watch.stopped_by is None:
            watch.stopped_by = number
            watch.interrupt()
            timer = threading.Timer(_GRACE, watch.kill)
            timer.daemon = True
            timer.start()

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
