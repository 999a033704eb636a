from __future__ import annotations

import random
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.synth.arrange import (
    Arrangement,
    Parallel,
    Series,
    arrange,
    critical_path,
    stages_of,
)

After = dict[str, list[str]]


@st.composite
def graphs(draw: st.DrawFn, largest: int = 14) -> After:
    size = draw(st.integers(1, largest))
    order = draw(st.permutations(range(size)))
    after: After = {f"s{i}": [] for i in order}
    for i in range(size):
        after[f"s{i}"] = [f"s{j}" for j in range(i) if draw(st.integers(0, 3)) == 0]
    return after


@st.composite
def nested(draw: st.DrawFn) -> After:
    """Draw a graph that was nested to begin with, its stages in any order."""
    count = 0

    def tree(depth: int) -> tuple[list[str], list[tuple[str, str]]]:
        nonlocal count
        if depth == 0 or draw(st.booleans()):
            count += 1
            return [f"s{count}"], []
        parts = [tree(depth - 1) for _ in range(draw(st.integers(2, 3)))]
        names = [name for part, _ in parts for name in part]
        edges = [edge for _, inner in parts for edge in inner]
        if draw(st.booleans()):
            for (first, _), (second, _) in pairwise(parts):
                edges += [(a, b) for a in first for b in second]
        return names, edges

    names, edges = tree(3)
    after: After = {name: [] for name in draw(st.permutations(names))}
    for a, b in edges:
        after[b].append(a)
    return after


def longest_chain(after: After, durations: dict[str, int]) -> int:
    ends: dict[str, int] = {}

    def end(name: str) -> int:
        if name not in ends:
            ends[name] = durations[name] + max(map(end, after[name]), default=0)
        return ends[name]

    return max(map(end, after))


def waits(arrangement: Arrangement) -> dict[str, set[str]]:
    """Return for each stage the stages that have surely ended before it."""
    if isinstance(arrangement, str):
        return {arrangement: set()}
    result: dict[str, set[str]] = {}
    for part in arrangement.parts:
        earlier = set(result) if isinstance(arrangement, Series) else set()
        result |= {name: before | earlier for name, before in waits(part).items()}
    return result


@given(graphs())
def test_every_stage_once_and_every_after_kept(after: After) -> None:
    arrangement = arrange(after)

    assert sorted(stages_of(arrangement)) == sorted(after)
    before = waits(arrangement)
    assert [(a, b) for b, waited in after.items() for a in waited if a not in before[b]] == []


@given(nested(), st.integers())
def test_nested_graphs_lose_nothing_whatever_the_durations(after: After, seed: int) -> None:
    chance = random.Random(seed)
    durations = {name: chance.randint(1, 1000) for name in after}

    length = critical_path(arrange(after), dict(durations))

    assert length == longest_chain(after, durations)


@given(graphs(largest=25))
@settings(max_examples=30)
def test_larger_graphs_keep_every_after(after: After) -> None:
    before = waits(arrange(after))

    assert [(a, b) for b, waited in after.items() for a in waited if a not in before[b]] == []


@given(graphs())
def test_detours_change_nothing(after: After) -> None:
    def all_before(name: str) -> set[str]:
        return {name}.union(*map(all_before, after[name]))

    detours = {name: sorted(all_before(name) - {name}) for name in after}

    assert arrange(detours) == arrange(after)


def test_other_graphs_wait_little_more_than_they_must() -> None:
    chance = random.Random(1)
    ratios = []
    for _ in range(150):
        size = chance.randint(5, 15)
        after = {
            f"s{i}": [f"s{j}" for j in range(i) if chance.random() < 2 / size] for i in range(size)
        }
        durations = {name: round(1000 * chance.lognormvariate(0, 1)) + 1 for name in after}
        least = longest_chain(after, durations)
        ratios.append(critical_path(arrange(after), dict(durations)) / least)

    assert median(ratios) < 1.05
    assert max(ratios) < 1.8


def test_estimates_decide_where_to_wait() -> None:
    after: After = {"a": [], "b": [], "c": ["a", "b"], "d": ["b"]}
    slow_a = {"a": 100.0, "b": 1.0, "c": 1.0, "d": 100.0}

    arrangement = arrange(after, durations=slow_a)

    assert critical_path(arrangement, slow_a) == 102


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        pytest.param({"a": []}, "a", id="one"),
        pytest.param(
            {"a": [], "b": ["a"], "c": ["b", "a"]}, Series(("a", "b", "c")), id="chain is flat"
        ),
        pytest.param({"a": [], "b": []}, Parallel(("a", "b")), id="two alone"),
        pytest.param(
            {"a": [], "b": ["a"], "x": [], "y": ["x"]},
            Parallel((Series(("a", "b")), Series(("x", "y")))),
            id="forest",
        ),
        pytest.param(
            {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]},
            Series(("a", Parallel(("b", "c")), "d")),
            id="diamond",
        ),
        pytest.param(
            {"d": ["c", "b"], "c": ["a"], "b": ["a"], "a": []},
            Series(("a", Parallel(("c", "b")), "d")),
            id="given order is kept among equals",
        ),
    ],
)
def test_shapes(after: After, expected: Arrangement) -> None:
    assert arrange(after) == expected


@pytest.mark.parametrize(
    ("after", "message"),
    [
        ({}, "at least one stage"),
        ({"a": ["b"], "b": ["a"]}, "'a' after 'b' after 'a'"),
        ({"x": [], "a": ["a", "x"]}, "'a' after 'a'"),
        ({"a": [], "b": ["c"]}, "'b' waits for 'c', which is no stage"),
    ],
)
def test_what_is_no_order(after: After, message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        arrange(after)

    assert message in str(caught.value)
