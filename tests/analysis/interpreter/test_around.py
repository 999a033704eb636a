"""Ways around the names of the notebook, and objects inside arrays and frames: refused, or seen.

The last stage must get what it prints from the stage that made the change last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse

# the cells before the last change | the change | what the last cell shows
ROWS = [
    (("a = [1]", 'for i in range(2): globals()[f"v{i}"] = a'), "v0.append(1)", "print(a, v1)"),
    (("x = 1", "g = globals()"), 'g["x"] = 5', "print(x)"),
    (("x = 1",), 'g = globals()\ng["x"] = 5\ndel g', "print(x)"),
    (("a = [1]",), "for v in list(globals().values()):\n    if type(v) is list: v.append(2)", "print(a)"),
    (("a = [1]",), 'globals().get("a").append(2)', "print(a)"),
    (('a = [1]\ndef f(): globals()["a"] = [5]',), "f()", "print(a)"),
    (("a = [1]\ndef f(n): globals()[n] = [5]",), 'f("a")', "print(a)"),
    (("import __main__\na = [1]",), "__main__.a = [3]", "print(a)"),
    (("a = [1]",), "import __main__\n__main__.a.append(3)", "print(a)"),
    (("a = [1]",), 'import sys\nsys.modules["__main__"].a.append(3)', "print(a)"),
    (("a = [1]",), 'import sys\nsys.modules["__main__"].a = 7', "print(a)"),
    (("a = [1]",), 'import importlib\nm = importlib.import_module("__main__")\nm.a.append(2)', "print(a)"),
    (("a = [1]",), '__import__("__main__").a.append(2)', "print(a)"),
    (("a = [1]",), 'import sys\nsys._getframe().f_globals["a"].append(2)', "print(a)"),
    (("a = [1]",), 'import inspect\ninspect.currentframe().f_globals["a"].append(2)', "print(a)"),
    (("a = [1]",), 'import sys\nsys._getframe(0).f_globals["a"] = 4', "print(a)"),
    (("a = [1]\ndef f(): pass",), 'f.__globals__["a"].append(2)', "print(a)"),
    (("a = [1]\ndef f(): pass",), 'f.__globals__["a"] = 2', "print(a)"),
    (("a = [1]",), '(lambda: 0).__globals__["a"] = 3', "print(a)"),
    (("class P: pass\np = P()\np.v = 1",), 'import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == "P": o.v = 2', "print(p.v)"),
    (("a = [1]\nb = [a]",), "import gc\ngc.get_referrers(a)[0] and [r.append(9) for r in gc.get_referrers(a) if type(r) is list]", "print(a, b)"),
    (("a = [1]\nb = [a]",), "import gc\ngc.get_referents(b)[0].append(4)", "print(a, b)"),
    (("a = [1]",), "import builtins\nbuiltins.a = 4\ndel a", "print(a)"),
    (("class P: pass\np = P()\np.v=1",), 'vars(p)["v"] = 2', "print(p.v)"),
    (("class P: pass\np = P()\np.v=1", "d = vars(p)"), 'd["v"] = 2', "print(p.v)"),
    (("class P: pass\np = P()\np.v=1", "d = p.__dict__"), 'd["v"] = 2', "print(p.v)"),
    (('b = [1]\nns = {"a": b}',), 'exec("a.append(2)", ns)\nns.pop("__builtins__")', "print(b)"),
    (("b = [1]",), 'eval("a.append(2)", {"a": b})', "print(b)"),
    (('b = [1]\nt = "b.append(2)"',), "eval(t)", "print(b)"),
    (('b = [1]\nt = "b"', "c = eval(t)"), "c.append(3)", "print(b)"),
    (("b = [1]",), "import timeit\ntimeit.timeit(lambda: b.append(2), number=1)", "print(b)"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])",), "for v in s: v.append(3)", "print(s.tolist())"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])",), "s[0].append(3)", "print(s.tolist())"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])",), "s.iloc[0].append(3)", "print(s.tolist())"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])",), "[v.append(1) for v in s.values]", "print(s.tolist())"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])",), "for i, v in s.items(): v.append(1)", "print(s.tolist())"),
    (('import pandas as pd\ns = pd.DataFrame({"a": [[1], [2]]})',), "for r in s.itertuples(): r.a.append(1)", "print(s.to_dict())"),
    (('import pandas as pd\ns = pd.DataFrame({"a": [[1], [2]]})',), 's["a"].tolist()[0].append(4)', "print(s.to_dict())"),
    (('import pandas as pd\ns = pd.DataFrame({"a": [[1], [2]]})',), 's.to_dict("records")[0]["a"].append(4)', "print(s.to_dict())"),
    (("s = np.array([[1], [2, 3]], dtype=object)",), "for v in s: v.append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)",), "s.item(0).append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)",), "s.tolist()[0].append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)", "t = s.copy()"), "t[0].append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)", "t = np.sort(s)"), "t[0].append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)", "t = np.concatenate([s, s])"), "t[0].append(3)", "print(s)"),
    (("s = np.array([[1], [2, 3]], dtype=object)", "t = np.where([True, False], s, s)"), "t[0].append(3)", "print(s)"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])", "t = s.max()"), "t.append(4)", "print(s.to_dict())"),
    (("import pandas as pd\ns = pd.Series([[1], [2]])", "t = s.item() if len(s)==1 else s.head(1).item()"), "t.append(4)", "print(s.to_dict())"),
    (("s = np.array([[1], [2, 3]], dtype=object)", "t = s.max()"), "t.append(4)", "print(s)"),
]  # fmt: skip
IMPORTS = """\
import collections, functools, io, json, math, os, types
from pathlib import Path
import numpy as np"""


@pytest.mark.parametrize(("before", "change", "shown"), ROWS)
def test_around(analysed: Analyse, before: tuple[str, ...], change: str, shown: str) -> None:
    cells = [*before, change, shown]
    analysis = analysed(
        ("setup", IMPORTS), *((f"s{place}", source) for place, source in enumerate(cells))
    )

    if not analysis.errors:
        assert f"s{len(before)}" in analysis.stages[-1].loads


REBOUND = [
    ("t = ''.join(['import math as np'])", "exec(t)", "print(np.pi)", "np"),
    ("t = ''.join(['def len(x): return 3'])", "exec(t)", "print(len([1]))", "len"),
    ("t = ''.join(['def f(): return 3'])\ndef f(): return 1", "exec(t)", "print(f())", "f"),
    ("t = ''.join(['b = a'])\na, b = [1], 5", "eval(t)", "print(b)", "b"),
    ("n = 'len'", "globals()[n] = lambda x: 3", "print(len([1]))", "len"),
    ("x = 1", "globals()['len'] = lambda x: 3", "print(len([1]))", "len"),
    ("x = 1", "globals()['np'] = math", "print(np.pi)", "np"),
    ("x = 1", "globals().update(len=lambda x: 3)", "print(len([1]))", "len"),
    ("x = 1", "import __main__\n__main__.len = lambda x: 3", "print(len([1]))", "len"),
]


@pytest.mark.parametrize(("first", "change", "shown", "name"), REBOUND)
def test_text_may_bind_any_name(
    analysed: Analyse, first: str, change: str, shown: str, name: str
) -> None:
    analysis = analysed(("setup", IMPORTS), ("one", first), ("two", change), ("three", shown))

    last = analysis.stages[-1]
    assert {name, "*"} & {*last.loads["two"]}


SET = [
    ("exec(t)", "x = random.random()", "random"),
    ("exec(t)", "x = np.random.rand()", "numpy.random"),
    ("exec(t)", "x = os.environ.get('K')", "os.environ"),
]


@pytest.mark.parametrize(("run", "use", "state"), SET)
def test_text_may_set_anything(analysed: Analyse, run: str, use: str, state: str) -> None:
    analysis = analysed(
        ("setup", f"{IMPORTS}\nimport random"),
        ("one", "t = ''.join(['x = 1'])"),
        ("two", run),
        ("three", use),
    )

    assert state in analysis.stages[-1].loads_states["two"]
