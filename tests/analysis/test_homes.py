from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis


def stage(analysis: Analysis, name: str) -> AnalysedStage:
    return next(stage for stage in analysis.stages if stage.name == name)


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np",
        "from math import *",
        "x = 1\ny = 'a' + 'b'\nz = -x",
        "names = ['a', 'b']\ntable = {'a': 1}",
        "def f():\n    return open('a.txt').read()",
        "class C:\n    n = 0\n    def m(self): return self.n",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 0",
        "import warnings\nwarnings.filterwarnings('ignore')",
        "import random\nrandom.seed(1)",
        "import os\nos.environ['K'] = '1'",
        "import pandas as pd\npd.set_option('display.max_rows', 5)",
        "import logging\nlog = logging.getLogger('a')",
        "from pathlib import Path\nHERE = Path('data') / 'a.csv'",
        "import re\nwords = re.compile('a+')",
        "f = lambda x: x + 1",
        "for name in ('a', 'b'): pass",
        "%matplotlib inline",
        "import sys\nif sys.platform == 'linux':\n    x = 1",
    ],
)
def test_replayed(analysed: Analyse, source: str) -> None:
    analysis = analysed(
        ("setup", f"{source}\nLAST = 1"), ("a", "print(LAST)"), ("b", "print(LAST)")
    )

    assert [stage.name for stage in analysis.stages] == ["a", "b"]
    assert [stage.replays for stage in analysis.stages] == [(0,), (0,)]
    assert not analysis.edges


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import time\nx = time.time()", "time.time()"),
        ("import random\nx = random.random()", "random.random()"),
        ("import numpy as np\nx = np.random.rand(3)", "numpy.random.rand()"),
        ("import uuid\nx = uuid.uuid4()", "uuid.uuid4()"),
        ("x = open('a.txt').read()", "read()"),
        ("import pandas as pd\nx = pd.read_csv('a.csv')", "read_csv"),
        ("def f(): return 1\nx = f()", "f()"),
        ("from sklearn.svm import SVC\nx = SVC().fit([[1], [2]], [1, 2])", "SVC()"),
        ("!make\nx = 1", "!make"),
        ("exec(input_text)\nx = 1", "exec()"),
        ("import unknown_library\nx = unknown_library.make()", "unknown_library.make()"),
    ],
)
def test_run_once(analysed: Analyse, source: str, why: str) -> None:
    analysis = analysed(("setup", source), ("a", "print(x)"))

    finding = next(finding for finding in analysis.findings if finding.code == "ZF218")
    assert (finding.severity, finding.cell) == ("info", 0)
    assert why in finding.message
    assert stage(analysis, "setup").cells == (0,)
    assert "x" in stage(analysis, "a").loads["setup"]


def test_what_needs_a_cell_that_runs_once_runs_once(analysed: Analyse) -> None:
    analysis = analysed(
        ("setup", "import time\nx = time.time()"),
        ("setup", "y = x"),
        ("setup", "z = 1"),
        ("a", "print(y, z)"),
    )

    assert stage(analysis, "setup").cells == (0, 1)
    assert stage(analysis, "a").replays == (2,)


def test_what_needs_a_stage_runs_once(analysed: Analyse) -> None:
    analysis = analysed(("a", "x = 1"), ("setup", "y = x"), ("b", "print(y)"))

    assert stage(analysis, "setup").loads == {"a": ("x",)}
    assert stage(analysis, "b").loads == {"setup": ("y",)}


def test_only_what_is_needed_is_replayed(analysed: Analyse) -> None:
    analysis = analysed(
        ("setup", "x = 1"),
        ("setup", "y = x"),
        ("setup", "z = 1"),
        ("a", "print(y)"),
        ("b", "print(z)"),
    )

    assert stage(analysis, "a").replays == (0, 1)
    assert stage(analysis, "b").replays == (2,)


def test_a_stage_may_not_be_called_setup_when_one_is_needed(analysed: Analyse) -> None:
    analysis = analysed(("setup", "import time\nx = time.time()"), ("", "%%stage setup\nprint(x)"))

    assert [(finding.code, finding.cell) for finding in analysis.errors] == [("ZF222", 0)]


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("n = 1\nname = 'a'", False),
        ("n = 2 * 3\nxs = [i for i in range(3)]", False),
        ("from pathlib import Path\nn = Path('a') / 'b'", False),
        ("import time\nn = time.time()", True),
        ("import random\nn = random.random()", True),
        ("n = open('a').read()\nopen('b', 'w').write('c')", True),
    ],
)
def test_parameters_only_set_values(analysed: Analyse, source: str, *, refused: bool) -> None:
    analysis = analysed(("parameters", source), ("a", "print(n)"))

    assert ("ZF214" in {finding.code for finding in analysis.errors}) == refused
    assert analysis.parameters_cell == 0
    assert stage(analysis, "a").replays == (0,)
