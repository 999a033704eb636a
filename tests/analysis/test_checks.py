from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jupyter_zflow.analysis

if TYPE_CHECKING:
    from conftest import Analyse, Row

Found = tuple[str, str, int | None, int | None]

ROWS: dict[str, tuple[list[Row], Found]] = {
    "unbound name": ([("a", "\nprint(x)")], ("ZF201", "error", 0, 2)),
    "unbound name in a branch": ([("a", "if 1 > 0:\n    x")], ("ZF201", "warning", 0, 2)),
    "unbound name in a function": ([("a", "def f():\n    return x\nf()")], ("ZF201", "warning", 0, 2)),
    "unbound name that is caught": ([("a", "try:\n    x\nexcept NameError:\n    x = 1")], ("ZF201", "warning", 0, 2)),
    "bound further down": ([("a", "print(x)"), ("b", "x = 1")], ("ZF202", "error", 0, 1)),
    "deleted name": ([("a", "x = 1\ndel x\nx")], ("ZF201", "error", 0, 3)),
    "deletion of nothing": ([("a", "del x")], ("ZF201", "error", 0, 1)),
    "open file": ([("a", "f = open('x', 'w')"), ("b", "\nf.write('y')")], ("ZF203", "error", 1, 2)),
    "generator": ([("a", "g = (i for i in range(3))"), ("b", "next(g)")], ("ZF203", "error", 1, 1)),
    "generator function": ([("a", "def f():\n    yield 1\ng = f()"), ("b", "next(g)")], ("ZF203", "error", 1, 1)),
    "connection": ([("a", "import sqlite3\nc = sqlite3.connect(':memory:')"), ("b", "c.execute('')")], ("ZF203", "error", 1, 1)),
    "lock": ([("a", "import threading\nl = threading.Lock()"), ("b", "l.acquire()")], ("ZF203", "error", 1, 1)),
    "socket": ([("a", "import socket\ns = socket.socket()"), ("b", "s.close()")], ("ZF203", "error", 1, 1)),
    "pool": ([("a", "from concurrent.futures import ThreadPoolExecutor as P\np = P()"), ("b", "p.submit(len)")], ("ZF203", "error", 1, 1)),
    "two versions": ([("a", "x = 1"), ("b", "x"), ("a", "x = 2"), ("b", "x")], ("ZF204", "error", 1, 1)),
    "circle": ([("a", "x = 1"), ("b", "y = x"), ("a", "z = y")], ("ZF205", "error", 1, None)),
    "history": ([("a", "1"), ("b", "_ + 1")], ("ZF206", "error", 1, 1)),
    "output history": ([("a", "1"), ("b", "\nOut[1]")], ("ZF206", "error", 1, 2)),
    "syntax": ([("a", "x = 1\ny = = 2")], ("ZF207", "error", 0, 2)),
    "eval": ([("a", "x = str(2)"), ("b", "eval(x + x)")], ("ZF208", "warning", 1, 1)),
    "exec": ([("a", "x = str(2)"), ("b", "\nexec(x)")], ("ZF208", "warning", 1, 2)),
    "unknown line magic": ([("a", "%mystery x")], ("ZF209", "warning", 0, 1)),
    "unknown cell magic": ([("a", "\n%%mystery\nx")], ("ZF209", "warning", 0, 2)),
    "caution": ([("a", "import nowhere_1\nx = [1]\nnowhere_1.use(x)"), ("b", "print(x)"), ("c", "nowhere_1.use(x)"), ("d", "x")], ("ZF210", "info", 3, 1)),
    "parent folder": ([("a", "import os\nos.listdir('..')")], ("ZF212", "error", 0, 2)),
    "input": ([("a", "x = 1\nx = input('?')")], ("ZF213", "error", 0, 2)),
    "parameters that compute": ([("parameters", "import time\nx = time.time()"), ("a", "x")], ("ZF214", "error", 0, 2)),
    "bound in a skipped cell": ([("skip", "x = 1"), ("a", "print(x)")], ("ZF215", "error", 1, 1)),
    "setup that computes": ([("setup", "import time\nx = time.time()"), ("a", "x")], ("ZF218", "info", 0, 2)),
    "relative import": ([("a", "from . import x")], ("ZF219", "error", 0, 1)),
    "star import of who knows what": ([("a", "from nowhere_1 import *")], ("ZF220", "error", 0, 1)),
    "installation": ([("a", "%pip install x")], ("ZF221", "info", 0, 1)),
    "installation by the shell": ([("a", "\n!pip install x")], ("ZF221", "info", 0, 2)),
    "stage called setup": ([("setup", "import time\nx = time.time()"), ("", "%%stage setup\nx")], ("ZF222", "error", 0, None)),
    "state that cannot be carried": ([("a", "import sys\nsys.setrecursionlimit(99)"), ("b", "1")], ("ZF223", "error", 0, 2)),
    "too many calls": ([("a", "def f(a): return [a]\n" + "f([1])\n" * 300)], ("ZF224", "info", 0, None)),
    "shown listing": ([("a", "!ls")], ("ZF231", "warning", 0, 1)),
    "shown listing by a magic": ([("a", "x = 1\n%ls -l")], ("ZF231", "warning", 0, 2)),
    "shown packages": ([("a", "%pip list")], ("ZF231", "warning", 0, 1)),
    "shown version": ([("a", "!python --version")], ("ZF231", "warning", 0, 1)),
    "kept listing": ([("a", "x = !ls")], ("ZF225", "error", 0, 1)),
    "own folder": ([("a", "import os\nos.listdir('.')")], ("ZF225", "error", 0, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_finding(analysed: Analyse, name: str, tmp_path: Path) -> None:
    rows, expected = ROWS[name]
    (tmp_path.parent / "outside.txt").touch()

    analysis = analysed(*rows, files={"beside.csv": ""})

    found = [(f.code, f.severity, f.cell, f.line) for f in analysis.findings]
    assert expected in found


@pytest.mark.parametrize("name", ROWS)
def test_finding_names_a_remedy(analysed: Analyse, name: str) -> None:
    rows, expected = ROWS[name]
    analysis = analysed(*rows, files={"beside.csv": ""})

    for finding in analysis.findings:
        assert finding.message.endswith(".")
        assert finding.remedy or finding.severity == "info" or expected[0] != finding.code


def test_hidden_state(analysed: Analyse) -> None:
    analysis = analysed(("a", "x = 1"), ("a", "x"), ("a", "x"), counts=(1, 3, 2))

    assert [(f.code, f.severity, f.cell) for f in analysis.findings] == [("ZF211", "warning", 2)]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([("a", "def f(): return later\nlater = 1\nf()")], id="bound_before_the_call"),
        pytest.param([("a", "x: int"), ("a", "y: 'Later' = 1")], id="annotations"),
        pytest.param([("a", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nowhere_1")], id="type_checking"),
        pytest.param([("a", "__name__, __doc__, display, get_ipython")], id="names_of_ipython"),
        pytest.param([("a", "1"), ("a", "_")], id="own_history"),
        pytest.param([("a", "eval('1 + 1')\nexec('x = 1')\nx")], id="literal_code"),
        pytest.param([("a", "with open('x', 'w') as f:\n    f.write('y')"), ("b", "1")], id="file_that_stays"),
        pytest.param([("a", "g = list(i for i in range(3))"), ("b", "g")], id="list_of_a_generator"),
        pytest.param([("a", "try:\n    import nowhere_1\nexcept ImportError as e:\n    print(e)")], id="exception_name"),
        pytest.param([("a", "match 1:\n    case x if x > 0: print(x)")], id="captured_name"),
        pytest.param([("a", "%%bash\necho $x"), ("b", "1")], id="bash"),
        pytest.param([("a", "%%html\n<b>")], id="html"),
        pytest.param([("a", "x?\nx = 1\n?x")], id="questions"),
    ],
)  # fmt: skip
def test_no_finding(analysed: Analyse, rows: list[Row]) -> None:
    assert not analysed(*rows).findings


def test_every_finding_has_a_row() -> None:
    folder = Path(jupyter_zflow.analysis.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    raised = set(re.findall(r'"(ZF2\d\d)"', source))
    shown = {expected[0] for _, expected in ROWS.values()} | {"ZF211"}
    shown |= {"ZF227", "ZF228", "ZF229"}  # of observed runs: test_observed.py
    shown |= {"ZF232"}  # of tables that packages bring: knowledge/test_plugins.py
    shown |= {"ZF230"}  # of conditions and loops: test_conditions.py

    assert raised - shown == {"ZF226"} & raised
