from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.notebook.document import NotebookDocument, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., NotebookDocument]


def notebook_text(*cells: Any, zflow: Any = None) -> str:
    """Return a notebook; a cell is its source, or a tuple of source and tags."""
    rows = [(cell,) if isinstance(cell, str) else cell for cell in cells]
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {} if zflow is None else {"zflow": zflow},
            "cells": [
                {
                    "cell_type": "markdown" if source.startswith("# md") else "code",
                    "id": f"cell{index}",
                    "metadata": {"tags": list(tags)},
                    "source": source,
                }
                for index, (source, *tags) in enumerate(rows)
            ],
        }
    )


@pytest.fixture
def build() -> Build:
    def build_document(*cells: Any, zflow: Any = None, name: str = "My Study") -> NotebookDocument:
        return parse(notebook_text(*cells, zflow=zflow), path=Path(f"{name}.ipynb"))

    return build_document
