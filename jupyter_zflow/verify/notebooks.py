"""The notebooks that are run: all cells in one kernel, and stages that are looked at.

What is added is metadata, never a cell: cells, their numbers and the history stay what they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.model.names import state_name
from jupyter_zflow.notebook.layout import lay_out
from jupyter_zflow.runtime import snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis
    from jupyter_zflow.notebook.document import NotebookDocument

STATE = "straight"
"""The state that the straight run is to the runtime."""
END = "end"
_RUN = ("kernelspec", "language_info")
_PARAMETERS = ("defaults", "parameters", "types")
_PLACE = ("place",)


def border(stage: str) -> str:
    """Return what the straight run's snapshot at a stage's end is called."""
    return f"border {state_name(stage)}"


def border_names(stage: AnalysedStage) -> tuple[str, ...]:
    """Return the variables of a stage that are compared at its end."""
    loaded = [name for names in stage.loads.values() for name in names if name != "*"]
    return tuple(dict.fromkeys([*loaded, *stage.reads, *stage.writes, *stage.saves]))


def observed(text: str, stage: str) -> str:
    """Return a stage's notebook, with a snapshot of all variables after its last cell."""
    content = json.loads(text)
    _add(content["cells"][-1], snapshot.source(state_name(stage)))
    return json.dumps(content, indent=1, ensure_ascii=False)


def straight_notebook(
    document: NotebookDocument,
    analysis: Analysis,
    stage_notebooks: Sequence[Mapping[str, Any]],
    *,
    files: Sequence[str],
) -> str:
    """Return the notebook of the straight run.

    Parameters
    ----------
    stage_notebooks
        The exported ones, which say what is injected and on which kernel.
    files
        What is laid into its working directory.
    """
    layout = lay_out(document)
    cells = {
        index: _cell(document, index, code.text, parameters=index == analysis.parameters_cell)
        for index, code in sorted(layout.code.items())
    }
    taken: dict[int, list[str]] = {}
    for stage in analysis.stages:
        names = None if stage.saves_everything else border_names(stage)
        taken.setdefault(max(stage.cells), []).append(snapshot.source(border(stage.name), names))
    taken.setdefault(max(cells), []).append(snapshot.source(END))
    for index, sources in taken.items():
        _add(cells[index], "\n".join(sources))
    settings = [notebook["metadata"] for notebook in stage_notebooks]
    own: Mapping[str, Any] = settings[0]["zflow"]
    injected: dict[str, Any] = next(
        (item["zflow"] for item in settings if item["zflow"]["parameters"]), {}
    )
    return json.dumps(
        {
            "cells": list(cells.values()),
            "metadata": {
                **{key: settings[0][key] for key in _RUN if key in settings[0]},
                "zflow": {
                    "files": list(files),
                    "pipeline": analysis.name,
                    "stage": STATE,
                    **{key: value for key, value in own.items() if key in _PLACE},
                    **{key: injected[key] for key in _PARAMETERS if key in injected},
                },
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        indent=1,
        ensure_ascii=False,
    )


def _cell(
    document: NotebookDocument, index: int, source: str, *, parameters: bool
) -> dict[str, Any]:
    cell = document.cells[index]
    tags = [tag for tag in dict.fromkeys(cell.tags) if tag != "parameters"]
    if parameters:
        tags.append("parameters")
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell.id,
        "metadata": {"tags": tags, "zflow": {"cell": index}},
        "outputs": [],
        "source": source.splitlines(keepends=True),
    }


def _add(cell: dict[str, Any], source: str) -> None:
    cell["metadata"].setdefault("zflow", {})[snapshot.AFTERWARDS] = source
