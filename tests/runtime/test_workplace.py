"""Where a stage works, and the author's files around it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.model.above import laid, stored
from jupyter_zflow.runtime.workplace import lay_inputs, make_workdir

if TYPE_CHECKING:
    from pathlib import Path

PATHS = {
    "a.csv": "a.csv",
    "data/a.csv": "data/a.csv",
    "../a.csv": ".above/1/a.csv",
    "../../data/x/a.csv": ".above/2/data/x/a.csv",
    "../lessons/../a.csv": ".above/1/a.csv",
}


@pytest.mark.parametrize("path", PATHS)
def test_path_is_stored_inside_and_laid_where_it_was(path: str) -> None:
    assert stored(path) == PATHS[path]
    assert laid(stored(path)) == os.path.normpath(path)


def test_relative_paths_lead_where_they_led(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    for path in ("near.txt", "../style.css", "../../data/a.csv"):
        file = bundle / stored(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(path)

    private, workdir = make_workdir(tmp_path, "course/lessons")
    lay_inputs(bundle, ["near.txt", ".above/1/style.css", ".above/2/data/a.csv"], workdir, depth=2)

    assert workdir == private / "course" / "lessons"
    assert private.stat().st_mode & 0o077 == 0
    for path in ("near.txt", "../style.css", "../../data/a.csv"):
        assert (workdir / path).read_text() == path


@pytest.mark.parametrize("name", ["../x", ".above/3/x", "a/../../../../x"])
def test_no_file_is_laid_outside(name: str, tmp_path: Path) -> None:
    _, workdir = make_workdir(tmp_path, "a/b")

    with pytest.raises(ArtifactError, match="outside the stage's own folder"):
        lay_inputs(tmp_path, [name], workdir, depth=2 if name[:6] == ".above" else 0)


@pytest.mark.parametrize("place", ["..", "a/../..", "/etc", "a//b"])
def test_place_stays_private(place: str, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no place for a working directory"):
        make_workdir(tmp_path, place)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    _, workdir = make_workdir(tmp_path, "")

    with pytest.raises(ArtifactError, match="the bundle has no file"):
        lay_inputs(tmp_path / "bundle", ["a.csv"], workdir)
