"""What a child can be asked to do: a name, its arguments as JSON, a result as JSON."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.actions.check import CheckResult
    from jupyter_zflow.actions.executions import ExecutionFolder
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument

    Arguments = dict[str, Any]
    Observer = Callable[[dict[str, Any]], None]
    Task = Callable[[Arguments, Observer], dict[str, Any]]


def check(arguments: Arguments, _observe: Observer) -> dict[str, Any]:
    """Analyse a notebook: ``notebook`` (JSON text) or ``path``, and the ``policy``."""
    from jupyter_zflow.actions.check import check_document
    from jupyter_zflow.actions.drift import export_state

    began = time.perf_counter()
    result = check_document(_document(arguments))
    content = result.to_json()
    judged = _judged(result, arguments["policy"])
    content["findings"] += [finding.model_dump() for finding in judged]
    content["refused"] = content["refused"] or bool(judged)
    state = export_state(result.prepared)
    content["export"] = None if state is None else state.to_json()
    content["seconds"] = round(time.perf_counter() - began, 6)
    return content


def suggest(arguments: Arguments, _observe: Observer) -> dict[str, Any]:
    """Propose stages: ``notebook`` (JSON text) or ``path``, and ``by``."""
    from jupyter_zflow.actions.suggest import suggest_document

    return suggest_document(_document(arguments), by=arguments["by"]).to_json()


def export(arguments: Arguments, _observe: Observer) -> dict[str, Any]:
    """Write a pipeline folder: ``path``, ``folder``, ``dry_run``, ``on_conflict``, ``commit``.

    ``root`` is the folder that it must lie in, links followed.
    """
    from jupyter_zflow.actions import export as action
    from jupyter_zflow.actions.check import check as analyse
    from jupyter_zflow.actions.commit import commit, repository_of
    from jupyter_zflow.model.names import slug

    notebook = Path(arguments["path"])
    result = analyse(notebook)
    judged = _judged(result, arguments["policy"])
    if judged:
        raise RefusedError((*result.findings, *judged))
    folder = Path(arguments["folder"] or notebook.parent / slug(result.analysis.name))
    if not folder.resolve().is_relative_to(arguments["root"]):
        raise UsageError(f"{folder.name!r} leads out of the folder that the server shows.")
    asked = arguments["commit"]
    if asked is not None:
        repository_of(folder, branch=asked["branch"])
    done = action.export(
        notebook, folder, on_conflict=arguments["on_conflict"], dry_run=arguments["dry_run"]
    )
    made = None
    if asked is not None and not arguments["dry_run"]:
        made = commit(done.folder, branch=asked["branch"]).to_json()
    return {
        **done.to_json(),
        "diffs": [diff.to_json() for diff in done.diffs],
        "commit": made,
    }


def verify(arguments: Arguments, observe: Observer) -> dict[str, Any]:
    """Compare a straight run with isolated stages: ``path``, ``parameters``, ``tolerance``."""
    from jupyter_zflow.actions.verify import verify as action

    result = action(
        Path(arguments["path"]),
        assignments=_assignments(arguments["parameters"]),
        tolerance=arguments["tolerance"],
        on_event=observe,
    )
    return result.to_json()


def execute(arguments: Arguments, observe: Observer) -> dict[str, Any]:
    """Run an execution: ``path``, ``parameters``, ``from``, ``only``, ``jobs``, ``home``.

    The first event, ``begun``, tells the folder; until then it may be refused. From then on what
    the process prints goes into a file there, because the execution may outlive who listens.
    """
    from jupyter_zflow.actions.about import LOG
    from jupyter_zflow.actions.run import run

    def begin(made: ExecutionFolder) -> None:
        with (made.path / LOG).open("ab") as log:
            for number in (1, 2):
                os.dup2(log.fileno(), number)
        observe({"event": "begun", "folder": str(made.path)})

    home = arguments["home"]
    result = run(
        Path(arguments["path"]),
        assignments=_assignments(arguments["parameters"]),
        start=arguments["from"],
        only=arguments["only"],
        jobs=arguments["jobs"],
        home=None if home is None else Path(home),
        on_begin=begin,
        on_event=observe,
    )
    return {"status": result.status}


def preview(arguments: Arguments, _observe: Observer) -> dict[str, Any]:
    """Look at a saved variable: ``run``, ``state``, ``name``."""
    from jupyter_zflow.actions.preview import preview as action

    return action(Path(arguments["run"]), arguments["state"], arguments["name"])


TASKS: dict[str, Task] = {
    "check": check,
    "suggest": suggest,
    "export": export,
    "verify": verify,
    "execute": execute,
    "preview": preview,
}

_SMALL = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "metadata": {"tags": ["stage:a"]}, "source": "x = [1]"},
{"cell_type": "code", "metadata": {"tags": ["stage:b"]}, "source": "%matplotlib inline\\nprint(x)"}
]}"""


def warm_up() -> None:
    """Import what a check needs, by making one."""
    check({"notebook": _SMALL, "path": None, "policy": {}}, lambda _event: None)


def _document(arguments: Arguments) -> NotebookDocument:
    from jupyter_zflow.notebook.document import parse, read

    path = None if arguments["path"] is None else Path(arguments["path"])
    if arguments["notebook"] is None:
        assert path is not None
        return read(path)
    return parse(arguments["notebook"], path=path)


def _judged(result: CheckResult, policy: Arguments) -> tuple[Finding, ...]:
    from jupyter_zflow.actions.policy import Policy, judge

    if result.prepared.pipeline is None:
        return ()
    return judge(Policy.model_validate(policy), result.prepared.pipeline, result.analysis)


def _assignments(parameters: Arguments) -> list[str]:
    """Return parameters as they are typed on a command line."""
    return [f"{name}={json.dumps(value)}" for name, value in parameters.items()]
