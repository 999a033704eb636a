"""What counts as the same value, and how the first difference is called."""

# ruff: noqa: TID253  the values are what is tested

from __future__ import annotations

import collections
import datetime as dt
import functools
import io
import random
import threading
import types
from typing import TYPE_CHECKING, Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from jupyter_zflow.verify.equality import compare

if TYPE_CHECKING:
    from collections.abc import Callable

NAN = float("nan")
Point = collections.namedtuple("Point", "x y")  # noqa: PYI024  what notebooks do


class Thing:
    def __init__(self, **members: Any) -> None:
        self.__dict__.update(members)


def adder(number: int) -> Callable[[int], int]:
    def add(other: int, again: int = number) -> int:
        return number + other + again

    return add


def made_class(**members: Any) -> type:
    return type("Made", (), {"__module__": "__main__", **members})


def loop() -> list[Any]:
    made: list[Any] = [1]
    made.append(made)
    return made


def frame(**changes: Any) -> pd.DataFrame:
    made = pd.DataFrame(
        {
            "x": [1.0, NAN, 3.0],
            "word": ["a", "b", "c"],
            "kind": pd.Categorical(["u", "v", "u"]),
            "when": pd.date_range("2024-01-01", periods=3, tz="Europe/Berlin"),
        },
        index=pd.Index(["p", "q", "r"], name="key"),
    )
    for name, value in changes.items():
        made[name] = value
    return made


def changed(label: str, column: str, value: Any) -> pd.DataFrame:
    made = frame()
    made.loc[label, column] = value
    return made


def fitted(strength: float = 1.0) -> LogisticRegression:
    return LogisticRegression(C=strength).fit(np.arange(6.0).reshape(6, 1), [0, 0, 0, 1, 1, 1])


def figure(height: int = 1) -> Any:
    made, axes = plt.subplots(figsize=(1, 1))
    axes.plot([0, height])
    plt.close(made)
    return made


def drawn(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: [1, 2.5, NAN, "a", None, b"b", 1j], id="plain"),
        pytest.param(lambda: {"b": [1], "a": {2, "x", (3, 4)}}, id="containers"),
        pytest.param(lambda: Point(1, [2]), id="a named tuple"),
        pytest.param(lambda: collections.deque([1, 2], maxlen=3), id="a deque"),
        pytest.param(lambda: collections.defaultdict(list, a=[1]), id="a defaultdict"),
        pytest.param(lambda: dt.datetime(2024, 1, 2, tzinfo=dt.UTC), id="a date"),
        pytest.param(loop, id="a list in itself"),
        pytest.param(lambda: Thing(a=1, b=Thing(c=[2])), id="objects"),
        pytest.param(lambda: Thing(a=made_class(n=1)()), id="an object of a class made anew"),
        pytest.param(lambda: adder(1), id="a closure"),
        pytest.param(lambda: lambda x: x + 1, id="a lambda"),
        pytest.param(lambda: functools.partial(max, 1, key=abs), id="a partial"),
        pytest.param(lambda: made_class(n=1, f=adder(2)), id="a class"),
        pytest.param(lambda: [].append, id="a bound method"),
        pytest.param(lambda: random, id="a module"),
        pytest.param(lambda: drawn(1), id="a generator of random numbers"),
        pytest.param(lambda: io.StringIO("abc"), id="a text buffer"),
        pytest.param(lambda: types.SimpleNamespace(a=1), id="a namespace"),
        pytest.param(lambda: iter([1, 2]), id="an iterator over a list"),
        pytest.param(lambda: np.array([1.0, NAN, -0.0]), id="an array"),
        pytest.param(lambda: np.array([[1, "a"], [None, [2]]], dtype=object), id="objects in it"),
        pytest.param(lambda: np.array([(1, 2.0)], dtype="i4,f8"), id="a structured array"),
        pytest.param(lambda: np.ma.array([1, 2], mask=[0, 1]), id="a masked array"),
        pytest.param(lambda: np.array(["NaT", "2024"], dtype="M8[D]"), id="dates in it"),
        pytest.param(lambda: np.random.default_rng(1), id="NumPy's generator"),
        pytest.param(lambda: np.random.RandomState(1), id="NumPy's old generator"),
        pytest.param(frame, id="a frame"),
        pytest.param(lambda: frame().groupby("word"), id="a grouped frame"),
        pytest.param(lambda: pd.Series([1, None], dtype="Int64"), id="a nullable series"),
        pytest.param(lambda: pd.MultiIndex.from_product([[1, 2], ["a"]]), id="a MultiIndex"),
        pytest.param(lambda: sp.csr_matrix(np.eye(3)), id="a sparse matrix"),
        pytest.param(fitted, id="a fitted model"),
        pytest.param(figure, id="a figure"),
    ],
)  # fmt: skip
def test_equal(make: Callable[[], Any]) -> None:
    found = compare(make(), make())

    assert found.difference is None
    assert found.whole
    assert found.left_out == ()


