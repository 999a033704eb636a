"""Functions and classes of the notebook, saved in one process and used in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Stages

CASES = {
    "function reads the loading kernel's globals": (
        "f", "k = 3\ndef f(v): return v * k", "k = 5; print(f(2))", "10"),
    "function and its global": ("f k", "k = 3\ndef f(v): return v * k", "print(f(2))", "6"),
    "lambda reads a global": ("f k", "k = 3\nf = lambda v: v * k", "k = 4; print(f(2))", "8"),
    "function writes a global": (
        "f n", "n = 0\ndef f():\n    global n\n    n += 1", "f(); f(); print(n)", "2"),
    "recursive closure": (
        "fact",
        "def make():\n    def fact(n): return 1 if n < 2 else n * fact(n - 1)\n    return fact\nfact = make()",
        "print(fact(5))", "120"),
    "two functions share a nonlocal": (
        "up get",
        ("def make():\n    c = 0\n    def up():\n        nonlocal c\n        c += 1\n"
        "    def get(): return c\n    return up, get\nup, get = make()\nup()"),
        "up(); print(get())", "2"),
    "empty cell": (
        "f",
        "def make():\n    def f(): return later\n    if False: later = 1\n    return f\nf = make()",
        "try: f()\nexcept NameError: print('unbound')", "unbound"),
    "defaults, attributes, annotations": (
        "f",
        "def f(a: int, *, b=[1]) -> str:\n    'doc'\n    return a, b\nf.tag = 7",
        "print(f(1), f.tag, f.__doc__, f.__annotations__, f.__module__)",
        "(1, [1]) 7 doc {'a': <class 'int'>, 'return': <class 'str'>} __main__"),
    "decorator": (
        "f",
        ("import functools\ndef dec(fn):\n    @functools.wraps(fn)\n"
        "    def w(*a): return fn(*a) + 100\n    return w\n@dec\ndef f(x): return x"),
        "print(f(1), f.__name__, f.__wrapped__(1))", "101 f 1"),
    "cached function": (
        "f", "import functools\n@functools.lru_cache(maxsize=2)\ndef f(x): return x + 1",
        "print(f(1), f.cache_parameters()['maxsize'])", "2 2"),
    "context manager of a library decorator": (
        "c", "import contextlib\n@contextlib.contextmanager\ndef c():\n    yield 5",
        "with c() as v: print(v)", "5"),
    "single dispatch": (
        "f",
        ("import functools\n@functools.singledispatch\ndef f(x): return 'any'\n"
        "@f.register\ndef _(x: int): return 'int'"),
        "print(f(1), f('a'))", "int any"),
    "partial of a local function": (
        "g k", "import functools\nk = 2\ndef f(a, b): return a * b * k\ng = functools.partial(f, 3)",
        "print(g(4))", "24"),
    "async function": (
        "f", "async def f(): return 4", "import asyncio; print(asyncio.run(f()))", "4"),
    "generator function": ("f", "def f():\n    yield 1\n    yield 2", "print(list(f()))", "[1, 2]"),
    "source is still known": (
        "f",
        ("import linecache\nsource = 'def f():\\n    return 1\\n'\n"
        "linecache.cache['<cell>'] = (len(source), None, source.splitlines(True), '<cell>')\n"
        "exec(compile(source, '<cell>', 'exec'))"),
        "import inspect; print(inspect.getsource(f).strip())", "def f():\n    return 1"),
    "class": ("P", "class P:\n    def __init__(self, v): self.v = v\n    def dbl(self): return self.v * K",
              "K = 2; print(P(4).dbl())", "8"),
    "class and instance agree": (
        "P p", "class P: pass\np = P()", "print(isinstance(p, P), type(p) is P)", "True True"),
    "instance alone": ("p", "class P:\n    x = 1\np = P()", "print(p.x, type(p).__name__)", "1 P"),
    "class attribute changes": (
        "P p", "class P:\n    count = 0\np = P()\nP.count = 3", "P.count += 1; print(p.count)", "4"),
    "inheritance and super": (
        "B",
        "class A:\n    def hi(self): return 'hi'\nclass B(A):\n    def hi(self): return super().hi() + '!'",
        "print(B().hi())", "hi!"),
    "property, classmethod, staticmethod, slots": (
        "C",
        ("class C:\n    __slots__ = ('a',)\n    @property\n    def b(self): return self.a + K\n"
        "    @classmethod\n    def make(cls): c = cls(); c.a = 1; return c\n"
        "    @staticmethod\n    def two(): return 2"),
        "K = 10; print(C.make().b, C.two())", "11 2"),
    "dataclass": (
        "D d", "import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass D:\n    a: int\n    b: list = dataclasses.field(default_factory=list)\nd = D(1)",
        "import dataclasses; print(d == D(1), dataclasses.replace(d, a=2), hash(D) is not None)",
        "True D(a=2, b=[]) True"),
    "enum": (
        "Color c", "import enum\nclass Color(enum.Enum):\n    RED = 1\nc = Color.RED",
        "print(c is Color.RED, Color(1) is c, list(Color))", "True True [<Color.RED: 1>]"),
    "flag": ("F f", "import enum\nclass F(enum.Flag):\n    A = 1\n    B = 2\nf = F.A | F.B",
             "print(f == F.A | F.B, F.A in f)", "True True"),
    "named tuple": (
        "N n", "from typing import NamedTuple\nclass N(NamedTuple):\n    a: int\n    b: str = 'x'\nn = N(1)",
        "print(n, n.b, isinstance(n, N))", "N(a=1, b='x') x True"),
    "collections.namedtuple": (
        "N n", "import collections\nN = collections.namedtuple('N', 'a b')\nn = N(1, 2)",
        "print(n == N(1, 2), type(n) is N)", "True True"),
    "abstract class": (
        "A B", "import abc\nclass A(abc.ABC):\n    @abc.abstractmethod\n    def f(self): ...\nclass B(A):\n    def f(self): return 1",
        "print(B().f(), issubclass(B, A))\ntry: A()\nexcept TypeError: print('abstract')",
        "1 True\nabstract"),
    "exception class": (
        "E e", "class E(Exception): pass\ne = E('x')",
        "try: raise e\nexcept E as caught: print(caught)", "x"),
    "metaclass": (
        "C", "class M(type):\n    def hi(cls): return cls.__name__\nclass C(metaclass=M): pass",
        "print(C.hi())", "C"),
    "generic class": (
        "S s", "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass S(Generic[T]):\n    def __init__(self, v: T): self.v = v\ns = S[int](3)",
        "print(s.v, isinstance(s, S))", "3 True"),
    "typed dict and new type": (
        "T U", "from typing import TypedDict, NewType\nclass T(TypedDict):\n    a: int\nU = NewType('U', int)",
        "print(T(a=1), U(3))", "{'a': 1} 3"),
    "class holds its own instances": (
        "P p", "class P:\n    known = []\np = P()\nP.known.append(p)",
        "print(P.known[0] is p)", "True"),
    "custom pickling has no say": (
        "C c", ("class C:\n    def __init__(self): self.a = 1; self.f = lambda: 2\n"
        "    def __getstate__(self): return {'a': self.a}\n"
        "    def __setstate__(self, s): self.__dict__ = s; self.f = lambda: 3\nc = C()"),
        "print(c.a, c.f())", "1 2"),
    "bound method of a local class": (
        "m", "class P:\n    def go(self): return K\nm = P().go", "K = 6; print(m())", "6"),
    "global random generators stay global": (
        "a b", "import random, numpy as np\na = random.random\nb = np.random.rand",
        ("import random, numpy as np\nrandom.seed(1); np.random.seed(1); x = (a(), b())\n"
        "random.seed(1); np.random.seed(1); print(x == (random.random(), np.random.rand()))"),
        "True"),
    "standard output stays the process's": (
        "f", "import sys\ndef f(out=sys.stdout): out.write('ok')", "f()", "ok"),
    "dict views stay views": (
        "d k", "d = {'a': 1}\nk = d.keys()", "d['b'] = 2; print(list(k))", "['a', 'b']"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_definition_works_elsewhere(name: str, stages: Stages) -> None:
    names, producer, consumer, printed = CASES[name]
    assert stages.hand_over(names, producer, consumer) == printed


REPLAYED = {
    "instance of a replayed class": (
        "p", "class P:\n    def f(self): return 1", "p = P()", "print(type(p) is P)", "True"),
    "member of a replayed enum": (
        "c", "import enum\nclass C(enum.Enum):\n    A = 1", "c = C.A", "print(c is C.A)", "True"),
    "replayed function": ("d", "def f(): return 1", "d = {f: 1}", "print(d[f])", "1"),
    "class attribute that was asked for": (
        "P p", "class P:\n    n = 0", "p = P(); P.n = 5", "print(P.n, type(p) is P)", "5 True"),
    "another definition under the same name": (
        "p", "class P:\n    def f(self): return 1",
        "class P:\n    def f(self): return 2\np = P()", "print(p.f(), type(p) is P)", "2 False"),
}  # fmt: skip


@pytest.mark.parametrize("name", REPLAYED)
def test_replayed_definitions_are_the_same_ones(name: str, stages: Stages) -> None:
    names, setup, producer, consumer, printed = REPLAYED[name]
    listed = repr(names.split())

    made = stages.run("producer", f"{setup}\n{producer}\nsave({listed})")
    read = stages.run("consumer", f"{setup}\nload({{'producer': {listed}}})\n{consumer}")

    assert (made.error, read.error) == ("", "")
    assert read.out.strip() == printed


def test_class_is_one_across_three_stages(stages: Stages) -> None:
    first = stages.run("a", "class P: pass\nsave(['P'])")
    second = stages.run("b", "load({'a': ['P']})\nb = P()\nsave(['b'])")
    third = stages.run("c", "load({'a': ['P']})\nc = P()\nsave(['c'])")
    last = stages.run(
        "d", "load({'a': ['P'], 'b': ['b'], 'c': ['c']})\nprint(type(b) is type(c) is P)"
    )

    assert [first.error, second.error, third.error] == ["", "", ""]
    assert last.out.strip() == "True"


def test_newest_class_decides_over_what_others_bring(stages: Stages) -> None:
    stages.run("a", "class P:\n    n = 0\nsave(['P'])")
    stages.run("b", "load({'a': ['P']})\nP.n = 7\nsave(['P'])")
    stages.run("c", "load({'a': ['P']})\nc = P()\nsave(['c'])")
    last = stages.run("d", "load({'b': ['P'], 'c': ['c']})\nprint(P.n, c.n)")

    assert last.out.strip() == "7 7"
