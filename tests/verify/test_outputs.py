from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.model.analysis import AnalysedStage
from jupyter_zflow.verify.outputs import compare_outputs, judged_again

if TYPE_CHECKING:
    from pathlib import Path

STAGES = (AnalysedStage(name="a", cells=(1,), replays=(0,)), AnalysedStage(name="b", cells=(2,)))


def executed(path: Path, outputs: dict[int, Any], *, skipped: tuple[int, ...] = ()) -> Path:
    """Write an executed notebook whose cells printed texts, or showed lists of them."""
    cells = []
    for cell, said in outputs.items():
        shown = [{"output_type": "stream", "name": "stdout", "text": said}]
        if isinstance(said, list):
            shown = [
                {"output_type": "display_data", "data": {"text/plain": text}} for text in said
            ]  # fmt: skip
        count = None if cell in skipped else cell + 1
        cells.append(
            {
                "cell_type": "code",
                "metadata": {"zflow": {"cell": cell}},
                "source": "x",
                "outputs": shown,
                "execution_count": count,
            }
        )
    path.write_text(json.dumps({"cells": cells}))
    return path


@pytest.mark.parametrize(
    ("one", "other", "equal", "masked", "line"),
    [
        ("1\n2\n", "1\n2\n", True, (), None),
        ("1\n2\n", "1\n3\n", False, (), 2),
        ("1\n", "1\n2\n", False, (), 2),
        ("<A at 0x7f01>", "<A at 0x7f02>", True, ("addresses",), None),
        ("<A at 0x7f01> 1", "<A at 0x7f02> 2", False, (), 1),
        (
            "/t/zflow-0123456789abcdef/f",
            "/t/zflow-fedcba9876543210/f",
            True,
            ("working directories",),
            None,
        ),
        ("/t/ipykernel_12/34.py:1", "/t/ipykernel_5/678.py:1", True, ("names of cells",), None),
        (["0.5"], ["0.5"], True, (), None),
        (["0.5"], ["0.6"], False, (), 1),
    ],
)
def test_texts(  # noqa: PLR0917
    tmp_path: Path,
    one: Any,
    other: Any,
    equal: bool,
    masked: tuple[str, ...],
    line: int | None,
) -> None:
    straight = executed(tmp_path / "s", {1: one})
    isolated = executed(tmp_path / "a", {1: other})

    (row,) = compare_outputs(STAGES, straight, {"a": isolated})

    assert (row.cell, row.stage, row.equal, row.masked, row.line) == (1, "a", equal, masked, line)
    assert row.kind == ("display" if isinstance(one, list) else "stdout")
    assert row.counts is not equal


def test_cells_that_ran_on_one_side_only_are_not_compared(tmp_path: Path) -> None:
    straight = executed(tmp_path / "s", {0: "0", 1: "1", 2: "2"}, skipped=(2,))
    isolated = {"a": executed(tmp_path / "a", {0: "0"}), "b": executed(tmp_path / "b", {2: "2"})}

    rows = compare_outputs(STAGES, straight, isolated)

    assert [(row.cell, row.stage, row.equal) for row in rows] == [(0, "a", True)]


def test_what_differs_between_straight_runs_does_not_count(tmp_path: Path) -> None:
    first = executed(tmp_path / "1", {1: "1.5 s", 2: "2"})
    second = executed(tmp_path / "2", {1: "1.6 s", 2: "2"})
    isolated = {
        "a": executed(tmp_path / "a", {1: "1.7 s"}),
        "b": executed(tmp_path / "b", {2: "3"}),
    }

    rows = judged_again(compare_outputs(STAGES, first, isolated), first, second)

    assert [(row.cell, row.unstable, row.counts) for row in rows] == [
        (1, True, False),
        (2, False, True),
    ]
