from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pipeline folder with one stage that needs one file."""
    made = tmp_path / "pipeline"
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"zflow": {"files": ["data/in.csv"], "stage": "fit"}},
        "cells": [
            {
                "cell_type": "code",
                "id": "one",
                "metadata": {"zflow": {"cell": 3}},
                "source": ["key = 'none'\n", "print(key)"],
                "outputs": [],
                "execution_count": None,
            }
        ],
    }
    for path, text in {
        "stages/fit.ipynb": json.dumps(notebook, indent=1),
        "files/data/in.csv": "1,2\n",
        "files/notes.log": "said\n",
        "requirements/fit.txt": "numpy==2.0.0\n",
        "README.md": "stays\n",
    }.items():
        (made / path).parent.mkdir(parents=True, exist_ok=True)
        (made / path).write_text(text)
    return made
