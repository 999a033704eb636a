"""``%zflow VERB``: the actions, with results as the notebook shows them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_zflow.magics import show
from jupyter_zflow.magics.locate import notebook_path
from jupyter_zflow.magics.options import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.magics.options import Request

T = TypeVar("T")


def run_verb(line: str, *, shell: Any) -> None:
    """Do what the line asks for and show the result."""
    request = parse(line)
    if request.verb == "observe":
        _observe(request, shell)
        return
    notebook = notebook_path(request.notebook, verb=request.verb, namespace=shell.user_ns)
    actions: dict[str, Callable[[Request, Path], None]] = {
        "check": _check,
        "graph": _graph,
        "export": _export,
        "run": _run,
        "verify": _verify,
        "status": _status,
    }
    actions[request.verb](request, notebook)


def _check(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.check import check
    from jupyter_zflow.actions.explain import explain

    result = check(notebook)
    if request.explain is None:
        show.show_check(result)
    else:
        show.show_explained(explain(result.analysis, *request.explain))


def _graph(request: Request, notebook: Path) -> None:  # noqa: ARG001
    from jupyter_zflow.actions.check import check

    show.show_graph(check(notebook))


def _export(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.export import export

    force = "--force" in request.flags
    folder = _path(request.output)
    show.show_export(export(notebook, folder, on_conflict="overwrite" if force else "refuse"))


def _run(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.run import run

    call = partial(
        run,
        notebook,
        assignments=request.parameters,
        output_dir=_path(request.output),
        start=request.start,
        only=request.only,
    )
    show.show_run(_apart(call))


def _verify(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.verify import verify

    call = partial(
        verify,
        notebook,
        assignments=request.parameters,
        tolerance=request.tolerance,
        output_dir=_path(request.output),
        html=_path(request.html),
        observe="--observe" in request.flags,
    )
    show.show_verify(_apart(call))


def _status(request: Request, notebook: Path) -> None:  # noqa: ARG001
    from jupyter_zflow.actions.remote import local_executions

    show.show_status(local_executions(notebook, limit=5))


def _observe(request: Request, shell: Any) -> None:
    from jupyter_zflow.runtime import observe

    place = observe.observing()
    if request.word == "off":
        show.show_observed(observe.stop(), on=False)
        return
    if place is None or request.notebook is not None:
        from jupyter_zflow.actions.observed import digests
        from jupyter_zflow.notebook.document import read
        from jupyter_zflow.notebook.source import split
        from jupyter_zflow.runtime.observe.record import place_of

        notebook = notebook_path(request.notebook, verb="observe", namespace=shell.user_ns)
        known = digests(read(notebook))
        place = place_of(notebook)
        observe.start(shell, place, code_of=lambda text: split(text).code.text, keep=known)
    show.show_observed(place, on=True)


def _apart(call: Callable[[], T]) -> T:
    """Call in another thread: the kernel's has an event loop of its own already."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(call).result()


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
