from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.export.files import travelling
from jupyter_zflow.model.analysis import AnalysedStage

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in ("a.csv", "data/x.txt", "data/sub/y.txt", "data/__pycache__/z.pyc", "lib/m.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def test_files_and_folders(folder: Path) -> None:
    stage = AnalysedStage(name="s", cells=(0,), inputs=("data", "a.csv"), modules=("lib/m.py",))

    files, findings = travelling(stage, folder)

    assert list(files) == ["a.csv", "data/sub/y.txt", "data/x.txt", "lib/m.py"]
    assert findings == ()


@pytest.mark.parametrize(
    ("path", "code"),
    [("missing.csv", "ZF402"), ("../../../b.csv", "ZF403"), ("/etc/passwd", "ZF403")],
)
def test_what_cannot_travel(folder: Path, path: str, code: str) -> None:
    stage = AnalysedStage(name="s", cells=(0,), inputs=(path,))

    files, findings = travelling(stage, folder)

    assert files == {}
    assert [(found.code, found.severity) for found in findings] == [(code, "error")]
    assert path in findings[0].message
