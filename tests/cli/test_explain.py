from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

CELLS = [
    ("x = 1\nopen('out.txt', 'w').write('a')", "stage:a"),
    ("y = 2\nz = x\ntext = open('out.txt').read()", "stage:b"),
    ("print(z)", "stage:c"),
    ("print(1)", "stage:d"),
]


def test_variables_and_files(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["check", str(write(*CELLS)), "--explain", "a", "b", "--json"])

    edges = json.loads(capsys.readouterr().out)["edges"]
    assert status == 0
    assert {(edge["kind"], edge["name"]) for edge in edges} == {
        ("variable", "x"),
        ("file", "out.txt"),
    }
    (x,) = (edge for edge in edges if edge["name"] == "x")
    assert (x["producer"], x["consumer"]) == ("a", "b")
    assert (x["written"], x["read"]) == ({"cell": 0, "line": 1}, {"cell": 1, "line": 2})


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("a", "b"), "Stage 'b' waits for stage 'a':"),
        (("a", "b"), "cell 1, line 1"),
        (("a", "c"), "it waits through 'a' -> 'b' -> 'c'."),
        (("c", "a"), "'c' waits for 'a'."),
        (("a", "d"), "they may run at the same time."),
    ],
)
def test_in_words(
    write: Write, capsys: pytest.CaptureFixture[str], pair: tuple[str, str], said: str
) -> None:
    status = run(["check", str(write(*CELLS)), "--explain", *pair])

    assert status == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("a", "bb"), "There is no stage 'bb'. Did you mean 'b'?"),
        (("q", "b"), "There is no stage 'q'."),
        (("a", "a"), "no stage waits for itself"),
        (("a",), "requires 2 arguments"),
    ],
)
def test_wrong_use(
    write: Write, capsys: pytest.CaptureFixture[str], pair: tuple[str, ...], said: str
) -> None:
    status = run(["check", str(write(*CELLS)), "--json", "--explain", *pair])

    assert status == 2
    assert said in json.loads(capsys.readouterr().out)["message"]
