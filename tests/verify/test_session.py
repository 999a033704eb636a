"""Whole verifications, with kernels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.verify.session import verify

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_zflow.verify.verdict import Verification

    MakeCase = Callable[..., Any]

MAKE = """\
import random
import threading
chance = random.random()
class Box:
    def __init__(self, content):
        self.content = content
box = Box([rate, 2])
lock = threading.Lock()
print(box)
"""
CELLS = (
    ("rate = 1.0", "parameters"),
    (MAKE, "stage:make"),
    ("%%stage use\ntotal = sum(box.content)\nprint(total, Box.__name__)",),
)
CERTAIN = (
    CELLS[0],
    (MAKE.replace("chance = random.random()", "chance = 4"), "stage:make"),
    CELLS[2],
)


def table(found: Verification) -> dict[tuple[str, str], str]:
    rows = {
        (row.stage, row.name): "unstable" if row.unstable else row.verdict for row in found.compared
    }
    return rows | {(row.stage, row.name): row.verdict for row in found.not_compared}


def test_right(make_case: MakeCase, tmp_path: Path) -> None:
    events: list[dict[str, Any]] = []

    found = verify(make_case(*CELLS, given={"rate": 3.5}), tmp_path / "v", on_event=events.append)

    rows = table(found)
    assert found.equal
    assert rows["make", "box"] == rows["make", "Box"] == rows["use", "total"] == "equal"
    assert rows["make", "chance"] == "unstable"
    assert rows["make", "lock"] == "not compared"
    assert [row.straight for row in found.variables if row.name == "total"] == ["5.5"]
    assert [(row.cell, row.equal, row.masked) for row in found.outputs] == [
        (1, True, ("addresses",)),
        (2, True, ()),
    ]
    assert found.cause is None
    assert found.again
    started = {event["stage"] for event in events if event["event"] == "stage_started"}
    assert started == {"make", "use", "straight run"}


def test_wrong(make_case: MakeCase, tmp_path: Path) -> None:
    case = make_case(*CERTAIN, instead=("self.content = content", "self.content = content * 2"))

    found = verify(case, tmp_path / "v", on_event=lambda _: None)

    rows = table(found)
    assert found.succeeded
    assert not found.equal
    assert rows["make", "box"] == rows["make", "Box"] == rows["use", "total"] == "different"
    assert found.cause is not None
    assert found.cause.row.stage == "make"
    assert [row.counts for row in found.outputs] == [False, True]
    (total,) = (row for row in found.variables if row.name == "total")
    assert (total.path, total.straight, total.isolated) == ("total", "3.0", "6.0")


def test_a_failure_on_either_side(make_case: MakeCase, tmp_path: Path) -> None:
    case = make_case(("x = 1", "stage:a"), ("1 / 0", "stage:b"), instead=("1 / 0", "1 / 1"))

    found = verify(case, tmp_path / "v", on_event=lambda _: None)

    assert not found.equal
    assert found.status == "SUCCEEDED"
    assert found.straight is not None
    assert found.straight.error is not None
    assert (found.straight.error["cell"], found.straight.error["name"]) == (1, "ZeroDivisionError")
    assert table(found) == {("a", "x"): "equal"}


def test_a_stage_that_serves_is_compared_and_its_answers_are_not(
    make_case: MakeCase, tmp_path: Path
) -> None:
    data = {"input": "make/new.csv", "content_type": "text/plain"}
    case = make_case(
        ("factor = 2\nwith open('new.csv', 'w') as file:\n    file.write('ab')", "stage:make"),
        ("def predict(body):\n    return body * factor\nsample = predict(b'ab')", "stage:score"),
        stages={"score": {"kind": "transform", "transform": data}},
    )
    found = verify(case, tmp_path / "v", on_event=lambda _: None)

    (answers,) = (tmp_path / "v").rglob("new.csv.out")
    assert found.equal
    assert table(found)["score", "sample"] == "equal"
    assert answers.read_bytes() == b"abab\n"
    assert [note.partition(":")[0] for note in found.notes] == ["Stage 'score' answers requests"]
