"""Python scripts as cells: what a script may do and a cell of a notebook may not."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_zflow.notebook.document import NotebookDocument

_ENDS = {"sys.exit", "exit", "quit", "os._exit"}
_ARGUMENTS = {"sys.argv", "argparse.ArgumentParser", "ArgumentParser"}
_LOOPS = {"asyncio.run", "asyncio.Runner", "anyio.run", "trio.run"}


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a script cannot be a cell as it stands."""

    line: int
    message: str
    remedy: str


def as_notebook(text: str, *, path: Path) -> NotebookDocument:
    """Return a script as a notebook of one cell, verbatim."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "script",
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return parse(json.dumps(content), path=path)


def objections(text: str) -> Iterator[Objection]:
    """Yield what would act differently in a notebook's kernel."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        yield Objection(error.lineno or 1, f"this is no Python: {error.msg}", "Mend the script.")
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "__file__":
            yield Objection(node.lineno, "`__file__` is unknown in a cell", "Use a relative path.")
        name = _dotted(node)
        if name in _ARGUMENTS:
            yield Objection(
                node.lineno,  # type: ignore[attr-defined]
                f"`{name}` finds the arguments of the kernel, not of the script",
                "Use parameters or environment variables.",
            )
        if isinstance(node, ast.Call):
            called = _dotted(node.func)
            if called in _ENDS:
                yield Objection(node.lineno, f"`{called}()` fails a stage", "Let the script end.")
            if called in _LOOPS:
                yield Objection(
                    node.lineno, f"`{called}()` cannot run in a kernel", "Await the coroutine."
                )
        if isinstance(node, ast.Raise) and _raised(node) == "SystemExit":
            yield Objection(node.lineno, "SystemExit fails a stage", "Let the script end.")


def _raised(node: ast.Raise) -> str:
    error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return error.id if isinstance(error, ast.Name) else ""


def _dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
