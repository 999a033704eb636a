"""What is one object, or one piece of memory, in the notebook stays one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stages

CASES = {
    "two names": ("a b", "a = b = []", "a.append(1); print(b)", "[1]"),
    "list inside a dict": ("d l", "d = {'k': [1]}; l = d['k']", "l.append(2); print(d)", "{'k': [1, 2]}"),
    "object holds another": (
        "cfg m", "class M:\n    def __init__(s, c): s.c = c\ncfg = {'x': 1}; m = M(cfg)",
        "cfg['x'] = 2; print(m.c)", "{'x': 2}"),
    "cycle": ("a b", "a = []; b = [a]; a.append(b)", "print(a[0] is b and b[0] is a)", "True"),
    "through a third variable": (
        "a b c", "x = []; y = []; a = [x]; b = [x, y]; c = [y]",
        "print(a[0] is b[0], b[1] is c[0])", "True True"),
    "only some are asked for": ("b", "a = b = [1]", "print(b)", "[1]"),
    "view of an array": (
        "a v", "import numpy as np\na = np.arange(5.0); v = a[1:3]",
        "v[0] = 99; print(a.tolist())", "[0.0, 99.0, 2.0, 3.0, 4.0]"),
    "views without their base": (
        "u v", "import numpy as np\na = np.arange(6.0); u = a[:4]; v = a[2:]",
        "u[3] = 50; print(v.tolist())", "[2.0, 50.0, 4.0, 5.0]"),
    "view in another shape and type": (
        "a v", "import numpy as np\na = np.zeros((2, 3), 'i4', order='F'); v = a.T[::-1].view('u4')",
        "v[0, 1] = 7; print(a.tolist())", "[[0, 0, 0], [0, 0, 7]]"),
    "views inside one variable": (
        "d", "import numpy as np\na = np.arange(3); d = {'a': a, 'v': a[::-1]}",
        "d['v'][0] = 9; print(d['a'].tolist())", "[0, 1, 9]"),
    "view of an array of objects": (
        "a v", "import numpy as np\na = np.array([1, 'x', None], dtype=object); v = a[1:]",
        "v[0] = 'y'; print(a.tolist())", "[1, 'y', None]"),
    "read-only view": (
        "a v", "import numpy as np\na = np.arange(3); v = a[:]; v.flags.writeable = False",
        "a[0] = 5; print(v[0], v.flags.writeable, a.flags.writeable)", "5 False True"),
    "column of a frame is a copy": (
        "df s", "import pandas as pd\ndf = pd.DataFrame({'a': [1.0, 2.0]}); s = df['a']",
        "s.iloc[0] = 9; df.loc[1, 'a'] = 5; print(df.a.tolist(), s.tolist())", "[1.0, 5.0] [9.0, 2.0]"),
    "frame from an array": (
        "a df", "import numpy as np, pandas as pd\na = np.ones(2); df = pd.DataFrame({'a': a})",
        "a[0] = 7; print(df.a.tolist())", "[1.0, 1.0]"),
    "list in a frame's cell": (
        "df l", "import pandas as pd\nl = [1]; df = pd.DataFrame({'a': [l]})",
        "l.append(2); print(df.a[0])", "[1, 2]"),
    "generator shared by two samplers": (
        "a b", "import numpy as np\nr = np.random.default_rng(0); a = {'r': r}; b = {'r': r}",
        "print(a['r'] is b['r'])", "True"),
    "closure's cell": (
        "f g", "def mk():\n    x = [0]\n    return (lambda: x.append(1)), (lambda: x)\nf, g = mk()",
        "f(); print(g())", "[0, 1]"),
    "arrays stay writable and own": (
        "a", "import numpy as np\na = np.arange(3)", "a.resize(5); a[4] = 1; print(a.tolist())",
        "[0, 1, 2, 0, 1]"),
    "large arrays may be changed": (
        "a", "import numpy as np\na = np.zeros(1 << 19)", "a += 1; print(a.sum())", "524288.0"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_shared_things_stay_shared(name: str, stages: Stages) -> None:
    names, producer, consumer, printed = CASES[name]
    assert stages.hand_over(names, producer, consumer) == printed


APART = {
    "small numbers and texts": ("a b", "a = b = 'text'; c = d = 5"),
    "tuples": ("a b", "a = b = (1, 2)"),
    "a library's class": ("a b", "import decimal\na = decimal.Decimal; b = [decimal.Decimal]"),
    "frames with one index": (
        "a b", "import pandas as pd\na = pd.DataFrame({'x': [1]}, index=['i'])\nb = a['x']"),
    "functions that read one global": ("f g k", "k = []\ndef f(): return k\ndef g(): return k"),
    "dates and types": ("a b", "import numpy as np\na = np.zeros(2); b = np.ones(3)"),
}  # fmt: skip


@pytest.mark.parametrize("name", APART)
def test_what_cannot_change_is_stored_apart(name: str, stages: Stages) -> None:
    names, producer = APART[name]

    made = stages.run("producer", f"{producer}\nsave({names.split()!r})")
    manifest = json.loads((stages.execution / "producer" / "manifest.json").read_text())

    assert made.error == ""
    assert all(len(group["names"]) == 1 for group in manifest["groups"].values())


def test_loading_changes_no_artifact(stages: Stages) -> None:
    stages.run("a", "import numpy as np\nx = np.zeros(1 << 18)\nsave(['x'])")
    changed = stages.run("b", "load({'a': ['x']})\nx[:] = 5\nprint(x[0])")
    again = stages.run("c", "load({'a': ['x']})\nprint(x.sum())")

    assert (changed.out.strip(), again.out.strip()) == ("5.0", "0.0")
