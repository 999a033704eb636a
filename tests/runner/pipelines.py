"""Pipeline folders written by hand: stage notebooks and a definition, as export and synth do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.model.pipeline import Pipeline
from jupyter_zflow.synth.asl import definition_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jupyter_zflow.model.stage import Stage


def write_stage(
    bundle: Path,
    name: str,
    *cells: str,
    load: str = "",
    save: str = "",
    parameters: str = "",
    files: Sequence[str] = (),
) -> None:
    """Write a stage notebook; ``load`` and ``save`` are the arguments of these calls."""
    written: list[dict[str, Any]] = []
    if parameters:
        written.append(_cell(parameters, {"tags": ["parameters"], "zflow": {"cell": 0}}))
    if load:
        written.append(_cell(_call("load", load), {"tags": ["zflow-load"]}))
    written += [
        _cell(source, {"zflow": {"cell": number}}) for number, source in enumerate(cells, 1)
    ]
    if save:
        written.append(_cell(_call("save", save), {"tags": ["zflow-save"]}))
    names = [line.partition("=")[0].strip() for line in parameters.splitlines()]
    content = {
        "cells": [{**cell, "id": f"c{number}"} for number, cell in enumerate(written)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "zflow": {"stage": name, "pipeline": "p", "files": list(files), "parameters": names},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path = bundle / "stages" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def definition_of(*stages: Stage, **pipeline: Any) -> str:
    """Return the definition's text."""
    return definition_text(Pipeline(name="p", stages=stages, **pipeline))


def _call(function: str, arguments: str) -> str:
    return f"import jupyter_zflow.runtime as _zflow\n_zflow.{function}({arguments})\ndel _zflow"


def _cell(source: str, metadata: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }
