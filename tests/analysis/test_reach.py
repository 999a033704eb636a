"""What above the notebook's folder may travel, and why the rest may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis import reach as module
from jupyter_zflow.analysis.reach import reach

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def notebook_folder(tmp_path: Path) -> Path:
    """Return a folder two levels below a git repository, with files around it."""
    folder = tmp_path / "repo" / "course" / "lessons"
    folder.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("s")
    repository = folder.parents[1]
    (repository / ".git").mkdir()
    (repository / "data").mkdir()
    (repository / "data" / "a.csv").write_text("abc")
    (repository / "course" / "style.css").write_text("ab")
    (repository / "course" / "link").symlink_to("/etc/passwd")
    (repository / "course" / "near").symlink_to("style.css")
    (repository / "links").mkdir()
    (repository / "links" / "out").symlink_to(tmp_path / "secret.txt")
    return folder


PATHS = {
    "file beside the folder": ("../style.css", 2, ""),
    "folder of the repository": ("../../data", 3, ""),
    "link inside the repository": ("../near", 2, ""),
    "own folder by its name": ("../lessons/x.txt", 1, ""),
    "outside the repository": (
        "../../../secret.txt",
        0,
        "is outside the notebook's git repository",
    ),
    "link that leads out": ("../link", 0, "is a link that leads out of"),
    "folder with a link that leads out": ("../../links", 0, "holds a link that leads out of"),
    "parent folder": ("..", 0, "is a folder that holds the notebook"),
    "repository": ("../..", 0, "is a folder that holds the notebook"),
}


@pytest.mark.parametrize("name", PATHS)
def test_reach_ends_with_the_repository(name: str, notebook_folder: Path) -> None:
    path, size, reason = PATHS[name]
    (notebook_folder / "x.txt").write_text("x")

    found = reach(notebook_folder, path)

    assert (found.size, reason in found.reason, bool(found.reason)) == (size, True, bool(reason))


def test_without_a_repository_two_folders_up(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    for place in (tmp_path, tmp_path / "a"):
        (place / "f").write_text("f")

    assert reach(folder, "../../f").reason == ""
    assert "is outside" in reach(folder, "../../../f").reason


def test_too_large_stays_at_home(notebook_folder: Path) -> None:
    with (notebook_folder.parent / "large").open("wb") as file:
        file.truncate(module.LIMIT + 1)

    assert reach(notebook_folder, "../large").reason.startswith("has 500 MB")
