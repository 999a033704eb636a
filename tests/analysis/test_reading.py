"""Cells that are read again after an edit: as a reading from the start, and little of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.analysis.memory import Memories
from jupyter_zflow.analysis.modules import LocalModules
from jupyter_zflow.analysis.observed import NOTHING
from jupyter_zflow.analysis.reading import Reading
from jupyter_zflow.notebook.document import NotebookDocument, parse
from jupyter_zflow.notebook.layout import Layout, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable


CASES = sorted((Path(__file__).parents[1] / "fidelity" / "cases").glob("*.json"))
PIECES = (
    "x = 1",
    "x = [1]\ny = x",
    "def f(a):\n    return a",
    "df = None",
    "a = b = []",
    "import os",
    "import numpy as np",
    "random.seed(1)",
    "x.append(1)",
    "del x",
    "y = x",
    "exec('x=1')",
    "open('f', 'w').write('a')",
    "%env A=1",
    "class A:\n    v = []",
    "model = A()",
    "f(x)",
    "if x:\n    y = x",
    "raise ValueError(x)",
    "_",
)
EDITS: tuple[Callable[[random.Random, list[str], int], None], ...] = (
    lambda chance, cells, at: cells.__setitem__(at, chance.choice(PIECES)),
    lambda chance, cells, at: cells.__setitem__(at, chance.choice(cells)),
    lambda chance, cells, at: cells.__setitem__(at, f"{cells[at]}\n{chance.choice(PIECES)}"),
    lambda chance, cells, at: cells.__setitem__(at, f"{chance.choice(PIECES)}\n{cells[at]}"),
    lambda _, cells, at: cells.__setitem__(at, f"\n# moved down\n{cells[at]}"),
    lambda chance, cells, at: cells.insert(at, chance.choice(PIECES)),
    lambda _, cells, at: cells.__delitem__(slice(at, at + 1 if len(cells) > 1 else at)),
)


def notebook_of(cells: list[str], *, name: str = "notebook") -> NotebookDocument:
    """Return a notebook with stages of two cells."""
    written = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {"tags": [f"stage:s{n // 2}"] if n else []},
            "source": cell,
            "outputs": [],
        }
        for n, cell in enumerate(cells)
    ]
    text = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": written}
    return parse(json.dumps(text), path=Path("/nowhere") / f"{name}.ipynb")


def layout_of(cells: list[str]) -> Layout:
    """Return the layout of a notebook."""
    return lay_out(notebook_of(cells))


@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_after_any_edit_the_analysis_is_that_of_a_new_reading(cases: Path) -> None:
    chance = random.Random(cases.stem)
    books = [case["cells"] for case in json.loads(cases.read_text()).values()]
    for number in range(6):
        cells = [cell for book in chance.sample(books, min(3, len(books))) for cell in book]
        analyse(notebook_of(cells, name=f"edited-{number}"))
        for edit in range(6):
            before = list(cells)
            chance.choice(EDITS)(chance, cells, chance.randrange(len(cells)))
            edited = analyse(notebook_of(cells, name=f"edited-{number}"))
            anew = analyse(notebook_of(cells, name=f"anew-{number}-{edit}"))
            anew = anew.model_copy(update={"name": edited.name})
            assert edited == anew, (before, cells)


CHAIN = ["import math", "a = [1]", "b = [2]", "c = a + b", "d = math.pi", "b.append(3)", "e = c"]


@pytest.mark.parametrize(
    ("at", "cell", "again"),
    [
        pytest.param(1, "a = [1]", [], id="nothing_changed"),
        pytest.param(1, "a = [1]  # one", [1], id="comment"),
        pytest.param(1, "a = [7]", [1], id="another_value_of_the_kind"),
        pytest.param(4, "d = math.pi\nnew = []", [4], id="new_name_that_nobody_uses"),
        pytest.param(1, "a = 1", [1, 3], id="another_kind_of_value"),
        pytest.param(2, "b = a", [2, 3, 5], id="another_alias"),
        pytest.param(4, "d = d0", [4], id="name_that_nobody_else_uses"),
        pytest.param(5, "_", [5], id="last_cells"),
    ],
)
def test_only_what_may_see_the_edit_is_read_again(at: int, cell: str, again: list[int]) -> None:
    reading = Reading(LocalModules(None))
    before = reading.read(list(enumerate(CHAIN)))

    now = reading.read(list(enumerate([*CHAIN[:at], cell, *CHAIN[at + 1 :]])))

    assert set(again) >= {
        n for n, (one, two) in enumerate(zip(before, now, strict=True)) if one is not two
    }
    assert reading.last_read == tuple(again)


def test_a_local_module_that_changes_is_looked_at_again(tmp_path: Path) -> None:
    module = tmp_path / "counting.py"
    module.write_text("def count():\n    return 1\n")
    layout = layout_of(["import counting", "counting.count()", "counting.count()"])
    memories = Memories(size=2)
    notebook = tmp_path / "n.ipynb"
    with memories.of(notebook) as memory:
        pure = memory.read(layout)
    with memories.of(notebook) as same:
        assert same is memory

    module.write_text("n = 0\ndef count():\n    global n\n    n += 1\n    return n\n")

    with memories.of(notebook) as fresh:
        assert fresh is not memory
        assert fresh.read(layout)[2].state_reads != pure[2].state_reads


def test_a_memory_is_lent_to_one_at_a_time_and_the_oldest_is_forgotten(tmp_path: Path) -> None:
    memories = Memories(size=1)
    one, two = tmp_path / "one.ipynb", tmp_path / "two.ipynb"
    with memories.of(one) as first, memories.of(one, NOTHING) as second:
        assert first is not second
    with memories.of(one) as again:
        assert again is first
    with memories.of(two):
        pass
    with memories.of(one) as anew:
        assert anew is not first
