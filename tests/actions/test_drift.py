"""Whether a notebook has moved on since its export."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.drift import export_state
from jupyter_zflow.actions.prepare import prepare
from jupyter_zflow.export.lock import LOCK, Lock, cell_hashes, lock_text
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.synth import definition_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.actions.prepare import Prepared


def prepared(path: Path, *sources: str, tag: str = "stage:a") -> Prepared:
    cells = [
        {"cell_type": "code", "id": f"c{index}", "metadata": {"tags": [tag]}, "source": source}
        for index, source in enumerate(sources)
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    return prepare(parse(text, path=path))


@pytest.mark.parametrize(
    ("sources", "tag", "stale", "cells"),
    [
        pytest.param(("x = 1", "y = 2"), "stage:a", False, (), id="the_same"),
        pytest.param(("x = 1", "y = 3"), "stage:a", True, (1,), id="changed"),
        pytest.param(("x = 1", "y = 2", "z = 3"), "stage:a", True, (2,), id="added"),
        pytest.param(("x = 1",), "stage:a", True, (), id="removed"),
        pytest.param(("x = 1", "y = 2"), "stage:b", True, (0, 1), id="renamed"),
    ],
)
def test_an_edit_makes_an_export_stale(
    tmp_path: Path, sources: tuple[str, ...], tag: str, *, stale: bool, cells: tuple[int, ...]
) -> None:
    path = tmp_path / "nb.ipynb"
    before = prepared(path, "x = 1", "y = 2")
    assert before.definition is not None
    lock = Lock(
        notebook="nb.ipynb",
        definition_sha256=definition_sha256(before.definition),
        cells=cell_hashes(before.document, before.analysis),
    )
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / LOCK).write_text(lock_text(lock))

    state = export_state(prepared(path, *sources, tag=tag))

    assert state is not None
    assert (state.folder, state.stale, state.cells) == (tmp_path / "nb", stale, cells)


def test_where_nothing_was_exported_nothing_is_stale(tmp_path: Path) -> None:
    assert export_state(prepared(tmp_path / "nb.ipynb", "x = 1")) is None


def test_a_damaged_lock_is_stale(tmp_path: Path) -> None:
    (tmp_path / "nb").mkdir()
    (tmp_path / "nb" / LOCK).write_text("{")

    state = export_state(prepared(tmp_path / "nb.ipynb", "x = 1"))

    assert state is not None
    assert state.stale
