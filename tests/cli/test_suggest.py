from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

CELLS = (
    "import json",
    "limit = 3",
    "with open('in.json') as file:\n    rows = json.load(file)",
    "kept = [row for row in rows if row < limit]",
    "with open('out.json', 'w') as file:\n    json.dump(kept, file)",
)


def test_nothing_is_written_unasked(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(*CELLS)
    before = path.read_text()

    status = run(["suggest", str(path), "--json"])

    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert path.read_text() == before
    assert said["written"] is None
    assert said["setup"] == [0]
    assert said["parameters"] == 1
    assert [cell for stage in said["stages"] for cell in stage["cells"]] == [2, 3, 4]
    assert all(stage["reason"] for stage in said["stages"])
    assert said["findings"] == []


def test_as_a_table(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    status = run(["suggest", str(write(*CELLS))])

    said = capsys.readouterr().out
    assert status == 0
    assert "Stages of demo, by dataflow" in said
    assert "(parameters)" in said
    assert "Nothing was written" in said


def test_applied(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(*CELLS, metadata={"of_another": {"tool": 1}})
    path.chmod(0o640)

    run(["suggest", str(path), "--apply"])

    cells = json.loads(path.read_text())["cells"]
    assert [cell["metadata"]["tags"] for cell in cells[:2]] == [["setup"], ["parameters"]]
    assert all(cell["metadata"]["tags"][0].startswith("stage:") for cell in cells[2:])
    assert "".join(cells[3]["source"]) == CELLS[3]
    assert json.loads(path.read_text())["metadata"]["of_another"] == {"tool": 1}
    assert path.stat().st_mode & 0o777 == 0o640
    assert run(["check", str(path)]) == 0
    assert "Written to" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["demo.ipynb", "--apply"], "Cell 1 is tagged 'stage:old' already."),
        (["demo.ipynb", "-o", "there.ipynb"], "there.ipynb exists already"),
        (["demo.ipynb", "-o", "folder"], "is a folder, not a notebook"),
        (["demo.ipynb", "--apply", "-o", "new.ipynb"], "--apply and -o exclude each other"),
        (["demo.ipynb", "--by", "luck"], "'luck' is not one of"),
        (["demo.ipynb", "--by", "headings"], "No headings cut this notebook"),
        (["none.ipynb"], "there is no such file"),
    ],
)
def test_refused(
    write: Write,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    path = write(("x = 1", "stage:old"), "y = x")
    (path.parent / "folder").mkdir()
    (path.parent / "there.ipynb").write_text("mine")
    monkeypatch.chdir(path.parent)
    before = path.read_text()

    status = run(["suggest", *words, "--json"])

    assert status == 2
    assert said in json.loads(capsys.readouterr().out)["message"]
    assert path.read_text() == before
    assert (path.parent / "there.ipynb").read_text() == "mine"


def test_forced(write: Write) -> None:
    path = write(("x = [1]", "stage:old", "after:older"), "y = x")

    status = run(["suggest", str(path), "--apply", "--force"])

    tags = [cell["metadata"].get("tags") for cell in json.loads(path.read_text())["cells"]]
    assert status == 0
    assert all(len(own) == 1 and own != ["stage:old"] for own in tags)
