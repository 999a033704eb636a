"""What a call changes, hands on, draws, writes or sets is not promised away by a table.

The second stage makes the call; the third must get what it shows from the second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse

NP = "import numpy as np\n"
METRICS = "from sklearn import metrics\ny, z = [0, 1], [0, 1]\n"

# what stage one does | what stage two does | the variable that two must hand on to three
CHANGES = [
    # -- functions that are handed over, to be called
    ("import random\nx = [[1, 2]]", "list(map(random.shuffle, x))", "x"),
    ("x = [[1]]", "list(map(list.clear, x))", "x"),
    ("x = [[1]]", "import nowhere_1\nlist(map(nowhere_1.use, x))", "x"),
    ("import functools, operator\nx = [[1], [2]]", "functools.reduce(operator.iadd, x)", "x"),
    (NP + "x = [np.zeros(2)]", "list(map(np.random.shuffle, x))", "x"),
    # -- methods that are called by their class
    (NP + "x = np.zeros(2)", "np.ndarray.sort(x)", "x"),
    (NP + "x = np.zeros(2)", "np.ndarray.fill(x, 1)", "x"),
    ("import pandas as pd\nx = pd.DataFrame()", "pd.DataFrame.insert(x, 0, 'a', 1)", "x"),
    ("import pandas as pd\nx = pd.Series()", "pd.Series.update(x, x)", "x"),
    # -- buffers and trees
    ("import struct\nx = bytearray(4)", "struct.pack_into('i', x, 0, 5)", "x"),
    ("import ast\nx = ast.parse('1')", "ast.increment_lineno(x)", "x"),
    (NP + "import operator\nx = np.eye(2)", "operator.imatmul(x, x)", "x"),
    # -- what hands on what it is given
    (NP + "b = np.zeros(2)", "h, e = np.histogram([1], bins=b)\ne[0] = 1", "b"),
    (NP + "b = np.zeros(2)", "h, e, f = np.histogram2d([1], [1], bins=b)\ne[0] = 1", "b"),
    (NP + "b = np.zeros(2)", "c = np.diff(b, n=0)\nc[0] = 1", "b"),
    (NP + "b = np.eye(2)", "c = np.linalg.matrix_power(b, 1)\nc[0] = 1", "b"),
    (NP + "from sklearn.utils import check_array\nb = np.eye(2)", "c = check_array(b)\nc[0] = 1", "b"),
    (NP + "from scipy import ndimage\nb = np.eye(2)", "ndimage.gaussian_filter(b, 1, output=b)", "b"),
    (NP + "from scipy import ndimage\nb = np.eye(2)", "ndimage.gaussian_filter(b, 1, 0, b)", "b"),
    (NP + "from scipy.stats import gaussian_kde\nb = np.eye(2)\nk = gaussian_kde(b)", "b[0] = 1", "k"),
    (NP + "from scipy.special import expit\nb = np.eye(2)", "expit(b, b)", "b"),
    # -- scores that are arrays
    (METRICS + "f = metrics.f1_score(y, z, average=None)\ng = f", "g[0] = 0", "f"),
    (METRICS + "f = metrics.r2_score(y, z, multioutput='raw_values')\ng = f", "g[0] = 0", "f"),
    (METRICS + "k = {}\nf = metrics.f1_score(y, z, **k)\ng = f", "g[0] = 0", "f"),
    # -- estimators
    (NP + "from sklearn.preprocessing import StandardScaler\nx = np.eye(2)\ns = StandardScaler(copy=False)",
     "s.fit_transform(x)", "x"),
    (NP + "from sklearn.linear_model import LinearRegression\nx = np.eye(2)\ns = LinearRegression(copy_X=False)",
     "s.fit(x, [1, 2])", "x"),
    (NP + "from sklearn.preprocessing import FunctionTransformer\nx = np.eye(2)",
     "z = FunctionTransformer().transform(x)\nz[0] = 5", "x"),
    (NP + "from sklearn.pipeline import make_pipeline\nx = np.eye(2)\np = make_pipeline('passthrough')",
     "z = p.transform(x)\nz[0] = 5", "x"),
    (("from sklearn.svm import SVC\nfrom sklearn.ensemble import BaggingClassifier\nb = SVC(random_state=1)\n"
     "m = BaggingClassifier(b, random_state=1)"), "m.get_params()['estimator'].fit([[1], [2]], [0, 1])", "b"),
    (NP + "from sklearn.preprocessing import StandardScaler\ns = StandardScaler().fit(np.eye(2))",
     "s.get_feature_names_out()[0] = 'a'", "s"),
    # -- polars, matplotlib
    ("import polars as pl\nx = pl.Series([1])\ny = [x]", "x.append(x)", "y"),
    ("import polars as pl\nx = pl.Series([1])\ny = [x]", "x.sort(in_place=True)", "y"),
    ("import matplotlib.pyplot as plt\np = plt.Circle((0, 0))\nf = plt.gcf()\nf.add_artist(p)",
     "p.set_color('r')", "f"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "name"), CHANGES)
def test_changes(analysed: Analyse, first: str, second: str, name: str) -> None:
    analysis = analysed(("one", first), ("two", second), ("three", f"print({name})"))

    assert name in analysis.stages[-1].loads.get("two", ())


DRAWS = [
    ("from sklearn.cluster import k_means", "k_means([[1], [2]], 2)"),
    ("from sklearn.svm import SVR", "SVR().fit([[1], [2]], [1, 2])"),
    ("from sklearn.linear_model import Ridge", "Ridge(solver='sag').fit([[1], [2]], [1, 2])"),
    ("from sklearn.feature_selection import SelectKBest, mutual_info_classif",
     "SelectKBest(mutual_info_classif).fit([[1], [2]], [1, 2])"),
    ("from sklearn.feature_selection import mutual_info_classif", "mutual_info_classif([[1]], [2])"),
    ("from sklearn.metrics import silhouette_score", "silhouette_score([[1]], [2], sample_size=1)"),
    ("from scipy.optimize import differential_evolution", "differential_evolution(abs, [(0, 1)])"),
    ("from scipy.cluster.vq import kmeans", "kmeans([[1.0]], 1)"),
    ("from scipy import sparse", "sparse.random(3, 3)"),
    ("import seaborn as sns", "sns.stripplot([1])"),
    ("import seaborn as sns", "sns.regplot(x=[1], y=[1], x_jitter=1)"),
]  # fmt: skip


@pytest.mark.parametrize(("imports", "draw"), DRAWS)
def test_draws(analysed: Analyse, imports: str, draw: str) -> None:
    analysis = analysed(
        ("setup", f"import numpy as np\n{imports}"),
        ("one", "np.random.seed(1)"),
        ("two", draw),
        ("three", "print(np.random.rand())"),
    )

    assert analysis.stages[-1].loads_states == {"two": ("numpy.random",)}


CALM = [
    ("from sklearn.metrics import silhouette_score", "silhouette_score([[1]], [2])"),
    ("from sklearn.cluster import k_means", "k_means([[1], [2]], 2, random_state=1)"),
    ("from sklearn.linear_model import Ridge", "Ridge().fit([[1], [2]], [1, 2])"),
    ("import seaborn as sns", "sns.regplot(x=[1], y=[1])"),
]


@pytest.mark.parametrize(("imports", "call"), CALM)
def test_does_not_draw(analysed: Analyse, imports: str, call: str) -> None:
    analysis = analysed(
        ("setup", f"import numpy as np\n{imports}"),
        ("one", "np.random.seed(1)"),
        ("two", call),
        ("three", "print(np.random.rand())"),
    )

    assert analysis.stages[-1].loads_states == {"one": ("numpy.random",)}


FILES = [
    ("os.rename('x.txt', 'y.txt')", "y.txt"),
    ("os.replace('x.txt', 'y.txt')", "y.txt"),
    ("os.rename('x.txt', dst='y.txt')", "y.txt"),
    ("shutil.move('x.txt', 'y.txt')", "y.txt"),
    ("Path('x.txt').rename('y.txt')", "y.txt"),
    ("Path('x.txt').replace('y.txt')", "y.txt"),
    ("Path('x.txt').rename(target='y.txt')", "y.txt"),
    ("with contextlib.chdir('d'): open('y.txt', 'w').write('1')", "d/y.txt"),
    ("from scipy.io import wavfile\nwavfile.write('y.wav', 8, [1])", "y.wav"),
]


@pytest.mark.parametrize(("write", "path"), FILES)
def test_files(analysed: Analyse, write: str, path: str) -> None:
    analysis = analysed(
        ("setup", "import contextlib, os, shutil\nfrom pathlib import Path"),
        ("one", "Path('x.txt').write_text('1')"),
        ("two", write),
        ("three", f"print(open({path!r}).read())"),
    )

    assert "two" in {edge.producer for edge in analysis.edges if edge.consumer == "three"}


ONCE = [
    "import secrets\nt = secrets.token_hex()",
    "import time\nt = time.asctime()",
    "import platform\nt = platform.node()",
    "import numpy as np\nt = np.datetime64('now')",
    "import pandas as pd\nt = pd.Timestamp.now()",
]


@pytest.mark.parametrize("source", ONCE)
def test_what_differs_each_time_runs_once(analysed: Analyse, source: str) -> None:
    analysis = analysed(("setup", source), ("one", "print(t)"), ("two", "print(t)"))

    assert [stage.reads for stage in analysis.stages[1:]] == [("t",), ("t",)]


SETS = [
    "import calendar\ncalendar.setfirstweekday(6)",
    "import polars as pl\npl.Config.set_tbl_rows(2)",
    "import polars as pl\npl.set_random_seed(2)",
    "import os\nos.symlink('a', 'b')",
    "import os\nos.link('a', 'b')",
    "from pathlib import Path\nPath('b').symlink_to('a')",
    "from pathlib import Path\nPath('b').hardlink_to('a')",
]


@pytest.mark.parametrize("source", SETS)
def test_settings_of_the_process_are_refused(analysed: Analyse, source: str) -> None:
    analysis = analysed(("one", source), ("two", "print(1)"))

    assert {finding.code for finding in analysis.errors} == {"ZF223"}


LEAVES = [
    ("import numpy as np\nx = [np.zeros(2)]", "y = list(map(np.sqrt, x))"),
    ("x = [['a']]", "y = [list(map(str.strip, z)) for z in x]"),
    ("x = [[1]]", "y = list(map(list.copy, x))"),
    ("import os\nx = os.listdir('.')", "y = sorted(x, key=os.path.getmtime)"),
]


@pytest.mark.parametrize(("first", "second"), LEAVES)
def test_leaves_alone(analysed: Analyse, first: str, second: str) -> None:
    analysis = analysed(("one", first), ("two", second))

    assert "x" not in analysis.stages[1].writes


def test_who_asks_for_shared_memory_gets_both_from_one_stage(analysed: Analyse) -> None:
    analysis = analysed(
        ("setup", "import numpy as np"),
        ("setup", "v = np.arange(6)"),
        ("one", "y = v[:1]"),
        ("two", "print(np.shares_memory(y, v))"),
    )

    assert analysis.stages[-1].loads == {"one": ("v", "y")}
