from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a notebook; a cell is its source, or source and tags."""

    def write_notebook(*cells: Any, zflow: Any = None, metadata: Any = None) -> Path:
        rows = [(cell,) if isinstance(cell, str) else cell for cell in cells]
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {**({"zflow": zflow} if zflow else {}), **(metadata or {})},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell{index}",
                    "metadata": {"tags": list(tags)},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for index, (source, *tags) in enumerate(rows)
            ],
        }
        path = tmp_path / "demo.ipynb"
        path.write_text(json.dumps(content))
        return path

    return write_notebook
