"""An observed run sharpens the answer, and a run in which it is otherwise fails."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.check import check
from jupyter_zflow.actions.explain import explain
from jupyter_zflow.actions.run import run
from jupyter_zflow.actions.verify import verify
from jupyter_zflow.runtime.observe import record

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """
def summarise(rows, hurt):
    if hurt:
        rows.append(9)
    return len(rows)
"""
CELLS = (
    ("setup", "import lib, random\nrandom.seed(3)"),
    ("parameters", "hurt = False"),
    ("stage:load", "rows = [2, 1]\nholder = {'rows': rows}"),
    ("stage:left", "left = lib.summarise(holder['rows'], hurt)"),
    ("stage:right", "right = lib.summarise(rows, False)"),
    ("stage:join", "print(left, right, rows, random.random())"),
)


def notebook(folder: Path, rows: tuple[tuple[str, str], ...]) -> Path:
    cells = [
        {"cell_type": "code", "id": f"c{place}", "metadata": {"tags": [tag]}, "source": source}
        for place, (tag, source) in enumerate(rows)
    ]
    path = folder / "demo.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    return path


def test_observe_check_and_run(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text(MODULE)
    path = notebook(tmp_path, CELLS)
    cautious = check(path).to_json()
    observed = verify(path, observe=True)
    exact = check(path)

    assert observed.equal
    assert observed.observed == tmp_path / ".zflow" / "demo.observed.json"
    after = {stage["name"]: stage["after"] for stage in cautious["stages"]}
    assert "left" in after["right"]
    assert cautious["relieved"] == []
    content = exact.to_json()
    after = {stage["name"]: stage["after"] for stage in content["stages"]}
    assert (after["left"], after["right"]) == (["load"], ["load"])
    assert {edge["name"] for edge in content["relieved"]} >= {"rows", "random"}
    sizes = {edge["name"]: edge.get("size") for edge in content["edges"]}
    assert sizes["rows"] > 0
    assert "without the record" in explain(exact.analysis, "left", "right").said

    calm = run(path)
    hurt = run(path, assignments=["hurt=true"])

    assert calm.status == "SUCCEEDED"
    assert hurt.status == "FAILED"
    failed = next(stage for stage in hurt.stages if stage["name"] == "left")
    assert "this cell changed 'holder'" in failed["error"]["message"]
    assert failed["error"]["cell"] == 3


HIDDEN = """
import threading

def rebuild(rows, go):
    if go:
        rows[:] = [list(row) for row in rows]

def later(rows, go):
    if go:
        threading.Timer(0.1, lambda: rows.append("late")).start()
"""


@pytest.mark.parametrize(
    ("function", "said"),
    [
        pytest.param("rebuild", "this cell changed 'first', 'rows'", id="equal_but_not_shared"),
        pytest.param("later", "this stage changed 'rows'", id="after_the_cell"),
    ],
)
def test_changes_that_hide(tmp_path: Path, function: str, said: str) -> None:
    (tmp_path / "lib.py").write_text(HIDDEN)
    cells = (
        ("setup", "import lib, time"),
        ("parameters", "go = True"),
        ("stage:load", "rows = [[1], [2]]\nfirst = rows[0]"),
        ("stage:clean", f"lib.{function}(rows, go)"),
        ("stage:clean", "time.sleep(0.5)"),
        ("stage:use", "rows[0].append(5)\nprint(first, rows)"),
    )
    calm = {"finished": True, "unchanged": ["rows", "first"], "lines": [1]}
    place = record.place_of(tmp_path / "demo.ipynb")
    cleaning = [source for tag, source in cells if tag == "stage:clean"]
    record.write_cells(place, {record.digest_of(source): calm for source in cleaning})

    done = run(notebook(tmp_path, cells))

    failed = next(stage for stage in done.stages if stage["name"] == "clean")
    assert done.status == "FAILED"
    assert said in failed["error"]["message"]
