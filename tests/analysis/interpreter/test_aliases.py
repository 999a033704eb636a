"""Everything that may be the same array as before: a change through it is seen by both names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse

ALIASES = [
    "c = a",
    "c = np.add(a, 1, out=a)",
    "c = np.add(a, 1, a)",
    "c = np.clip(a, 1, 2, out=a)",
    "c = a.clip(1, 2, a)",
    "c = a.cumsum(0, None, a)",
    "c = np.array(a, copy=None)",
    "c = np.nan_to_num(a, copy=False)",
    "c = np.nan_to_num(a, False)",
    "c = np.nan_to_num(a, False, 1.0)",
    "c = np.einsum('i->i', a)",
    "c = np.fromfunction(lambda i: a, (6,))",
    "c = np.random.default_rng(0).random(6, float, a)",
    "c = np.random.default_rng(0).permuted(a, out=a)",
    "c = sum([], [a])[0]",
    "c = sum([[a], [a]], [])[1]",
    "c = np.asarray(a)",
    "c = a.astype(int, copy=False)",
    "c = a.byteswap(True)",
    "c = a.reshape(2, 3).T",
    "c = np.array_split(a, 1)[0]",
    "c = next(iter(a.reshape(1, 6)))",
    "c = iter([a]).__next__()",
    "c = min(*[[a, a]], key=len)",
    "c = sorted([a], key=len)[0]",
    "c = list(zip([a]))[0][0]",
    "c = next(filter(len, [a]))",
    "c = list(map(lambda x: x, [a]))[0]",
    "c = (lambda: a)()",
    "c = ({'x': a} | {})['x']",
    "c = [[a] * 2][0][1]",
    "c = functools.reduce(lambda x, y: y, [0, a])",
    "c = operator.itemgetter(0)([a])",
    "c = next(itertools.chain([a]))",
    "c = types.SimpleNamespace(a=a).a",
    "c = getattr(type('N', (), {'q': a}), 'q')",
    "c = collections.namedtuple('N', 'z')(a).z",
    "with contextlib.nullcontext(a) as c: pass",
    "match [a]:\n    case [c]: pass",
    "*c, = [a]\nc = c[0]",
    "def g():\n    yield a\nc = next(g())",
    "def g():\n    global h\n    h = a\ng()\nc = h",
    "class K:\n    def __init__(self): self.z = a\nc = K().z",
    "class K:\n    z = a\nc = K.z",
    "c = eval('a')",
    "c = globals()['a']",
    "c = nowhere_1.use(a)",
    "c = nowhere_1.use([a])",
]
CALCULATED = [
    "c = abs(a)",
    "c = sum([a, a])",
    "c = pow(a, 2)",
    "c = divmod(a, 2)[0]",
    "c = round(s)",
]
COPIES = ["c = a.copy()", "c = a + 1", "c = np.sort(a)", "c = copy.deepcopy(a)", "c = a.tolist()"]

SETUP = (
    "import collections, contextlib, copy, functools, itertools, operator, types, nowhere_1\n"
    "import numpy as np"
)


@pytest.mark.parametrize("alias", ALIASES)
def test_alias(analysed: Analyse, alias: str) -> None:
    analysis = analysed(
        ("setup", SETUP),
        ("one", "a = np.arange(6)"),
        ("two", alias),
        ("three", "c[0] = 9"),
        ("four", "print(a)"),
    )

    assert analysis.stages[-1].loads == {"three": ("a",)}
    assert {"a", "c"} <= set(analysis.stages[-2].loads["two"])


@pytest.mark.parametrize("copy", COPIES)
def test_copy(analysed: Analyse, copy: str) -> None:
    analysis = analysed(
        ("setup", SETUP),
        ("one", "a = np.arange(6)"),
        ("two", copy),
        ("three", "c[0] = 9"),
        ("four", "print(a)"),
    )

    assert analysis.stages[-1].loads == {"one": ("a",)}


@pytest.mark.parametrize("made", CALCULATED)
def test_what_a_built_in_calculates_can_change(analysed: Analyse, made: str) -> None:
    analysis = analysed(
        ("setup", f"{SETUP}\nimport pandas as pd"),
        ("one", "a = np.arange(6)\ns = pd.Series(a)"),
        ("two", made),
        ("three", "c[0] = 9"),
        ("four", "print(c)"),
    )

    assert analysis.stages[-1].loads == {"three": ("c",)}
