from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis.connect import find_cycle

if TYPE_CHECKING:
    from conftest import Analyse, Row

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis


def stage(analysis: Analysis, name: str) -> AnalysedStage:
    return next(stage for stage in analysis.stages if stage.name == name)


def test_loads_and_saves(analysed: Analyse) -> None:
    analysis = analysed(
        ("a", "x = 1\nunused = 2"), ("b", "y = x"), ("c", "z = x + y"), ("d", "print(z)")
    )

    assert {s.name: s.loads for s in analysis.stages} == {
        "a": {},
        "b": {"a": ("x",)},
        "c": {"a": ("x",), "b": ("y",)},
        "d": {"c": ("z",)},
    }
    assert {s.name: s.saves for s in analysis.stages} == {
        "a": ("x",),
        "b": ("y",),
        "c": ("z",),
        "d": (),
    }
    assert stage(analysis, "c").after == ("a", "b")
    assert stage(analysis, "a").writes == ("unused", "x")


def test_an_edge_says_where(analysed: Analyse) -> None:
    analysis = analysed(("a", "\nx = [1]"), ("b", "1\n2\nx.append(2)"), ("c", "print(x)"))

    first, second = analysis.edges
    assert (first.producer, first.consumer, first.kind, first.name) == ("a", "b", "variable", "x")
    assert (first.written and first.written.line, first.read and first.read.line) == (2, 3)
    assert (second.producer, second.consumer) == ("b", "c")


@pytest.mark.parametrize(
    ("rows", "loads"),
    [
        pytest.param([("a", "x = 1"), ("b", "x = 2"), ("c", "print(x)")], {"b": ("x",)}, id="last_binding"),
        pytest.param([("a", "x = [1]"), ("b", "x.append(2)"), ("c", "print(x)")], {"b": ("x",)}, id="last_change"),
        pytest.param([("a", "x = [1]"), ("b", "print(x)"), ("c", "print(x)")], {"a": ("x",)}, id="reading_changes_nothing"),
        pytest.param([("a", "x = 1\ny = 2"), ("b", "del x"), ("c", "print(y)")], {"a": ("y",)}, id="deletion"),
        pytest.param([("a", "x = 1"), ("b", "if y:\n    x = 2"), ("c", "print(x)")], {"b": ("x",)}, id="bound_on_some_paths"),
        pytest.param([("a", "x = [1]\ny = x"), ("b", "y.append(1)"), ("c", "print(x)")], {"b": ("x",)}, id="alias"),
        pytest.param([("a", "x = [1]"), ("b", "y = [x]"), ("c", "x.append(1)\nprint(y)")], {"b": ("x", "y")}, id="alias_of_a_later_change_travels_together"),
        pytest.param([("a", "x = [1]"), ("b", "y = [x]"), ("c", "print(x, y)")], {"a": ("x",), "b": ("y",)}, id="alias_that_nobody_changes"),
        pytest.param([("a", "def f(): return g()"), ("b", "def g(): return k\nk = 1"), ("c", "f()")], {"a": ("f",), "b": ("g", "k")}, id="globals_of_globals"),
    ],
)  # fmt: skip
def test_who_is_loaded_from(
    analysed: Analyse, rows: list[Row], loads: dict[str, tuple[str, ...]]
) -> None:
    analysis = analysed(("setup", "y = True"), *rows)

    assert stage(analysis, "c").loads == loads


@pytest.mark.parametrize(
    ("rows", "imports"),
    [
        pytest.param([("a", "import os"), ("b", "os.sep")], ("import os",), id="module"),
        pytest.param([("a", "import os.path as p"), ("b", "p.sep")], ("import os.path as p",), id="alias"),
        pytest.param([("a", "from os import sep as s"), ("b", "s")], ("from os import sep as s",), id="name"),
        pytest.param([("a", "from math import *"), ("b", "sqrt(2)")], ("from math import *",), id="star"),
        pytest.param([("a", "import os, re\nos.sep"), ("b", "re")], ("import re",), id="only_what_is_used"),
        pytest.param([("a", "import xml.dom\nimport xml.sax"), ("b", "xml.sax")], ("import xml.dom", "import xml.sax"), id="submodules"),
        pytest.param([("a", "import os\ndef f(): return os.sep"), ("b", "f()")], ("import os",), id="for_a_function"),
        pytest.param([("a", "import re"), ("b", "1"), ("c", "re")], (), id="not_where_nobody_needs_it"),
        pytest.param([("a", "import readline"), ("b", "1")], ("import readline",), id="acts_by_being_imported"),
        pytest.param([("a", "from __future__ import annotations"), ("b", "1")], ("from __future__ import annotations",), id="future"),
        pytest.param([("a", "%matplotlib inline"), ("b", "1")], ("%matplotlib inline",), id="magic"),
        pytest.param([("a", "import os"), ("b", "import os\nos.sep")], (), id="own"),
    ],
)  # fmt: skip
def test_imports(analysed: Analyse, rows: list[Row], imports: tuple[str, ...]) -> None:
    analysis = analysed(*rows)

    assert stage(analysis, "b").imports == imports
    assert not stage(analysis, "b").loads or "f" in stage(analysis, "b").reads


