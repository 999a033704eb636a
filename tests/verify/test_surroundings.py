from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.verify.surroundings import survey

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in (
        "study.ipynb", "data/a.csv", "helpers.py", ".git/config", "zflow_executions/x/run",
        "__pycache__/helpers.pyc", "venv/pyvenv.cfg", "venv/lib/big", "study/zflow.lock.json",
        "study/pipeline.py", "left/b.ipynb",
    ):  # fmt: skip
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "out").mkdir()
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    return tmp_path


@pytest.mark.parametrize(
    ("limits", "paths", "complete"),
    [
        ({}, ("data/a.csv", "helpers.py", "out", "study.ipynb"), True),
        ({"size": 5}, ("data/a.csv",), False),
        ({"number": 2}, ("data/a.csv",), False),
    ],
)
def test_survey(
    folder: Path, limits: dict[str, Any], paths: tuple[str, ...], *, complete: bool
) -> None:
    found = survey(folder, ["data/a.csv"], without=[folder / "left"], **limits)

    assert (found.paths, found.complete) == (paths, complete)
