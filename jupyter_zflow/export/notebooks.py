"""A stage's notebook: the author's cells, with what they need before and what they leave after.

Cells are never rewritten. The only lines taken out are our own magics, which mean nothing
outside the author's notebook; each leaves an empty line, so an error's line number is true.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jupyter_zflow.export.files import place_of
from jupyter_zflow.notebook.annotations import expectation
from jupyter_zflow.notebook.source import split
from jupyter_zflow.runtime import guard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis
    from jupyter_zflow.model.parameter import Parameter
    from jupyter_zflow.notebook.document import Cell, NotebookDocument

_RUNTIME = "import jupyter_zflow.runtime as _zflow"
_FORGET = "del _zflow"
_KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_LINE_LIMIT = 88
_NOTHING: Mapping[str, Any] = MappingProxyType({})


def stage_notebook(
    document: NotebookDocument, analysis: Analysis, stage: AnalysedStage, *, files: Sequence[str]
) -> str:
    """Return the text of a stage's notebook.

    Parameters
    ----------
    files
        Paths below ``files/`` that the runtime lays into the working directory.
    """
    taken = {cell.id for cell in document.cells}
    before = [
        _user_cell(document.cells[index], parameters=index == analysis.parameters_cell)
        for index in stage.replays
    ]
    own = [
        _user_cell(document.cells[index], parameters=False, checks=_checks(stage, index))
        for index in stage.cells
    ]
    last = not any(stage.name in other.after for other in analysis.stages)
    load, save = load_source(stage), save_source(stage, last=last)
    cells = [
        *before,
        *([_our_cell("zflow-load", load, taken)] if load else []),
        *own,
        *([_our_cell("zflow-save", save, taken)] if save else []),
    ]
    content = {
        "cells": cells,
        "metadata": _metadata(document, analysis, stage, files),
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def load_source(stage: AnalysedStage) -> str:
    """Return the cell that brings in what other stages left; empty when there is nothing."""
    # A star may bind any name, so what is loaded by name comes after it; any other import comes
    # last, because what is imported may be a file, or on a path, that was just loaded.
    lines = [statement for statement in stage.imports if statement.endswith("import *")]
    imports = [statement for statement in stage.imports if statement not in lines]
    arguments = []
    if stage.loads:
        arguments.append(_literal({name: list(found) for name, found in stage.loads.items()}))
    if stage.loads_states:
        states = {name: list(kinds) for name, kinds in stage.loads_states.items()}
        arguments.append(f"states={_literal(states)}")
    if stage.loads_files:
        arguments.append(f"files={_literal(list(stage.loads_files))}")
    if arguments:
        lines += [_RUNTIME, _call("_zflow.load", arguments), _FORGET]
    return "\n".join([*lines, *imports])


def save_source(stage: AnalysedStage, *, last: bool = False) -> str:
    """Return the cell that hands on what later stages read; empty when there is nothing.

    Parameters
    ----------
    last
        No stage comes after this one, so what it computes is the pipeline's result.
    """
    arguments = []
    if stage.saves:
        arguments.append(_literal(list(stage.saves)))
    if stage.saves_states:
        arguments.append(f"states={_literal(list(stage.saves_states))}")
    if stage.saves_files:
        arguments.append("files=True")
    if stage.saves_everything:
        arguments.append("everything=True")
    asked = [name for name in stage.outputs if name not in stage.saves]
    results = [name for name in stage.writes if name not in stage.saves and name[:1] != "_"]
    results = list(dict.fromkeys([*asked, *(results if last else ())]))
    if results:
        arguments.append(f"outputs={_literal(results)}")
    return "\n".join([_RUNTIME, _call("_zflow.save", arguments), _FORGET]) if arguments else ""


def _call(function: str, arguments: Sequence[str]) -> str:
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= _LINE_LIMIT:
        return line
    return "\n".join([f"{function}(", *(f"    {argument}," for argument in arguments), ")"])


def _literal(value: object) -> str:
    """Return Python source with double quotes, as formatters write it."""
    return json.dumps(value, ensure_ascii=False)


def _checks(stage: AnalysedStage, cell: int) -> dict[str, Any]:
    """Return what the engine compares around a cell, because an observed run is relied on."""
    checks: dict[str, Any] = {}
    for found in stage.relies:
        if found.cell == cell:
            asked = {"variables": list(found.variables), "states": list(found.states)}
            if cell != stage.cells[-1]:
                asked[guard.LASTING] = list(found.lasting)
            checks[guard.UNCHANGED] = asked
    lasting = {name for found in stage.relies if found.cell != cell for name in found.lasting}
    if lasting and cell == stage.cells[-1]:
        checks[guard.LASTING] = sorted(lasting)
    return checks


def _user_cell(
    cell: Cell, *, parameters: bool, checks: Mapping[str, Any] = _NOTHING
) -> dict[str, Any]:
    source = split(cell.source).code.text
    tags = list(dict.fromkeys(cell.tags))
    if parameters and "parameters" not in tags:
        tags.append("parameters")
    if not parameters and "parameters" in tags:
        tags.remove("parameters")  # papermill must find one such cell, or none
    metadata: dict[str, Any] = {"zflow": {"cell": cell.index, **checks}}
    if tags:
        metadata["tags"] = tags
    return _code_cell(cell.id, source, metadata)


def _our_cell(name: str, source: str, taken: set[str]) -> dict[str, Any]:
    own_id = name
    while own_id in taken:
        own_id += "-"
    return _code_cell(own_id, source, {"tags": [name]})


def _code_cell(own_id: str, source: str, metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": own_id,
        "metadata": metadata,
        "outputs": [],
        # A list of lines, as nbformat writes it: differences stay readable.
        "source": source.splitlines(keepends=True),
    }


def _parameters(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """Return what a run may inject.

    The defaults tell a run what not to inject: the cell already says it, and says it exactly,
    where a value that went through JSON may have become a list or lost its ``.0``.
    """
    types = {
        item.name: kind
        for item in parameters
        if (kind := expectation(item.name, item.annotation, item.default).python) is not None
    }
    return {
        "defaults": {item.name: item.default for item in parameters},
        "parameters": [item.name for item in parameters],
        "types": types,
    }


def _metadata(
    document: NotebookDocument, analysis: Analysis, stage: AnalysedStage, files: Sequence[str]
) -> dict[str, Any]:
    kept = {
        key: document.metadata[key]
        for key in ("kernelspec", "language_info")
        if isinstance(document.metadata.get(key), dict)
    }
    takes_parameters = analysis.parameters_cell in stage.replays
    return {
        "kernelspec": _KERNELSPEC,
        **kept,
        "zflow": {
            "files": list(files),
            **_parameters(analysis.parameters if takes_parameters else ()),
            "pipeline": analysis.name,
            **({"place": place} if (place := _place(document, analysis)) else {}),
            "stage": stage.name,
        },
    }


def _place(document: NotebookDocument, analysis: Analysis) -> str:
    if document.path is None:
        return ""
    return place_of(analysis.stages, document.path.absolute().parent)
