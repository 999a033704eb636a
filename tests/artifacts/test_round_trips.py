"""Values of many types, saved in one process and loaded in another: equal in value and type."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Stages

PRELUDE = """
import collections, datetime, decimal, enum, fractions, functools, operator, pathlib, re, uuid
import dataclasses, types, typing, array, io, itertools
import ctypes, queue, struct, sys, threading, zoneinfo
from xml.etree import ElementTree
import numpy as np, pandas as pd, scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
same = lambda a, b: type(a) is type(b) and a == b
def frames(a, b):
    pd.testing.assert_frame_equal(a, b, check_freq=True)
    return type(a) is type(b)
def arrays(a, b):
    return (type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape
            and a.flags.writeable == b.flags.writeable and (a == b).all())
rng = lambda: np.random.default_rng(0)
def adder(n): return lambda x: x + n
def fill(q):
    q.put(3); q.put([1])
    return q
X = rng().normal(size=(40, 3)); Y = (X[:, 0] > 0).astype(int)
"""

VALUES = {
    "none": ("None", "v is None"),
    "int": ("10**40", "same(v, w)"),
    "float": ("float('inf')", "same(v, w)"),
    "nan": ("float('nan')", "type(v) is float and v != v"),
    "complex": ("1 + 2j", "same(v, w)"),
    "string": ("'\\u20ac \\ud800 \\n'", "same(v, w)"),
    "bytes": ("b'\\x00\\xff'", "same(v, w)"),
    "bytearray": ("bytearray(b'ab')", "same(v, w)"),
    "tuple": ("(1, [2], {'a': (3,)})", "same(v, w)"),
    "set": ("{1, frozenset({2})}", "same(v, w)"),
    "range": ("range(1, 10, 3)", "same(v, w)"),
    "slice": ("slice(1, None, 2)", "same(v, w)"),
    "ellipsis": ("...", "v is ..."),
    "ordered dict": ("collections.OrderedDict([('b', 1), ('a', 2)])", "same(v, w)"),
    "default dict": ("collections.defaultdict(list, a=[1])", "same(v, w) and v['x'] == []"),
    "counter": ("collections.Counter('abca')", "same(v, w)"),
    "deque": ("collections.deque([1, 2], maxlen=3)", "same(v, w) and v.maxlen == 3"),
    "chain map": ("collections.ChainMap({'a': 1}, {'b': 2})", "same(v, w)"),
    "datetime": (
        "datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc)",
        "same(v, w) and v.tzinfo == w.tzinfo",
    ),
    "timedelta": ("datetime.timedelta(days=1, microseconds=3)", "same(v, w)"),
    "decimal": ("decimal.Decimal('1.10')", "same(v, w) and str(v) == '1.10'"),
    "fraction": ("fractions.Fraction(1, 3)", "same(v, w)"),
    "uuid": ("uuid.UUID(int=5)", "same(v, w)"),
    "path": ("pathlib.PurePosixPath('a/b')", "same(v, w)"),
    "pattern": ("re.compile('a+', re.I)", "same(v, w)"),
    "array": ("array.array('d', [1.5])", "same(v, w)"),
    "string buffer": ("io.StringIO('abc')", "type(v) is io.StringIO and v.read() == 'abc'"),
    "iterator": ("iter([1, 2])", "list(v) == [1, 2]"),
    "partial": ("functools.partial(int, base=2)", "v('101') == 5"),
    "itemgetter": ("operator.itemgetter(1)", "v('ab') == 'b'"),
    "module": ("np", "v is np"),
    "builtin": ("len", "v is len"),
    "bound method": ("[3, 1].copy", "v() == [3, 1]"),
    "class of a library": ("pd.DataFrame", "v is pd.DataFrame"),
    "simple namespace": ("types.SimpleNamespace(a=1)", "same(v, w)"),
    "mapping proxy": ("types.MappingProxyType({'a': 1})", "type(v) is type(w) and v['a'] == 1"),
    "exception": ("ValueError('x', 3)", "type(v) is ValueError and v.args == ('x', 3)"),
    "generic alias": ("list[int]", "v == list[int]"),
    "union": ("int | None", "v == (int | None)"),
    "numpy float": ("np.float64(1.5)", "same(v, w)"),
    "numpy integer": ("np.int8(3)", "same(v, w)"),
    "numpy string": ("np.str_('a')", "same(v, w)"),
    "numpy datetime": ("np.datetime64('2020-01-01')", "same(v, w)"),
    "numpy array": ("np.arange(6.0).reshape(2, 3)", "arrays(v, w)"),
    "array of no dimension": ("np.array(3)", "arrays(v, w) and v.shape == ()"),
    "empty array": ("np.empty((0, 3), 'f4')", "arrays(v, w)"),
    "read-only array": ("np.broadcast_to(np.arange(3), (2, 3))", "arrays(v, w)"),
    "array of booleans": ("np.array([True, False])", "arrays(v, w)"),
    "fortran array": ("np.asfortranarray(np.eye(3))", "arrays(v, w) and v.flags.f_contiguous"),
    "array with gaps": ("np.arange(10)[::-3]", "arrays(v, w)"),
    "transposed array": ("np.arange(6).reshape(2, 3).T", "arrays(v, w)"),
    "array of objects": ("np.array([1, 'a', None], dtype=object)", "arrays(v, w)"),
    "array of strings": ("np.array(['a', 'bcd'])", "arrays(v, w)"),
    "array of dates": ("np.array(['2020-01-01', 'NaT'], 'M8[D]')", "v.dtype == w.dtype and np.isnat(v[1])"),
    "structured array": ("np.array([(1, 2.5)], dtype=[('a', 'i4'), ('b', 'f8')])", "arrays(v, w)"),
    "byte order": ("np.arange(3, dtype='>i4')", "arrays(v, w)"),
    "record array": ("np.rec.array([(1, 'a')], names='x,y')", "v.x[0] == 1 and type(v) is np.recarray"),
    "masked array": ("np.ma.array([1, 2], mask=[0, 1])", "type(v) is np.ma.MaskedArray and v.mask.tolist() == [False, True]"),
    "matrix": ("np.asmatrix([[1, 2]])", "type(v) is np.matrix and v.shape == (1, 2)"),
    "variable strings": ("np.array(['a', 'long' * 9], dtype=np.dtypes.StringDType())", "arrays(v, w)"),
    "generator": ("rng()", "v.random() == rng().random()"),
    "random state": ("np.random.RandomState(3)", "v.rand() == np.random.RandomState(3).rand()"),
    "frame": ("pd.DataFrame({'a': [1, 2], 'b': ['x', None]})", "frames(v, w)"),
    "frame of many types": (
        ("pd.DataFrame({'i': pd.array([1, None], 'Int64'), 'c': pd.Categorical(['a', 'b'], ordered=True),"
        " 't': pd.to_datetime(['2020', None]).tz_localize('Europe/Berlin'), 'o': [[1], {'a': 2}],"
        " 'p': pd.period_range('2020', periods=2, freq='M'), 's': pd.array(['a', None], 'string')})"),
        "frames(v, w)",
    ),
    "frame with multi-index": (
        "pd.DataFrame({'a': [1, 2]}, index=pd.MultiIndex.from_tuples([(1, 'x'), (2, 'y')], names=['i', 'j']))",
        "frames(v, w)",
    ),
    "frame with attributes": ("(lambda d: (d.attrs.update(k=1), d)[1])(pd.DataFrame({'a': [1]}))", "frames(v, w) and v.attrs == {'k': 1}"),
    "frame with regular index": ("pd.DataFrame({'a': [1, 2]}, index=pd.date_range('2020', periods=2, freq='D'))", "frames(v, w) and v.index.freq == w.index.freq"),
    "empty frame": ("pd.DataFrame(columns=['a'], dtype='f8')", "frames(v, w)"),
    "series": ("pd.Series([1.5, None], name='n')", "pd.testing.assert_series_equal(v, w) is None"),
    "index": ("pd.Index([1, 2], name='i')", "v.equals(w) and v.name == 'i'"),
    "interval index": ("pd.interval_range(0, 3)", "v.equals(w)"),
    "timestamp": ("pd.Timestamp('2020', tz='UTC')", "same(v, w)"),
    "missing value": ("pd.NA", "v is pd.NA"),
    "group by": ("pd.DataFrame({'a': [1, 1], 'b': [2, 3]}).groupby('a')", "v.b.sum().tolist() == [5]"),
    "sparse matrix": ("sp.csr_matrix(np.eye(3))", "type(v) is type(w) and (v != w).nnz == 0"),
    "sparse array": ("sp.coo_array(np.eye(3))", "type(v) is type(w) and (v != w).nnz == 0"),
    "model": ("LogisticRegression().fit(X, Y)", "(v.predict_proba(X) == w.predict_proba(X)).all()"),
    "forest": ("RandomForestClassifier(5, random_state=0).fit(X, Y)", "(v.predict(X) == w.predict(X)).all()"),
    "match": (
        "re.compile(r'(?P<k>b+)').search('abbbc', 1, 3)",
        "(v.groupdict(), v.span(), v.string, v.pos, v.endpos, v.re) == (w.groupdict(), w.span(), w.string, w.pos, w.endpos, w.re)",
    ),
    "later match": ("[*re.finditer('b', 'abab')][1]", "(v.span(), v.pos) == (w.span(), 0)"),
    "format of a structure": ("struct.Struct('<id')", "v.pack(1, 2) == w.pack(1, 2)"),
    "queue": ("fill(queue.Queue(3))", "(v.get(), v.get(), v.maxsize, v.unfinished_tasks) == (3, [1], 3, 2)"),
    "stack": ("fill(queue.LifoQueue())", "v.get() == [1]"),
    "event": ("(lambda e: (e.set(), e)[1])(threading.Event())", "v.is_set()"),
    "numbers of ctypes": ("(ctypes.c_int * 2)(1, 2)", "list(v) == [1, 2] and type(v) is ctypes.c_int * 2"),
    "text of ctypes": ("ctypes.create_string_buffer(b'ab', 3)", "v.raw == w.raw and type(v) is type(w)"),
    "namespace of exec": ("(lambda n: (exec('a = 1\\ndef f(): return a', n), n)[1])({})", "v['f']() == 1 and v['a'] == 1"),
    "display hook": ("sys.displayhook", "v is sys.displayhook"),
    "closure": ("adder(3)", "v(4) == 7"),
    "time zone": ("zoneinfo.ZoneInfo('Europe/Berlin')", "v is w"),
    "tree of elements": ("ElementTree.fromstring('<a><b/></a>')", "ElementTree.tostring(v) == ElementTree.tostring(w)"),
    "hard mask": ("np.ma.array([1, 2], mask=[0, 1], hard_mask=True, fill_value=9)", "v.hardmask and v.fill_value == 9"),
    "element of a structured array": ("np.array([(1, 2.5)], 'i4,f8')[0]", "same(v, w)"),
    "sparse frame": ("pd.DataFrame({'a': pd.arrays.SparseArray([0, 0, 1])})", "frames(v, w)"),
    "model pipeline": ("make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)", "(v.predict(X) == w.predict(X)).all()"),
}  # fmt: skip


LIBRARIES = {
    "arrow table": (
        "pa.table({'a': [1, None], 'b': ['x', 'y']}).replace_schema_metadata({'k': 'v'})",
        "v.equals(w, check_metadata=True) and type(v) is type(w)",
    ),
    "arrow slice": ("pa.array(range(1000)).slice(10, 5)", "v.equals(w) and v.type == w.type"),
    "arrow columns of a frame": (
        "pd.DataFrame({'a': pd.array(['x', None], 'string[pyarrow]'), 'b': pd.array([1, 2], 'int64[pyarrow]')})",
        "frames(v, w)",
    ),
    "polars frame": ("pl.DataFrame({'a': [1, 2], 'b': ['x', None], 'c': [[1], []]})", "v.equals(w) and v.schema == w.schema"),
    "lazy polars frame": (
        "pl.DataFrame({'a': [1, 2]}).lazy().filter(pl.col('a') > 1)", "v.collect().equals(w.collect())"),
    "xarray": ("xr.Dataset({'v': ('t', np.arange(3.0))}, {'t': [1, 2, 3]}, {'k': 1})", "v.identical(w)"),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(session_stages: Callable[[], Stages]) -> dict[str, str]:
    """Save all values in one process, check all in another; return what was found."""
    return _answers(session_stages(), PRELUDE, VALUES)


def _answers(stages: Stages, prelude: str, values: dict[str, tuple[str, str]]) -> dict[str, str]:
    made = [f"v{number} = {source}" for number, (source, _) in enumerate(values.values())]
    names = " ".join(f"v{number}" for number in range(len(values)))
    checks = []
    for number, (name, (source, check)) in enumerate(values.items()):
        checks.append(
            f"try:\n    v, w = v{number}, {source}\n    found[{name!r}] = str(bool({check}))\n"
            f"except Exception as error:\n    found[{name!r}] = repr(error)"
        )
    consumer = "\n".join(["import json", "found = {}", *checks, "print(json.dumps(found))"])
    out = stages.hand_over(names, "\n".join([prelude, *made]), f"{prelude}\n{consumer}")
    found: dict[str, str] = json.loads(out.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", VALUES)
def test_value_arrives_as_it_was(name: str, answers: dict[str, str]) -> None:
    assert answers[name] == "True"


def test_columns_of_other_libraries_arrive_as_they_were(stages: Stages) -> None:
    for library in ("pyarrow", "polars", "xarray"):
        pytest.importorskip(library)
    prelude = f"{PRELUDE}\nimport polars as pl, pyarrow as pa, xarray as xr"

    assert _answers(stages, prelude, LIBRARIES) == dict.fromkeys(LIBRARIES, "True")
