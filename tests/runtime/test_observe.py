"""Cells that run under observation, in a shell of their own process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.runtime.observe import record

if TYPE_CHECKING:
    from pathlib import Path

CELLS = {
    "bind": "import random, threading\nxs = ys = [2, 1]\npassword = 'hunter2'",
    "change": "xs.sort()",
    "read": "def total(things):\n    return sum(things)\nn = total(xs)",
    "skip a branch": "if n > 100:\n    n = 0\nelse:\n    n = 1",
    "draw": "random.random()",
    "lock": "lock = threading.Lock()\nheld = [lock]",
    "files": "open('written.txt', 'w').write('x')\nopen('written.txt').read()",
    "fail": "xs.append(3)\nraise ValueError(password)",
    "delete": "del ys",
    "hot loop": "for i in range(100_000):\n    pass\nlast = i",
}

SESSION = """
def session():
    import json, sys
    from pathlib import Path
    from IPython.core.interactiveshell import InteractiveShell
    from jupyter_zflow.runtime import observe
    shell = InteractiveShell.instance(user_module=sys.modules["__main__"])
    shell.run_cell("early = 1")
    observe.start(shell, Path("kept/record.json"))
    for cell in json.loads(sys.argv[1]):
        shell.run_cell(cell)
        shell.run_cell("")
    observe.stop()
    shell.run_cell("late = 1")
session()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("observed")
    sources = [*CELLS.values(), CELLS["change"]]
    subprocess.run(
        [sys.executable, "-c", SESSION, json.dumps(sources)],
        cwd=place,
        check=True,
        capture_output=True,
        env={"HOME": str(place), "PATH": "", "IPYTHONDIR": str(place / "ipython")},
    )
    return place


@pytest.fixture(scope="module")
def seen(folder: Path) -> dict[str, dict[str, Any]]:
    cells = record.read_cells(folder / "kept" / "record.json")
    return {name: cells[record.digest_of(source)] for name, source in CELLS.items()}


@pytest.mark.parametrize(
    ("cell", "key", "value"),
    [
        ("bind", "binds", ["password", "xs", "ys"]),
        ("bind", "aliases", [["xs", "ys"]]),
        ("bind", "changed", []),
        ("change", "changed", ["xs", "ys"]),
        ("read", "reads", ["xs"]),
        ("read", "changed", []),
        ("skip a branch", "lines", [1, 4]),
        ("draw", "states_changed", ["random"]),
        ("read", "states_unchanged", ["random"]),
        ("files", "files_written", ["written.txt"]),
        ("files", "files_read", ["written.txt"]),
        ("fail", "finished", False),
        ("fail", "changed", ["xs", "ys"]),
        ("delete", "deletes", ["ys"]),
        ("read", "finished", True),
        ("hot loop", "lines", [1, 2, 3]),
    ],
)
def test_what_is_noted(seen: dict[str, dict[str, Any]], cell: str, key: str, value: Any) -> None:
    assert seen[cell][key] == value


def test_values_by_type_and_size_only(folder: Path, seen: dict[str, dict[str, Any]]) -> None:
    values = seen["lock"]["values"]

    assert values["lock"]["serialises"] is values["held"]["serialises"] is False
    assert values["held"]["type"] == "list"
    assert "a lock" in values["held"]["because"]
    assert seen["bind"]["values"]["xs"]["size"] > 0
    assert "hunter2" not in (folder / "kept" / "record.json").read_text()


def test_only_cells_of_the_observation(folder: Path) -> None:
    cells = record.read_cells(folder / "kept" / "record.json")

    assert len(cells) == len(CELLS)
    assert [path.name for path in (folder / "kept").iterdir()] == ["record.json"]


def test_a_cell_that_ran_twice(seen: dict[str, dict[str, Any]]) -> None:
    # The second time there is no ys, and xs is changed again.
    assert seen["change"]["changed"] == ["xs", "ys"]
    assert "n" not in seen["change"]["unchanged"]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"version": 0, "cells": {}}', '{"version": 1, "cells": []}']
)
def test_a_broken_file_is_no_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)

    assert record.read_cells(tmp_path / "x.json") == {}
