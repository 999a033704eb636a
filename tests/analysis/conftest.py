"""Notebooks from rows of words and sources, and how many programs the property test tries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from jupyter_zflow.analysis import analyse
from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jupyter_zflow.model.analysis import Analysis

    Row = tuple[str, str]
    Analyse = Callable[..., Analysis]

settings.register_profile("thorough", deadline=None, print_blob=True)

PLAIN = {"setup", "parameters", "skip"}


def notebook_text(*rows: Row, counts: tuple[int, ...] = ()) -> str:
    """Return a notebook; a row is the words of a cell (a stage, ``setup``...) and its source."""
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"c{place}",
            "metadata": {"tags": [_tag(word) for word in words.split()]},
            "source": source,
            "outputs": [],
            "execution_count": counts[place] if counts else None,
        }
        for place, (words, source) in enumerate(rows)
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})


def _tag(word: str) -> str:
    return word if word in PLAIN or word.startswith("after:") else f"stage:{word}"


@pytest.fixture
def analysed(tmp_path: Path) -> Analyse:
    """Return a function that analyses rows, with files beside the notebook."""

    def analyse_rows(
        *rows: Row, files: Mapping[str, str] | None = None, counts: tuple[int, ...] = ()
    ) -> Analysis:
        for name, text in (files or {}).items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        text = notebook_text(*rows, counts=counts)
        return analyse(parse(text, path=tmp_path / "notebook.ipynb"))

    return analyse_rows
