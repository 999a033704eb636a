"""What a definition and its notebooks say about parameters, when there is no analysis."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import NotebookError
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.notebook.document import read
from jupyter_zflow.notebook.parameters import read_parameters

if TYPE_CHECKING:
    from pathlib import Path


def declared_parameters(definition: str, folder: Path) -> tuple[Parameter, ...]:
    """Return a state machine's parameters, with the types that the stage notebooks promise."""
    defaults = _defaults(definition)
    if not defaults:
        return ()
    typed = _typed(folder)
    return tuple(
        (typed[name] if name in typed else Parameter(name=name)).model_copy(
            update={"default": default}
        )
        for name, default in defaults.items()
    )


def _defaults(definition: str) -> dict[str, Any]:
    """Return what the machine assigns before its first stage."""
    try:
        machine = json.loads(definition)
        state = machine["States"][machine["StartAt"]]
    except (ValueError, KeyError, TypeError):
        return {}  # the interpreter says what is wrong with it
    defaults = state.get("Assign", {}).get("defaults", {}) if isinstance(state, dict) else {}
    return defaults if isinstance(defaults, dict) else {}


def _typed(folder: Path) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for path in sorted(folder.glob("stages/*.ipynb")):
        try:
            document = read(path)
        except NotebookError:
            continue  # the stage itself will say so
        for cell in document.cells:
            if "parameters" in cell.tags:
                parameters, _ = read_parameters(cell.source, cell=cell.index)
                found |= {parameter.name: parameter for parameter in parameters}
    return found