def test_import_on_some_paths_is_a_value(analysed: Analyse) -> None:
    analysis = analysed(
        ("a", "try:\n    import json as j\nexcept ImportError:\n    j = None"), ("b", "print(j)")
    )

    assert stage(analysis, "b").loads == {"a": ("j",)}
    assert stage(analysis, "b").imports == ()


@pytest.mark.parametrize(
    ("rows", "cell", "line"),
    [
        pytest.param([("a", "x = 1"), ("b", "print(x)"), ("a", "x = 2"), ("b", "\nprint(x)")], 1, 1, id="producer_goes_on"),
        pytest.param([("a", "x = 1"), ("b", "print(x)"), ("c", "x = 2"), ("b", "\nprint(x)")], 3, 2, id="two_versions"),
        pytest.param([("a", "x = [1]"), ("b", "x.append(1)"), ("c", "x.append(2)"), ("b", "x.append(3)")], 3, 1, id="two_versions_of_an_object"),
        pytest.param([("b", "x = 0"), ("a", "x = 1"), ("b", "print(x)")], 2, 1, id="own_version_first"),
        pytest.param([("setup", "x = 1"), ("b", "print(x)"), ("setup", "x = 2"), ("b", "print(x)")], 3, 1, id="setup_cells"),
        pytest.param([("setup", "x = 1\ny = 1"), ("b", "print(x)"), ("setup", "x = 2\nz = 1"), ("b", "print(z)")], 2, None, id="replay_overwrites"),
    ],
)  # fmt: skip
def test_one_version_of_a_name(
    analysed: Analyse, rows: list[Row], cell: int, line: int | None
) -> None:
    analysis = analysed(*rows)

    found = [f for f in analysis.errors if f.code == "ZF204"]
    assert (cell, line) in [(f.cell, f.line) for f in found]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([("a", "x = 1"), ("b", "print(x)"), ("a", "y = 2"), ("b", "print(y)")], id="other_names"),
        pytest.param([("a", "x = 1"), ("b", "x = 2"), ("b", "print(x)")], id="own"),
        pytest.param([("a", "x = 1\nx = 2"), ("b", "print(x)")], id="within_a_cell"),
        pytest.param([("a", "x = 1"), ("a", "x = 2"), ("b", "print(x)")], id="before_it_is_read"),
    ],
)  # fmt: skip
def test_interleaved_and_right(analysed: Analyse, rows: list[Row]) -> None:
    assert not [f for f in analysed(*rows).errors if f.code == "ZF204"]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("import random\nrandom.seed(1)", "random.random()", "random"),
        ("import numpy as np\nnp.random.seed(1)", "np.random.rand(2)", "numpy.random"),
        ("import os\nos.environ['K'] = '1'", "print(1)", "os.environ"),
        ("import os\nos.chdir('/')", "print(1)", "cwd"),
        ("import sys\nsys.path.append('x')", "print(1)", "sys.path"),
        ("import warnings\nwarnings.simplefilter('ignore')", "print(1)", "warnings"),
        ("import logging\nlogging.basicConfig()", "print(1)", "logging"),
        ("import pandas as pd\npd.set_option('display.width', 9)", "print(1)", "pandas.options"),
        ("import numpy as np\nnp.seterr(all='raise')", "print(1)", "numpy.options"),
        ("import decimal\ndecimal.getcontext().prec = 3", "print(1)", "decimal"),
        ("import matplotlib.pyplot as plt\nplt.rcParams['a'] = 1", "print(1)", "matplotlib"),
        ("import math\nmath.tau2 = 1", "print(math.tau2)", "module:math.tau2"),
    ],
)
def test_states_are_carried(analysed: Analyse, first: str, second: str, kind: str) -> None:
    analysis = analysed(("a", first), ("b", second))

    assert stage(analysis, "b").loads_states == {"a": (kind,)}
    assert stage(analysis, "a").saves_states == (kind,)
    assert not analysis.errors


