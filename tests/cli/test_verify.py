from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

CELLS = [
    ("rate = 1.0", "parameters"),
    ("x = [rate]\nprint(x)", "stage:a"),
    ("y = x + [2]", "stage:b"),
]


def test_equal(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(*CELLS)
    report, left = path.parent / "report.html", path.parent / "left"

    status = run(
        ["verify", str(path), "-p", "rate=2", "--json", "--html", str(report), "--output-dir",
         str(left)]
    )  # fmt: skip

    said = json.loads(capsys.readouterr().out)
    assert (status, said["equal"]) == (0, True)
    assert {(row["stage"], row["name"], row["equal"]) for row in said["variables"]} == {
        ("a", "rate", True),
        ("a", "x", True),
        ("b", "x", True),
        ("b", "y", True),
    }
    assert all(set(row) >= {"name", "stage", "equal", "detail"} for row in said["variables"])
    assert said["outputs"][0]["cell"] == 1
    assert "<h1" in report.read_text()
    assert sorted(file.name for file in left.iterdir()) == [
        "a.ipynb",
        "b.ipynb",
        "straight run.ipynb",
    ]


def test_a_notebook_that_fails(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["verify", str(write(("x = 1", "stage:a"), ("1 / 0", "stage:b")))])

    out, err = capsys.readouterr()
    assert status == 1
    assert "demo: not decided" in out
    assert "The notebook itself fails in cell 2: ZeroDivisionError: division by zero." in err
    assert "Stage 'b' fails in the same way." in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "rat=1"], "Did you mean 'rate'?"),
        (["--tolerance", "-1"], "--tolerance"),
        (["--html", "nowhere/report.html"], "there is no folder"),
    ],
)
def test_wrong_use(
    write: Write, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status = run(["verify", str(write(*CELLS)), "--json", *words])

    assert status == 2
    assert said in json.loads(capsys.readouterr().out)["message"]


def test_refused(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["verify", str(write(("x = unknown", "stage:a"))), "--json"])

    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["findings"]
    assert status == 2
    assert [finding["severity"] for finding in found] == ["error"]
