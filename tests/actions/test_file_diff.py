"""What an export changes, file by file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.actions.file_diff import LIMIT, differences
from jupyter_zflow.export.folder import Plan

if TYPE_CHECKING:
    from pathlib import Path


def test_each_file_has_its_diff(tmp_path: Path) -> None:
    (tmp_path / "changed.txt").write_text("a\nb\n")
    (tmp_path / "edited.txt").write_text("mine")
    (tmp_path / "gone.txt").write_text("old\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    files = {"new.txt": "x\n", "changed.txt": "a\nc\n", "edited.txt": "theirs\n",
             "picture.png": tmp_path / "picture.png", "long.txt": "line\n" * LIMIT}  # fmt: skip
    plan = Plan(("new.txt", "changed.txt", "picture.png", "long.txt"), ("gone.txt",), (), ("edited.txt",))  # fmt: skip

    found = {one.path: one for one in differences(files, tmp_path, plan)}

    assert {path: one.change for path, one in found.items()} == {
        "new.txt": "added", "changed.txt": "changed", "picture.png": "changed", "long.txt": "added",
        "edited.txt": "conflict", "gone.txt": "removed",
    }  # fmt: skip
    assert found["new.txt"].diff == "--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+x\n"
    assert found["changed.txt"].diff.endswith(" a\n-b\n+c\n")
    assert found["edited.txt"].diff.endswith("-mine\n+theirs\n")
    assert found["gone.txt"].diff.endswith("+++ /dev/null\n@@ -1 +0,0 @@\n-old\n")
    assert found["picture.png"].diff == ""
    assert (found["long.txt"].truncated, len(found["long.txt"].diff)) == (True, LIMIT)