def test_drawing_without_a_seed_orders_nothing(analysed: Analyse) -> None:
    analysis = analysed(
        ("setup", "import random"), ("a", "random.random()"), ("b", "random.random()")
    )

    assert not analysis.edges


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("open('a.txt', 'w').write('x')", "open('a.txt').read()"),
        ("df.to_csv('out/a.csv')", "pd.read_csv('out/a.csv')"),
        ("Path('a.txt').write_text('x')", "Path('a.txt').read_text()"),
        ("open(name, 'w').write('x')", "open('a.txt').read()"),
        ("open('a.txt', 'w').write('x')", "glob.glob('*.txt')"),
        ("np.save('a.npy', v)", "np.load('a.npy')"),
        ("open('a.txt', 'w').write('x')", "open('a.txt', 'a').write('y')"),
        ("os.makedirs('out')", "open('out/a', 'w').write('x')"),
        ("!touch a.txt", "os.path.exists('a.txt')"),
        ("open(f'{1}.txt', 'w').write('x')", "open('1.txt').read()"),
    ],
)
def test_files_are_carried(analysed: Analyse, first: str, second: str) -> None:
    setup = "import os, glob, numpy as np, pandas as pd\nfrom pathlib import Path"
    values = "df = pd.DataFrame()\nv = np.zeros(2)\nname = str(df)"
    analysis = analysed(("setup", setup), ("z", values), ("a", first), ("b", second))

    assert stage(analysis, "b").loads_files == ("a",)
    assert stage(analysis, "a").saves_files


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("open('a.txt', 'w').write('x')", "open('b.txt', 'w').write('y')"),
        ("open('a.txt', 'w').write('x')", "open('b.txt').read()"),
        ("open('out/a.txt', 'w').write('x')", "open('in/a.txt').read()"),
        ("open('a.txt').read()", "open('a.txt').read()"),
    ],
)
def test_files_that_are_not_the_same(analysed: Analyse, first: str, second: str) -> None:
    assert not analysed(("a", first), ("b", second)).edges


def test_inputs_and_modules_travel(analysed: Analyse) -> None:
    analysis = analysed(
        ("a", "import helpers\nopen('data/x.csv').read()\nx = 1"),
        ("b", "open('other.csv')\nprint(x)"),
        files={"helpers.py": "", "data/x.csv": "", "other.csv": ""},
    )

    assert (stage(analysis, "a").inputs, stage(analysis, "a").modules) == (
        ("data/x.csv",),
        ("helpers.py",),
    )
    assert (stage(analysis, "b").inputs, stage(analysis, "b").modules[:1]) == (
        ("other.csv",),
        ("helpers.py",),
    )


def test_packages(analysed: Analyse) -> None:
    analysis = analysed(
        ("setup", "import numpy as np\nimport os"),
        ("a", "import yaml\nnp.zeros(1)"),
        ("b", "os.sep"),
    )

    assert stage(analysis, "a").packages == ("numpy", "yaml")


def test_dynamic_code_saves_everything(analysed: Analyse) -> None:
    analysis = analysed(("a", "x = 1\nexec(code)"), ("b", "exec(other)"))

    assert stage(analysis, "a").saves_everything
    assert "*" in stage(analysis, "b").loads["a"]


@pytest.mark.parametrize(
    ("before", "cycle"),
    [
        ({"a": set(), "b": {"a"}}, []),
        ({"a": {"b"}, "b": {"a"}}, ["a", "b"]),
        ({"a": {"a"}}, ["a"]),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c"]),
    ],
)
def test_find_cycle(before: dict[str, set[str]], cycle: list[str]) -> None:
    assert sorted(find_cycle(list(before), before.__getitem__)) == cycle


@pytest.mark.parametrize(
    ("rows", "refused"),
    [
        pytest.param([("a", "v = np.zeros(3)"), ("b", "v.base")], [2], id="of_another_stage"),
        pytest.param(
            [("a", "v = np.zeros(3)"), ("b", "y = v[:1]\ny = y.reshape(-1)"), ("b", "y.base is v")],
            [3],
            id="new_but_looks_at_one_of_another_stage",
        ),
        pytest.param(
            [("a", "v = np.zeros(3)"), ("a", "v[:1].base is v"), ("b", "v")], [], id="own_stage"
        ),
    ],
)
def test_base_of_an_array(
    analysed: Analyse, rows: list[tuple[str, str]], refused: list[int]
) -> None:
    found = analysed(("setup", "import numpy as np"), *rows).errors

    assert [(finding.code, finding.cell) for finding in found] == [("ZF203", at) for at in refused]


def test_names_that_share_by_way_of_another_stay_together(analysed: Analyse) -> None:
    analysis = analysed(
        ("a", "p = {}"),
        ("b", "one = [0]\ng, h = [one], [one]"),
        ("c", "if p:\n    h = p.setdefault('k', [])"),
        ("d", "if h:\n    p = {'a': 3}"),
        ("e", "h.append(1)\ng[0].append(1)\nprint(h, p)"),
    )

    assert stage(analysis, "e").loads == {"d": ("g", "h", "one", "p")}
