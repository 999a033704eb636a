"""The magics in a real kernel: a cell with ``%%stage`` behaves as if the line were not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Run = Callable[[str], "Cell"]


class Cell:
    """What a kernel answered."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        contents = [(message["msg_type"], message["content"]) for message in messages]
        self.text = "".join(c["text"] for kind, c in contents if kind == "stream")
        self.result = next(
            (c["data"]["text/plain"] for kind, c in contents if kind == "execute_result"), None
        )
        self.displayed = [c["data"] for kind, c in contents if kind == "display_data"]
        self.error = next((c for kind, c in contents if kind == "error"), None)

    @property
    def traceback(self) -> str:
        import re

        lines = "\n".join(self.error["traceback"] if self.error else [])
        return re.sub(r"\x1b\[[0-9;]*m", "", lines)


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name="python3")
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def run(kernel: Any) -> Run:
    def execute(source: str) -> Cell:
        messages: list[dict[str, Any]] = []
        kernel.execute_interactive(source, output_hook=messages.append, timeout=60)
        return Cell(messages)

    loaded = execute("%load_ext jupyter_zflow\n%load_ext jupyter_zflow\n%reload_ext jupyter_zflow")
    assert loaded.error is None
    return execute


SESSION = (
    ("%%stage a\nx = 20\nx + 1", "21", ""),
    ("\n%%stage 'b c' --kind training --compute ml.g5.xlarge\nx += 1\nprint(x)", None, "21\n"),
    ("%%stage a\nimport asyncio\nawait asyncio.sleep(0, 'done')", "'done'", ""),
    ("%%stage a\n%%capture shown\nprint('hidden')", None, ""),
    ("%%stage a\nshown.stdout", "'hidden\\n'", ""),
    ("%%stage a\n\n%pipeline demo --schedule 'rate(1 day)'\n'{x}'", "'{x}'", ""),
    ("%%stage a\n!echo {x}", None, "21\n"),
    ("%%stage a\nif True:\n    'not shown'\nx;", None, ""),
    ("%%stage a\n_", "'{x}'", ""),
    ("get_ipython().run_cell_magic('stage', 'a', 'y = 1\\ny + 1')", "2", ""),
    ("%%stage a", None, ""),
)
"""Cells of one session, in order: source, result, printed text."""


def test_a_stage_cell_runs_as_usual(run: Run) -> None:
    for source, result, text in SESSION:
        cell = run(source)

        assert cell.error is None, cell.traceback
        assert (source, cell.text.replace("\r", ""), cell.result) == (source, text, result)


def test_an_error_has_its_true_line(run: Run) -> None:
    cell = run("%%stage a\nz = 1\nz / 0")

    assert cell.error is not None
    assert cell.error["ename"] == "ZeroDivisionError"
    assert "line 3" in cell.traceback
    assert "jupyter_zflow" not in cell.traceback


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%%stage\nx", "%%stage needs the name of a stage."),
        ("%%stage a b\nx", "unexpected 'b'"),
        ("%%stage a --kin x\nx", "Did you mean --kind?"),
        ("%pipeline p --bogus", "unknown option --bogus"),
        ("%zflow", "Verbs: check, graph, export, run"),
        ("%zflow chek", "not 'chek'. Did you mean check?"),
        ("%zflow check -p x=1", "check: unknown option '-p'"),
        ("%zflow verify --tolerence 1", "Did you mean --tolerance?"),
        ("%zflow verify --tolerance much", "'much', not a number from 0 up"),
        ("%zflow check --explain a", "--explain needs two stages"),
        ("%zflow observe of", "unknown word 'of'. Did you mean off?"),
        ("%zflow observe", "Say it: %zflow observe --notebook PATH"),
        ("%zflow check --notebook", "needs a value"),
        ("%zflow check --bogus", "unknown option '--bogus'"),
        ("%zflow check", "does not know which notebook"),
        ("%zflow check --notebook nowhere.ipynb", "there is no such file"),
    ],
)
def test_wrong_use_is_one_line(run: Run, source: str, said: str) -> None:
    cell = run(source)

    shown = cell.traceback + cell.text
    assert said in shown
    assert "Traceback" not in shown


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("notebooks") / "saved.ipynb"
    cell = {"cell_type": "code", "metadata": {}, "source": "%%stage one\nx = 1", "id": "a"}
    path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}))
    return path


@pytest.mark.parametrize("where", ["--notebook", "VS Code", "Jupyter"])
def test_check_finds_the_notebook(run: Run, saved: Path, where: str) -> None:
    known = {
        "--notebook": "",
        "VS Code": f"__vsc_ipynb_file__ = {str(saved)!r}\n",
        "Jupyter": f"import os; os.environ['JPY_SESSION_NAME'] = {str(saved)!r}\n",
    }[where]
    option = f" --notebook {saved}" if where == "--notebook" else ""

    cell = run(f"{known}%zflow check{option}")
    run("globals().pop('__vsc_ipynb_file__', 0); import os; os.environ.pop('JPY_SESSION_NAME', 0)")

    assert cell.error is None, cell.traceback
    assert "| one | 1 |" in cell.displayed[0]["text/markdown"]


def test_graph_is_drawn(run: Run, saved: Path) -> None:
    cell = run(f"%zflow graph --notebook {saved}")

    assert cell.displayed[0]["text/vnd.mermaid"].startswith("graph LR\n")


def test_run_from_the_kernel(run: Run, saved: Path) -> None:
    cell = run(f"%zflow run --notebook {saved}")

    assert cell.error is None, cell.traceback
    assert "**saved**: SUCCEEDED" in cell.displayed[-1]["text/markdown"]


def test_status_after_a_run(run: Run, saved: Path) -> None:
    run(f"%zflow run --notebook {saved}")

    cell = run(f"%zflow status --notebook {saved}")

    assert "| SUCCEEDED |" in cell.displayed[0]["text/markdown"]
    assert "| one | SUCCEEDED |" in cell.displayed[0]["text/markdown"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%zflow che", ["check"]),
        ("%zflow run --fr", ["--from"]),
        ("%zflow observe o", ["on", "off"]),
        ("%zflow run --from ", []),
    ],
)
def test_completion(kernel: Any, run: Run, line: str, offered: list[str]) -> None:
    run("pass")
    kernel.complete(line, len(line))

    matches = kernel.get_shell_msg(timeout=60)["content"]["matches"]

    assert [match for match in offered if match not in matches] == []
    assert offered or "check" not in matches


def test_observed_cells_are_noted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "live.ipynb"
    sources = ["%%stage one\nxs = [3, 1]\nsecret = 'hunter2'", "xs.sort()", "ys = sorted(xs)"]
    cells = [
        {"cell_type": "code", "metadata": {}, "source": source, "id": f"c{place}"}
        for place, source in enumerate(sources)
    ]
    path.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))

    began = run(f"%zflow observe --notebook {path}")
    for source in sources:
        assert run(source).error is None
    ended = run("%zflow observe off")
    run("zs = 1")

    place = tmp_path / ".zflow" / "live.observed.json"
    assert str(place) in began.displayed[0]["text/markdown"]
    assert str(place) in ended.displayed[0]["text/markdown"]
    noted = list(json.loads(place.read_text())["cells"].values())
    assert [(set(cell["binds"]), cell["changed"]) for cell in noted] == [
        ({"xs", "secret"}, []),
        (set(), ["xs"]),
        ({"ys"}, []),
    ]
    assert "xs" in noted[2]["reads"]
    assert "xs" in noted[2]["unchanged"]
    assert noted[0]["values"]["secret"]["type"] == "str"
    assert "hunter2" not in place.read_text()
