from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[..., Path]


@pytest.fixture
def save(tmp_path: Path) -> Save:
    """Return a function that writes a notebook; a cell is its source, or source and tags."""

    def save_notebook(*cells: Any, zflow: Any = None, name: str = "My Study") -> Path:
        rows = [(cell,) if isinstance(cell, str) else cell for cell in cells]
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"zflow": zflow} if zflow else {},
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
        path = tmp_path / f"{name}.ipynb"
        path.write_text(json.dumps(content))
        return path

    return save_notebook
