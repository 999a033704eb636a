from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_zflow.analysis.code import Code
from jupyter_zflow.analysis.heap import (
    MISSING,
    NONE,
    UNKNOWN_SCALAR,
    Heap,
    Ref,
    concatenate,
    join,
)

Edges = list[tuple[int, int]]
EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20)


def heap_of(edges: Edges, *, last_change: dict[int, int] | None = None, codes: int = 0) -> Heap:
    """Return a heap of eight sites; the first ones are functions."""
    heap = Heap(last_change=last_change or {})
    node = ast.parse("lambda: 0", mode="eval").body
    assert isinstance(node, ast.Lambda)
    for place in range(8):
        heap.new(Code(node, 0) if place < codes else None)
    for holder, held in edges:
        heap.link([holder], [held])
    return heap


@pytest.mark.parametrize(
    ("edges", "start", "reach", "reached_by"),
    [
        pytest.param([], 0, {0}, {0}, id="alone"),
        pytest.param([(0, 1), (1, 2)], 0, {0, 1, 2}, {0}, id="chain_from_above"),
        pytest.param([(0, 1), (1, 2)], 2, {2}, {0, 1, 2}, id="chain_from_below"),
        pytest.param([(0, 1), (1, 0)], 0, {0, 1}, {0, 1}, id="circle"),
        pytest.param([(0, 0)], 0, {0}, {0}, id="itself"),
        pytest.param([(0, 2), (1, 2)], 2, {2}, {0, 1, 2}, id="shared"),
    ],
)
def test_reach(edges: Edges, start: int, reach: set[int], reached_by: set[int]) -> None:
    heap = heap_of(edges)

    assert heap.reach([start]) == reach
    assert heap.reached_by([start]) == reached_by


@given(edges=EDGES, start=st.integers(0, 7))
def test_reach_and_reached_by_mirror_each_other(edges: Edges, start: int) -> None:
    heap = heap_of(edges)

    assert all(start in heap.reached_by([site]) for site in heap.reach([start]))
    assert all(start in heap.reach([site]) for site in heap.reached_by([start]))


@given(edges=EDGES)
def test_what_is_kept_up_to_date_is_what_a_search_finds(edges: Edges) -> None:
    changes = {0: 3, 4: 9, 7: 5}
    heap = heap_of(edges, last_change=changes, codes=3)

    for site in range(8):
        within = heap.reach([site])
        assert heap.codes_of([site]) == within & {0, 1, 2}
        assert heap.latest[site] == max(changes.get(other, -1) for other in within)


def test_mix_connects_both_ways() -> None:
    heap = heap_of([])

    made = heap.mix([0, 1])

    assert heap.reach([0]) == heap.reach([1]) == heap.reach([made]) == {0, 1, made}


@pytest.mark.parametrize(
    ("edge", "named", "grows"),
    [
        pytest.param((0, 1), {0}, True, id="variable_comes_to_hold_more"),
        pytest.param((0, 1), set(), False, id="nobody_sees_it"),
        pytest.param((2, 1), {0}, True, id="held_by_another"),
    ],
)
def test_version_tells_what_is_in_use(
    edge: tuple[int, int], named: set[int], *, grows: bool
) -> None:
    heap = heap_of([(0, 2)])
    heap.name(named)
    before = heap.version

    heap.link([edge[0]], [edge[1]])

    assert (heap.version > before) == grows


def text(value: object) -> Ref:
    return Ref(type="str", const=value)


A, B = Ref(frozenset({1}), "list"), Ref(frozenset({2}), "list")
OTHER = Ref(frozenset({3}), "dict")


@pytest.mark.parametrize(
    ("refs", "expected"),
    [
        pytest.param([], NONE, id="nothing"),
        pytest.param([A, A], A, id="same"),
        pytest.param([A, B], Ref(frozenset({1, 2}), "list"), id="same_type"),
        pytest.param([A, OTHER], Ref(frozenset({1, 3})), id="other_type"),
        pytest.param([A, NONE], A, id="none_adds_nothing"),
        pytest.param([text("a"), text("b")], Ref(type="str"), id="other_text"),
        pytest.param([Ref(type="int", const=1), text("b")], UNKNOWN_SCALAR, id="scalars"),
        pytest.param(
            [Ref(type="module", const="a"), Ref(type="module", const="b")], Ref(), id="modules"
        ),
    ],
)
def test_join(refs: list[Ref], expected: Ref) -> None:
    assert join(*refs) == expected


@pytest.mark.parametrize(
    ("parts", "between", "expected"),
    [
        pytest.param([text("a"), text("b")], "", "a b".replace(" ", ""), id="known"),
        pytest.param([text("a"), text("b.csv")], "/", "a/b.csv", id="joined"),
        pytest.param([Ref(type="int", const=3), text(".csv")], "", "3.csv", id="number"),
    ],
)
def test_concatenate_known(parts: list[Ref], between: str, expected: str) -> None:
    assert concatenate(parts, between=between).text == expected


@pytest.mark.parametrize(
    ("parts", "between", "glob"),
    [
        pytest.param([text("a"), Ref(type="str")], "/", "a/*", id="unknown_end"),
        pytest.param([Ref(), text(".csv")], "", "*.csv", id="unknown_start"),
        pytest.param([text("x"), Ref(type="str", glob="a*")], "/", "x/a*", id="pattern_inside"),
        pytest.param([Ref(type="module", const="os"), text("a")], "/", "*/a", id="module"),
    ],
)
def test_concatenate_unknown(parts: list[Ref], between: str, glob: str) -> None:
    made = concatenate(parts, between=between)

    assert made.text is None
    assert made.place == made.glob == glob


@pytest.mark.parametrize(
    ("ref", "path", "found"),
    [
        pytest.param(Ref(type="object", const="os.path"), "os.path", None, id="library"),
        pytest.param(text("os.path"), None, "os.path", id="text"),
        pytest.param(Ref(type="int", const=1), None, None, id="number"),
        pytest.param(Ref(), None, None, id="unknown"),
    ],
)
def test_ref_says_what_it_names(ref: Ref, path: str | None, found: str | None) -> None:
    assert (ref.path, ref.text) == (path, found)


def test_missing_is_no_constant() -> None:
    assert repr(Ref().const) == repr(MISSING) == "MISSING"
