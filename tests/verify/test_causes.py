"""From rows that differ to the one that explains the others."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.model.analysis import AnalysedStage, Analysis, Edge
from jupyter_zflow.verify.causes import first_cause
from jupyter_zflow.verify.verdict import VariableRow

ANALYSIS = Analysis(
    name="demo",
    stages=(
        AnalysedStage(name="a", cells=(0,), writes=("x", "r"), saves=("x",)),
        AnalysedStage(
            name="b", cells=(1,), reads=("x",), writes=("y",), loads={"a": ("x",)}, after=("a",)
        ),
        AnalysedStage(name="c", cells=(2,), reads=("y",), loads={"b": ("y",)}, after=("b",)),
    ),
    edges=(
        Edge(producer="a", consumer="b", kind="variable", name="x"),
        Edge(producer="a", consumer="b", kind="state", name="random"),
    ),
)


def row(name: str, stage: str, verdict: Any = "different", **more: Any) -> VariableRow:
    return VariableRow(name, stage, more.pop("at", "border"), verdict, **more)


@pytest.mark.parametrize(
    ("rows", "stage", "producer", "said"),
    [
        pytest.param(
            [row("y", "b"), row("x", "b"), row("x", "a")],
            "a", None, "something that is not handed over", id="made wrong",
        ),
        pytest.param(
            [row("x", "a", "equal"), row("y", "b"), row("x", "b")],
            "b", "a", "was right at the end of stage 'a'", id="lost on the way",
        ),
        pytest.param(
            [row("x", "a", "equal"), row("x", "b", "equal"), row("y", "b")],
            "b", None, "It takes over random.", id="not carried",
        ),
        pytest.param(
            [row("y", "b", straight="1", isolated="not bound")],
            "b", None, "never binds it", id="not bound",
        ),
        pytest.param(
            [row("x", "a", "equal"), row("x", "a", at="end")],
            "a", None, "a later stage changes it unseen ('b', 'c')", id="changed later",
        ),
        pytest.param(
            [row("r", "a", unstable=True), row("x", "a")],
            "a", None, "r of the same stage differs between straight runs", id="beside chance",
        ),
    ],
)  # fmt: skip
def test_first_cause(rows: list[VariableRow], stage: str, producer: str | None, said: str) -> None:
    cause = first_cause(rows, ANALYSIS)

    assert cause is not None
    assert (cause.row.stage, cause.producer) == (stage, producer)
    assert said in cause.reason


def test_what_does_not_count_has_no_cause() -> None:
    rows = [row("x", "a", "equal"), row("r", "a", unstable=True), row("y", "b", "not compared")]

    assert first_cause(rows, ANALYSIS) is None
