"""``%zflow VERB``: the actions, with results as the notebook shows them."""

from __future__ import annotations

import shlex
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError
from jupyter_zflow.magics.locate import notebook_path
from jupyter_zflow.magics.show import show_check, show_export, show_graph, show_run, show_verify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERBS = ("check", "graph", "export", "run", "verify")


@dataclass(slots=True)
class Request:
    """What the line asks for."""

    verb: str
    notebook: str | None = None
    output: str | None = None
    force: bool = False
    parameters: list[str] = field(default_factory=list)
    start: str | None = None
    only: str | None = None


def run_verb(line: str, *, namespace: Mapping[str, object]) -> None:
    """Do what the line asks for and show the result."""
    request = parse(line)
    notebook = notebook_path(request.notebook, namespace=namespace)
    actions: dict[str, Callable[[Request, Path], None]] = {
        "check": _check,
        "graph": _graph,
        "export": _export,
        "run": _run,
        "verify": _verify,
    }
    actions[request.verb](request, notebook)


def parse(line: str) -> Request:
    """Read the verb and its options.

    Raises
    ------
    UsageError
        When the verb or an option is unknown.
    """
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"%zflow {line}: {str(error).lower()}.") from None
    if not words or words[0] not in VERBS:
        given = f"not {words[0]!r}" if words else "nothing is given"
        raise UsageError(f"%zflow takes a verb, {given}.", remedy=f"Verbs: {', '.join(VERBS)}.")
    request = Request(words.pop(0))
    options: dict[str, Callable[[str], None]] = {
        "--notebook": lambda text: setattr(request, "notebook", text),
        "-o": lambda text: setattr(request, "output", text),
        "--output": lambda text: setattr(request, "output", text),
        "-p": request.parameters.append,
        "--from": lambda text: setattr(request, "start", text),
        "--only": lambda text: setattr(request, "only", text),
    }
    while words:
        word = words.pop(0)
        if word == "--force":
            request.force = True
        elif word in options and words:
            options[word](words.pop(0))
        elif word in options:
            raise UsageError(f"%zflow {request.verb}: {word} needs a value.")
        else:
            allowed = ", ".join([*options, "--force"])
            raise UsageError(
                f"%zflow {request.verb}: unknown option {word!r}.", remedy=f"Allowed: {allowed}."
            )
    return request


def _check(request: Request, notebook: Path) -> None:  # noqa: ARG001
    from jupyter_zflow.actions.check import check

    show_check(check(notebook))


def _graph(request: Request, notebook: Path) -> None:  # noqa: ARG001
    from jupyter_zflow.actions.check import check

    show_graph(check(notebook))


def _export(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.export import export

    folder = Path(request.output) if request.output else None
    show_export(export(notebook, folder, on_conflict="overwrite" if request.force else "refuse"))


def _run(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.run import run

    # The kernel's thread has an event loop of its own already.
    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(
            run,
            notebook,
            assignments=request.parameters,
            output_dir=Path(request.output) if request.output else None,
            start=request.start,
            only=request.only,
        ).result()
    show_run(result)


def _verify(request: Request, notebook: Path) -> None:
    from jupyter_zflow.actions.verify import verify

    # The kernel's thread has an event loop of its own already.
    with ThreadPoolExecutor(1) as executor:
        result = executor.submit(
            verify,
            notebook,
            assignments=request.parameters,
            output_dir=Path(request.output) if request.output else None,
        ).result()
    show_verify(result)
