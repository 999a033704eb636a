"""What is one object, or one piece of memory, in the notebook stays one."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

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
    "frame of the same types is one of its own": (
        "df e", "import pandas as pd\ndf = pd.DataFrame({'a': [1.0, 2.0]}); e = df.astype({'a': 'float64'})",
        "e.loc[0, 'a'] = 9; df.loc[1, 'a'] = 5; print(df.a.tolist(), e.a.tolist())",
        "[1.0, 5.0] [9.0, 2.0]"),
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


WINDOWS = {
    "masked array over an array": (
        "a m", "a = np.arange(4.0); m = np.ma.asarray(a)",
        "a[0] = 9; print(m[0], m.mask is np.ma.nomask, type(m).__name__)", "9.0 True MaskedArray"),
    "mask of a masked array": (
        "m k", "m = np.ma.array([1, 2], mask=[0, 1]); k = m.mask", "k[0] = True; print(m.mask)", "[ True  True]"),
    "view of a masked array": (
        "m v", "m = np.ma.array([1, 2, 3], mask=[0, 1, 0], hard_mask=True, fill_value=7); v = m[1:]",
        "v[1] = 8; print(m.data, v.mask, m.hardmask, m.fill_value)", "[1 2 8] [ True False] True 7"),
    "the masked constant": ("m", "m = np.ma.masked", "print(m is np.ma.masked)", "True"),
    "matrix": (
        "a m", "a = np.eye(2); m = np.asmatrix(a)", "a[0, 0] = 9; print(m[0, 0], type(m).__name__)", "9.0 matrix"),
    "matrix of objects": (
        "a m", "a = np.array([[1, 'x']], object); m = np.asmatrix(a)", "a[0, 0] = 9; print(m)", "[[9 'x']]"),
    "records": (
        "a r", "a = np.zeros(2, [('x', 'f8'), ('y', 'i4')]); r = a.view(np.recarray)",
        "a['x'][0] = 9; print(r.x[0], type(r[0]).__name__)", "9.0 record"),
    "field of records": (
        "r x", "r = np.rec.array([(1, 2.0), (3, 4.0)], names='a,b'); x = r.a", "x[0] = 9; print(r.a)", "[9 3]"),
    "fields of a structured array": (
        "a x", "a = np.zeros(2, [('x', 'f8'), ('y', 'i4'), ('z', 'i2')]); x = a[['x', 'z']]",
        "x['z'][1] = 5; print(a['z'])", "[0 5]"),
    "field of objects": (
        "a x", "a = np.array([(1, 'x')], [('n', int), ('o', object)]); x = a['o']",
        "x[0] = 9; print(a)", "[(1, 9)]"),
    "element of a structured array": (
        "a x", "a = np.zeros(2, [('x', 'f8'), ('y', 'i4')]); x = a[1]",
        "x['y'] = 5; print(a['y'], type(x).__name__)", "[0 5] void"),
    "characters": (
        "a c", "a = np.array(['ab']); c = a.view(np.char.chararray)", "a[0] = 'z'; print(c)", "['z']"),
    "own subclass": (
        "a c", "class A(np.ndarray): pass\na = np.arange(3.0); c = a.view(A); c.unit = 'm'",
        "a[0] = 5; print(c[0], type(c).__name__, c.unit)", "5.0 A m"),
    "mapped file": (
        "a m", "np.arange(3.0).tofile('f'); m = np.memmap('f', mode='c'); a = np.asarray(m)",
        "m[0] = 7; print(a[0], type(m).__name__, m.mode)", "7 memmap c"),
    "file mapped for reading": (
        "m", "np.arange(3.0).tofile('f'); m = np.memmap('f', mode='r')",
        "print(m.flags.writeable, m.mode)", "False r"),
    "imaginary part": ("a r", "a = np.zeros(2, complex); r = a.imag", "r[0] = 3; print(a)", "[0.+3.j 0.+0.j]"),
    "series": (
        "a s", "import pandas as pd\na = np.arange(3.0); s = pd.Series(a, copy=False)",
        "a[0] = 5; print(s.tolist())", "[5.0, 1.0, 2.0]"),
    "series of objects": (
        "a s", "import pandas as pd\na = np.array([1, 'x'], object); s = pd.Series(a, copy=False)",
        "a[0] = 5; print(s.tolist())", "[5, 'x']"),
    "frame": (
        "a s", "import pandas as pd\na = np.ones((2, 3)); s = pd.DataFrame(a, copy=False)",
        "a[0, 0] = 5; print(s.iloc[0, 0])", "5.0"),
    "index": (
        "a s", "import pandas as pd\na = np.arange(3.0); s = pd.Index(a, copy=False)",
        "a[0] = 5; print(s.tolist())", "[5.0, 1.0, 2.0]"),
    "categories": (
        "a s", "import pandas as pd\na = pd.Categorical(['x', 'y']); s = pd.Series(a, copy=False)",
        "a[0] = 'y'; print(s[0])", "y"),
    "sparse matrix": (
        "s d", "import scipy.sparse as sp\ns = sp.csr_matrix(np.eye(3)); d = s.data",
        "d[0] = 5; print(s[0, 0])", "5.0"),
    "bytearray": (
        "b a", "b = bytearray(4); a = np.frombuffer(b, 'u1')[1:]", "a[0] = 7; print(bytes(b))", "b'\\x00\\x07\\x00\\x00'"),
    "standard array": (
        "b a", "import array\nb = array.array('i', [1, 2]); a = np.frombuffer(b, 'i4')",
        "a[0] = 7; print(b.tolist())", "[7, 2]"),
    "array of ctypes": (
        "b a", "import ctypes\nb = (ctypes.c_int * 2)(1, 2); a = np.ctypeslib.as_array(b)",
        "a[0] = 7; print(list(b))", "[7, 2]"),
    "memory view": ("b m", "b = bytearray(b'abc'); m = memoryview(b)", "m[1] = 90; print(bytes(b))", "b'aZc'"),
    "slice of a memory view": (
        "b m", "b = bytearray(b'abcdef'); m = memoryview(b)[1:][::-2]",
        "m[0] = 90; print(bytes(b), m.tolist())", "b'abcdeZ' [90, 100, 98]"),
    "memory view of another type": (
        "b m", "b = bytearray(8); m = memoryview(b)[4:].cast('i').toreadonly()",
        "b[4] = 9; print(m.tolist(), m.readonly)", "[9] True"),
    "memory view of an array": (
        "a m", "a = np.zeros((2, 2)); m = memoryview(a)", "m[1, 1] = 9; print(a[1, 1], m.shape)", "9.0 (2, 2)"),
    "memory view of bytes": ("m", "m = memoryview(b'abc')", "print(m.tobytes(), m.readonly)", "b'abc' True"),
    "picture": (
        "a p", "from PIL import Image\na = np.zeros((4, 4), 'u1'); p = Image.fromarray(a)",
        "a[0, 0] = 5; print(p.getpixel((0, 0)), p.mode)", "5 L"),
    "picture over bytes": (
        "d", ("from PIL import Image\nb = bytearray(range(16))\n"
        "d = [b, Image.frombuffer('L', (4, 4), b, 'raw', 'L', 0, 1)]"),
        "d[0][0] = 77; print(d[1].getpixel((0, 0)), d[1].getpixel((1, 1)))", "77 5"),
    "arrow": (
        "a p", "pa = pytest.importorskip('pyarrow'); a = np.arange(2.0); p = pa.table({'a': pa.array(a)})",
        "a[0] = 9; print(p['a'].to_pylist())", "[9.0, 1.0]"),
    "polars column": (
        "a p", "pl = pytest.importorskip('polars'); a = np.arange(2.0); p = pl.Series('x', a)",
        "a[0] = 9; print(p.to_list(), p.name)", "[9.0, 1.0] x"),
    "polars frame": (
        "a p", "pl = pytest.importorskip('polars'); a = np.arange(2.0); p = pl.DataFrame({'x': a, 'y': ['a', None]})",
        "a[0] = 9; print(p.rows())", "[(9.0, 'a'), (1.0, None)]"),
    "xarray": (
        "a x", "xr = pytest.importorskip('xarray'); a = np.zeros((2, 3)); x = xr.DataArray(a)",
        "a[0, 0] = 5; print(float(x[0, 0]))", "5.0"),
}  # fmt: skip


@pytest.fixture(scope="module")
def windows(session_stages: Callable[[], Stages]) -> dict[str, str]:
    """Save all in one process, write and look in another; return what each printed."""
    makers, checks, names = [], [], []
    for number, (listed, producer, consumer, _) in enumerate(WINDOWS.values()):
        here = [f"{name}{number}" for name in listed.split()]
        names += here
        code = _indented(producer)
        kept = "; ".join(f"{new} = {old}" for new, old in zip(here, listed.split(), strict=True))
        absent = " = ".join(here)
        makers.append(f"try:\n{code}\n    {kept}\nexcept ModuleNotFoundError: {absent} = 'absent'")
        given = "; ".join(f"{old} = {new}" for new, old in zip(here, listed.split(), strict=True))
        checks.append(
            f"{given}\nout = io.StringIO()\nif isinstance({here[0]}, str): print('absent', file=out)\n"
            f"else:\n    with contextlib.redirect_stdout(out):\n"
            f"        try:\n{_indented(consumer, 12)}\n        except Exception as error: print(repr(error))\n"
            f"found.append(out.getvalue().strip())"
        )
    start = "import numpy as np\n"
    consumer = "\n".join(
        ["import contextlib, io, json\nfound = []", *checks, "print(json.dumps(found))"]
    )
    printed = session_stages().hand_over(
        " ".join(names), start + "\n".join(makers), start + consumer
    )
    return dict(zip(WINDOWS, json.loads(printed.splitlines()[-1]), strict=True))


def _indented(code: str, width: int = 4) -> str:
    code = re.sub(r"(\w+) = pytest.importorskip\('(\w+)'\); ", r"import \2 as \1; ", code)
    return textwrap.indent(code, " " * width)


@pytest.mark.parametrize("name", WINDOWS)
def test_shared_memory_stays_shared(name: str, windows: dict[str, str]) -> None:
    if windows[name] == "absent":
        pytest.skip("its library is not installed")

    assert windows[name] == WINDOWS[name][3]


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
