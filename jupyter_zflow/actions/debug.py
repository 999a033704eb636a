"""A notebook to find out why a stage failed: its cells, and a kernel that holds its inputs.

It is the stage's notebook as it was executed, with one cell before everything that takes the
stage's place, and without the cell that saves. The author's cells are as they were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupyter_zflow
from jupyter_zflow.artifacts.store import whole
from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.names import state_name

if TYPE_CHECKING:
    from jupyter_zflow.actions.history import ExecutionRecord, StageRecord

_LEFT = ("zflow-save", "papermill-error-cell-tag")
"""Tags of cells that are left out: ours that saves, and papermill's about the failure."""
_FAILED = {"FAILED", "TIMED_OUT", "ABORTED"}


@dataclass(frozen=True, slots=True)
class DebugNotebook:
    """Where the notebook is, and how far it has to run."""

    path: Path
    stage: str
    run_first: int
    """How many cells, from the first, bring in the inputs."""
    failed_cell: int | None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "path": str(self.path),
            "stage": self.stage,
            "run_first": self.run_first,
            "failed_cell": self.failed_cell,
        }


def debug_notebook(execution: ExecutionRecord, stage: str | None = None) -> DebugNotebook:
    """Write the notebook of a stage that ran, beside the execution.

    Parameters
    ----------
    stage
        The stage; by default the first one that failed.

    Raises
    ------
    UsageError
        There is no such stage, none failed, or it has not run.
    """
    found = _stage(execution, stage)
    about = execution.about
    state = state_name(found.name)
    bundle = Path(about.bundle) if about and about.bundle else execution.folder / "bundle"
    source = _source(execution, bundle, state, found)
    cells = [_clean(cell) for cell in source["cells"] if not any(_is(cell, tag) for tag in _LEFT)]
    first = _enter(execution.run, state, bundle)
    own = [index for index, cell in enumerate(cells) if _is(cell, "zflow-load")]
    run_first = own[-1] + 2 if own else 1 + _before_own(cells, found)
    failed = None if found.error is None else found.error.get("cell")
    places = [
        index
        for index, cell in enumerate(cells, 1)
        if failed is not None and cell["metadata"].get("zflow", {}).get("cell") == failed
    ]
    path = _free(execution.folder / "debug", state)
    content = {**source, "cells": [first, *cells]}
    content["metadata"] = {
        key: value for key, value in source["metadata"].items() if key not in {"papermill", "zflow"}
    }
    path.parent.mkdir(exist_ok=True)
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    whole(path, lambda part: part.write_text(text, encoding="utf-8"))
    return DebugNotebook(path, found.name, run_first, places[0] if places else None)


def _stage(execution: ExecutionRecord, name: str | None) -> StageRecord:
    names = ", ".join(stage.name for stage in execution.stages) or "none"
    if name is not None:
        found = execution.stage(name)
        if found is None:
            raise UsageError(f"There is no stage {name!r}.", remedy=f"Stages: {names}.")
        return found
    failed = [stage for stage in execution.stages if stage.status in _FAILED]
    if not failed:
        raise UsageError(
            f"No stage of execution {execution.id!r} failed.", remedy=f"Name one of: {names}."
        )
    return failed[0]


def _source(
    execution: ExecutionRecord, bundle: Path, state: str, stage: StageRecord
) -> dict[str, Any]:
    """Return the notebook as it was executed, or as it was to be executed."""
    for path in (execution.run / f"{state}.ipynb", bundle / "stages" / f"{state}.ipynb"):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(content, dict):
            return content
    raise UsageError(f"Stage {stage.name!r} has no notebook.", remedy="Run the pipeline again.")


def _before_own(cells: list[dict[str, Any]], stage: StageRecord) -> int:
    """Return how many cells come before the stage's own, where nothing is loaded.

    Only the author's cells carry their place in the notebook; of those, parameters and setup
    cells are tagged or belong to no stage.
    """
    number = 0
    for number, cell in enumerate(cells):
        tags = cell["metadata"].get("tags", [])
        if f"stage:{stage.name}" in tags:
            return number
        if not {"parameters", "injected-parameters", "setup"} & set(tags):
            return number
    return number


def _enter(run: Path, state: str, bundle: Path) -> dict[str, Any]:
    library = str(Path(jupyter_zflow.__file__).parent.parent)
    source = (
        f"# Takes the place of stage {state!r}: its working directory and what it was given.\n"
        f"import sys as _sys\n"
        f"_sys.path.append({library!r})\n"
        f"from jupyter_zflow.runtime.debug import enter as _enter\n"
        f"_enter({str(run.absolute())!r}, {state!r}, {str(bundle.absolute())!r})\n"
        f"_sys.path.remove({library!r})\n"
        f"del _sys, _enter"
    )
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "zflow-enter",
        "metadata": {"tags": ["zflow-enter"]},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _clean(cell: dict[str, Any]) -> dict[str, Any]:
    """Return the cell as nobody had run it."""
    metadata = {
        key: value
        for key, value in cell.get("metadata", {}).items()
        if key not in {"papermill", "execution"}
    }
    clean = {**cell, "metadata": metadata}
    if cell.get("cell_type") == "code":
        clean |= {"execution_count": None, "outputs": []}
    return clean


def _is(cell: dict[str, Any], name: str) -> bool:
    return name in cell.get("metadata", {}).get("tags", [])


def _free(folder: Path, stem: str) -> Path:
    """Return a name that is not taken: an earlier notebook may have been worked on."""
    path = folder / f"{stem}.ipynb"
    number = 2
    while path.exists():
        path = folder / f"{stem}-{number}.ipynb"
        number += 1
    return path