@pytest.mark.parametrize(
    ("one", "other", "path"),
    [
        (1, 2, ""),
        (1, True, ""),
        (1, 1.0, ""),
        (0.0, -0.0, ""),
        (0.1 + 0.2, 0.3, ""),
        ("a", b"a", ""),
        ([1, [2, 3]], [1, [2, 4]], "[1][1]"),
        ([1], (1,), ""),
        ([1], [1, 2], ""),
        ([1, 2], [1, 2.0], "[1]"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, "['a']['b']"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, ""),
        ({"a": 1}, {"c": 1}, ""),
        ({1: 1}, {True: 1}, ""),
        ({1, 2}, {1, 3}, "{2}"),
        (Point(1, [2]), Point(1, [3]), ".y[0]"),
        (collections.deque([1], maxlen=3), collections.deque([1]), ".maxlen"),
        (Thing(a=Thing(b=1)), Thing(a=Thing(b=2)), ".a.b"),
        (Thing(a=1), Thing(c=1), ""),
        (adder(1), adder(2), ".__defaults__[0]"),
        (lambda x: x + 1, lambda x: x + 2, ".__code__.co_consts[1]"),
        (made_class(n=1), made_class(n=2), ".n"),
        (made_class(n=1)(), made_class(n=2)(), ".__class__.n"),
        (made_class(n=1), made_class(), ""),
        (drawn(1), drawn(2), ".getstate()[1]["),
        (io.StringIO("a"), io.StringIO("b"), ".getvalue()"),
        (iter([1, 2]), iter([1, 3]), "[0][1]"),
        (np.arange(6).reshape(2, 3), np.array([[0, 1, 2], [3, 9, 5]]), "[1][1]"),
        (np.arange(3), np.arange(3.0), ".dtype"),
        (np.zeros(3), np.zeros((3, 1)), ".shape"),
        (np.zeros(1), -np.zeros(1), "[0]"),
        (np.array([1, [2]], dtype=object), np.array([1, [3]], dtype=object), "[1][0]"),
        (np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[1, 1]), ".mask[0]"),
        (np.random.default_rng(1), np.random.default_rng(2), ".bit_generator.state['state']['sta"),
        (frame(), changed("q", "x", 5.0), "['x']['q']"),
        (frame(), changed("r", "word", "d"), "['word']['r']"),
        (frame(), frame(x=[1, 2, 3]), "['x'].dtype"),
        (frame(), frame(kind=pd.Categorical(list("uvu"), ["v", "u"])), "['kind'].dtype[0]"),
        (frame(), frame().rename_axis("other"), ".index.name"),
        (frame(), frame().iloc[::-1], ".index[0]"),
        (frame(), frame(new=1), ".columns"),
        (pd.Series([1], name="a"), pd.Series([1], name="b"), ".name"),
        (pd.Series([1, None], dtype="Int64"), pd.Series([1, 2], dtype="Int64"), "[1]"),
        (sp.eye(3).tocsr(), 2 * sp.eye(3).tocsr(), ".data"),
        (fitted(), fitted(2.0), ".C"),
        (figure(), figure(-1), ""),
    ],
)
def test_first_difference(one: Any, other: Any, path: str) -> None:
    found = compare(one, other).difference

    assert found is not None
    assert found.path.startswith(path)
    assert path or not found.path
    assert found.straight != found.isolated


def test_asking_for_annotations_changes_no_class() -> None:
    asked = made_class(n=1)

    assert asked.__annotations__ == {}
    assert compare(asked, made_class(n=1)).difference is None


def test_one_object_in_two_places_is_not_two_objects() -> None:
    shared = [1]

    found = compare([shared, shared], [[1], [1]]).difference

    assert found is not None
    assert found.path == "[1]"
    assert found.more == "The contents are equal, the identity is not."


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [(1.0, 1.0 + 1e-9, True), (1e6, 1e6 + 1, True), (1.0, 1.1, False), ([NAN], [1.0], False)],
)
def test_tolerance_is_for_floats(one: Any, other: Any, *, equal: bool) -> None:
    arrays = (
        (np.array([one, 0.0]), np.array([other, 0.0])) if isinstance(one, float) else (one,) * 2
    )

    assert (compare(one, other, tolerance=1e-6).difference is None) is equal
    assert (compare(*arrays, tolerance=1e-6).difference is None) is (equal or one is arrays[0])


@pytest.mark.parametrize(
    ("make", "whole", "left_out"),
    [
        (threading.Lock, False, ("the value: _thread.lock",)),
        (lambda: {"a": 1, "lock": threading.Lock()}, True, ("['lock']: _thread.lock",)),
        (lambda: (n for n in [1]), False, ("the value: generator",)),
    ],
)
def test_left_out(make: Callable[[], Any], *, whole: bool, left_out: tuple[str, ...]) -> None:
    found = compare(make(), make())

    assert found.difference is None
    assert (found.whole, found.left_out) == (whole, left_out)


def test_what_is_left_out_hides_no_difference() -> None:
    found = compare([threading.Lock(), 1], [threading.Lock(), 2])

    assert found.difference is not None
    assert found.difference.path == "[1]"
