"""What a stage takes from the stage before it and what it leaves behind: text in, names out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Analyse

# what stage a does | what stage b does | names that b reads from a | names that b writes
ROWS = [
    # -- names and scopes
    ("x = y = 1", "print(x)", "x", ""),
    ("x = 1", "x = 2", "", "x"),
    ("x = 1", "x = x + 1", "x", "x"),
    ("x = 1", "x += 1", "x", "x"),
    ("x = 1", "y = x if True else 2", "x", "y"),
    ("x = 1", "del x", "x", "x"),
    ("x = 1", "x: int", "", ""),
    ("x = 1", "x: int = 2", "", "x"),
    ("T = int", "def f(a: T): pass", "T", "f"),
    ("T = int", "def f(a: 'T'): pass", "", "f"),
    ("d = 1", "def f(a=d): pass", "d", "f"),
    ("d = print", "@d\ndef f(): pass", "d", "f"),
    ("B = object", "class C(B): pass", "B", "C"),
    ("x = 1", "class C:\n    y = x", "x", "C"),
    ("x = 1", "class C:\n    x = 2\n    y = x", "", "C"),
    ("x = 1", "[x for x in (1, 2)]", "", ""),
    ("x = 1", "[y for y in (1, x)]", "x", ""),
    ("x = 1", "[(x := y) for y in (1, 2)]", "x", "x"),
    ("x = 1", "lambda x: x", "", ""),
    ("x = 1", "lambda: x", "", ""),
    ("x = 1", "f = lambda: x\nf()", "x", "f"),
    ("x = 1", "def f(): return x", "", "f"),
    ("x = 1", "def f(): return x\nf()", "x", "f"),
    ("x = 1", "def f():\n    x = 2\n    return x\nf()", "", "f"),
    ("x = 1", "def f():\n    global x\n    x = 2\nf()", "x", "f x"),
    ("x = 1", "def f():\n    def g(): return x\n    return g()\nf()", "x", "f"),
    ("x = 1", "if (n := x) > 0: pass", "x", "n"),
    ("x = [1]", "for x in x: pass", "x", "x"),
    ("x = 1", "for i in (1, 2): x = i", "x", "i x"),
    ("x = int('1')", "if x: pass\nif x > 2: x = int('2')", "x", "x"),
    ("x = int('1')", "if len('') > 2: x = int('2')", "x", "x"),
    ("for i in range(3): pass", "if len(''):\n    for i in range(3): pass", "i", "i"),
    ("i = 5", "for i in range(len('')): pass\nprint(i)", "i", "i"),
    ("i = 5", "for i in range(len('')): print(i)", "", "i"),
    ("i = 5", "for i in range(len('')): pass", "", "i"),
    ("i = 5", "for i in range(3): pass\nprint(i)", "", "i"),
    ("i = 5", "for i in [1]: pass\nprint(i)", "", "i"),
    ("i = 5", "for i in ''.split(): pass\ni = 3\nprint(i)", "", "i"),
    ("i = 5\nj = 6", "for i, j in zip([], []): pass\nprint(j)", "j", "i j"),
    ("i = [5]", "for i in range(len('')): pass", "i", "i"),
    ("i = 5\ndef f(): print(i)", "for i in range(len('')): f()", "f", "i"),
    ("i = 5\ndef f(): print(i)", "for i in range(len('')): pass\nf()", "f i", "i"),
    ("x = 1", "with open('f') as x: pass", "", "x"),
    ("x = 1", "try: pass\nexcept Exception as x: pass", "x", "x"),
    ("x = 1", "match x:\n    case y: pass", "x", "y"),
    ("x = 1", "import x", "", "x"),
    ("x = 1", "print(f'{x!r:>{w}}', w := 2)", "x", "w"),
    ("x = 1", "assert x, 'no'", "x", ""),
    ("x = (1, 2)", "a, *b = x", "x", "a b"),
    ("x = [1]\ni = 0", "x[i] = 2", "i x", "x"),
    ("x = {}\nk = 'a'", "x.update(**{k: 1})", "k x", "x"),
    ("x = 1\ny = 2", "x, y = y, x", "x y", "x y"),
    ("x = 1", "print('x')", "", ""),
    ("len = 3", "print(len)", "len", ""),
    ("x = 1", "async def f(): return x\nawait f()", "x", "f"),
    # -- changes
    ("x = [1]", "x.append(2)", "x", "x"),
    ("x = [1]", "x += [2]", "x", "x"),
    ("x = [1]", "x = x + [2]", "x", "x"),
    ("x = [1]", "x[:] = []", "x", "x"),
    ("x = [1]", "del x[0]", "x", "x"),
    ("x = [1]", "x.sort()", "x", "x"),
    ("x = [1]", "y = sorted(x)", "x", "y"),
    ("x = [1]", "x.count(1)", "x", ""),
    ("x = {}", "x.setdefault('a', []).append(1)", "x", "x"),
    ("x = {}", "x |= {'a': 1}", "x", "x"),
    ("x = {}", "print(x.get('a'), *x.items())", "x", ""),
    ("x = {1}", "x.add(2)", "x", "x"),
    ("x = {1}", "y = x | {2}", "x", "y"),
    ("x = [[1]]", "x[0].append(2)", "x", "x"),
    ("x = [[1]]", "for y in x: y.append(2)", "x", "x y"),
    ("x = [[1]]", "[y.append(2) for y in x]", "x", "x"),
    ("x = [1]\ny = x", "y.append(2)", "x y", "x y"),
    ("x = [1]\ny = [x]", "y[0].append(2)", "x y", "x y"),
    ("x = [1]\ny = [x]", "y.append(2)", "y", "y"),
    ("x = [1]\ny = x[:]", "y.append(2)", "y", "y"),
    ("x = [[1]]\ny = x[:]", "y[0].append(2)", "x y", "x y"),
    ("x = [[1]]\nimport copy\ny = copy.deepcopy(x)", "y[0].append(2)", "y", "y"),
    ("x = [1]\ny = (0, x)", "y[1].append(2)", "x y", "x y"),
    ("x = [1]\nd = {'k': x}", "d['k'].append(2)", "d x", "d x"),
    ("x = [1]\ndef f(a): a.append(2)", "f(x)", "f x", "x"),
    ("x = [1]\ndef f(a): return a", "f(x).append(2)", "f x", "x"),
    ("x = [1]\ndef f(): x.append(2)", "f()", "f x", "x"),
    ("x = [1]\ndef f(a=x): a.append(2)", "f()", "f x", "f x"),
    ("def f(a=[]): a.append(2)", "f()", "f", "f"),
    ("def f(): pass", "f.calls = 1", "f", "f"),
    ("def m():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g\nf = m()", "f()", "f", "f"),
    ("def m():\n    n = []\n    return (lambda: n.append(1)), (lambda: n)\nf, g = m()", "f()", "f g", "f g"),
    ("class C: pass\nx = C()", "x.a = 1", "x", "x"),
    ("class C: pass\nx = C()", "setattr(x, 'a', 1)", "x", "x"),
    ("class C: pass\nx = C()", "x.__dict__['a'] = 1", "C x", "C x"),
    ("class C: pass\nx = C()", "C.a = 1", "C x", "C x"),
    ("class C:\n    def m(self): self.a = 1\nx = C()", "x.m()", "x", "x"),
    ("class C:\n    def m(self): return 1\nx = C()", "x.m()", "x", ""),
    ("class C:\n    s = []\n    def m(self): self.s.append(1)\nx = C()", "x.m()", "C x", "C x"),
    ("class C:\n    @property\n    def p(self): self.a = 1\nx = C()", "x.p", "x", "x"),
    ("class C:\n    def __getitem__(self, i): self.a = i\nx = C()", "x[1]", "x", "x"),
    ("class C:\n    def __len__(self): return 1\nx = C()", "len(x)", "x", ""),
    ("class C:\n    def __enter__(self): self.a = 1\n    def __exit__(self, *a): pass\nx = C()", "with x: pass", "x", "x"),
    ("x = iter([1])", "next(x)", "x", "x"),
    ("x = [1]", "nowhere_1.use(x)", "x", "x"),
    ("x = [1]", "print(x)", "x", ""),
    ("x = [1]", "y = list(map(str, x))", "x", "y"),
    ("x = [1]\nf = x.append", "f(2)", "f x", "f x"),
    ("import functools\nx = [1]\nf = functools.partial(x.append, 2)", "f()", "f x", "f x"),
    # -- libraries
    ("import numpy as np\nx = np.zeros(3)", "x[0] = 1", "x", "x"),
    ("import numpy as np\nx = np.zeros(3)\ny = x[:2]", "y[0] = 1", "x y", "x y"),
    ("import numpy as np\nx = np.zeros(3)\ny = x.copy()", "y[0] = 1", "y", "y"),
    ("import numpy as np\nx = np.zeros(3)\ny = x + 1", "y[0] = 1", "y", "y"),
    ("import numpy as np\nx = np.zeros(3)", "np.add(x, 1, out=x)", "x", "x"),
    ("import numpy as np\nx = np.zeros(3)", "x.mean()", "x", ""),
    ("import numpy as np\nx = np.zeros(3)\ny = x.T", "x.sort()", "x y", "x y"),
    ("import pandas as pd\nx = pd.DataFrame()", "x['a'] = 1", "x", "x"),
    ("import pandas as pd\nx = pd.DataFrame()", "x.loc[0, 'a'] = 1", "x", "x"),
    ("import pandas as pd\nx = pd.DataFrame()", "x.drop('a', inplace=True)", "x", "x"),
    ("import pandas as pd\nx = pd.DataFrame()", "y = x.drop('a')", "x", "y"),
    ("import pandas as pd\nx = pd.DataFrame()", "x.describe()", "x", ""),
    ("from sklearn.svm import SVC\nm = SVC()\nX = [[1]]\ny = [1]", "m.fit(X, y)", "X m y", "m"),
    ("from sklearn.svm import SVC\nm = SVC()\nX = [[1]]", "m.predict(X)", "X m", ""),
    ("import torch\nm = torch.zeros(2)", "m.add_(1)", "m", "m"),
    ("import random\nr = random.Random(1)", "r.random()", "r", "r"),
    ("import random\nx = [1]", "random.shuffle(x)", "x", "x"),
    # -- magics
    ("x = 1", "%time y = x", "x", "y"),
    ("x = 1", "%%time\ny = x", "x", "y"),
    ("x = 1", "!echo {x}", "x", ""),
    ("x = 1", "!echo $x", "x", ""),
    ("x = 1", "y = !echo {x}", "x", "y"),
    ("x = 1", "%%capture out\nprint(x)", "x", "out"),
    ("x = 1", "x?", "", ""),
    ("x = 1", "get_ipython().run_line_magic('time', 'x')", "x", ""),
    # -- code that is text
    ("x = 1", "eval('x')", "x", ""),
    ("x = 1", "exec('y = x')", "x", "y"),
    ("x = 1\ny = 2", "print(globals())", "x y", ""),
    ("x = 1", "print(vars()['x'])", "x", ""),
    ("x = 1\ny = 2", "globals()['x'] = y", "y", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "reads", "writes"), ROWS)
def test_uses(analysed: Analyse, first: str, second: str, reads: str, writes: str) -> None:
    analysis = analysed(("a", first), ("b", second))

    stage = next(stage for stage in analysis.stages if stage.name == "b")
    assert stage.reads == tuple(sorted(reads.split()))
    assert stage.writes == tuple(sorted(writes.split()))


LEFT = [
    ("for i in range(n): pass", "print(i)", "i n"),
    ("for i in range(n): pass", "for i in range(n): pass\nprint(i)", "i n"),
    ("for i in range(n): pass", "for i in range(3): pass\nprint(i)", "n"),
    ("for i in range(n): pass", "print(0)", "n"),
    ("for i in range(3): pass", "print(i)", ""),
    ("def f():\n    global i\n    for i in range(n): pass\nf()", "print(i)", "i n"),
]


@pytest.mark.parametrize(("loop", "use", "reads"), LEFT)
def test_what_a_loop_leaves_that_has_nothing_to_walk(
    analysed: Analyse, loop: str, use: str, reads: str
) -> None:
    analysis = analysed(("a", "n = 0\ni = 5"), ("b", loop), ("c", use))

    assert analysis.stages[1].reads == tuple(reads.split())
