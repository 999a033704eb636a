"""Notebooks from rows: a cell's kind or tags, and its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.notebook.document import NotebookDocument, parse

if TYPE_CHECKING:
    from collections.abc import Callable

    Build = Callable[..., NotebookDocument]


def notebook_text(*rows: Any, metadata: Any = None) -> str:
    """Return a notebook; a row is Markdown when it starts with ``#``, or a source with tags."""
    cells: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        source, *tags = (row,) if isinstance(row, str) else row
        kind = "markdown" if source.startswith("#") else "code"
        cell = {"cell_type": kind, "id": f"c{index}", "metadata": {}, "source": source}
        if tags:
            cell["metadata"] = {"tags": tags}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        cells.append(cell)
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": cells}
    )


@pytest.fixture
def build() -> Build:
    def build_document(*rows: Any) -> NotebookDocument:
        return parse(notebook_text(*rows), path=Path("study.ipynb"))

    return build_document
