"""Notebooks from rows, written where a tool would have left them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


def notebook_text(*rows: Any, metadata: Any = None) -> str:
    """Return a notebook; a row is Markdown when it starts with ``#``, or a source with tags."""
    cells: list[dict[str, Any]] = []
    for index, row in enumerate(rows):
        source, *tags = (row,) if isinstance(row, str) else row
        kind = "markdown" if source.startswith("#") else "code"
        own = {"tags": tags} if tags else {}
        cell = {"cell_type": kind, "id": f"c{index}", "metadata": own, "source": source}
        if kind == "code":
            cell |= {"outputs": [], "execution_count": None}
        cells.append(cell)
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata or {}, "cells": cells}
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a notebook, by default named ``study.ipynb``."""

    def write_notebook(*rows: Any, name: str = "study.ipynb", metadata: Any = None) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook_text(*rows, metadata=metadata))
        return path

    return write_notebook
