"""The exported folder as a commit: nothing else is touched, and the message says what changed."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.commit import CommitResult, commit, repository_of
from jupyter_zflow.actions.diff import diff
from jupyter_zflow.actions.export import export
from jupyter_zflow.errors import RefusedError, ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[..., Path]


class Git:
    """A repository with one commit."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self("init", "-q", "-b", "main")
        self("config", "user.name", "Some One")
        self("config", "user.email", "some@one.example")
        (top / "mine.txt").write_text("old")
        self("add", "mine.txt")
        self("commit", "-q", "-m", "begin")

    def __call__(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=self.top, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def files(self, commit: str) -> list[str]:
        return self("show", "--name-only", "--format=", commit).split("\n")


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


@pytest.fixture
def folder(git: Git, tmp_path: Path) -> Path:
    """A pipeline folder by hand: what an export writes, in small."""
    made = tmp_path / "deep" / "pipeline"
    _write(made, "ml.m5.large")
    return made


def _write(folder: Path, instance: str) -> None:
    from jupyter_zflow.model.compute import SageMakerCompute
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.template import build_template, render_template

    stage = Stage(name="fit", compute=SageMakerCompute(instance_type=instance))
    (folder / "stages").mkdir(parents=True, exist_ok=True)
    (folder / "stages" / "fit.ipynb").write_text('{"cells": []}')
    template = build_template([Pipeline(name="sizes", stages=(stage,))])
    (folder / "template.yaml").write_text(render_template(template))


def test_the_current_branch(git: Git, folder: Path) -> None:
    (git.top / "mine.txt").write_text("new")
    git("add", "mine.txt")
    (git.top / "loose.txt").write_text("loose")

    first = commit(folder)
    again = commit(folder)
    _write(folder, "ml.g5.xlarge")
    second = commit(folder)

    assert (first.branch, again.commit) == ("main", None)
    assert git.files("HEAD~1") == ["deep/pipeline/stages/fit.ipynb", "deep/pipeline/template.yaml"]
    assert git.files("HEAD") == ["deep/pipeline/template.yaml"]
    assert second.commit == git("rev-parse", "HEAD")
    assert git("log", "-2", "--format=%s").split("\n") == [
        "pipeline: fit on ml.g5.xlarge",
        "pipeline: new pipeline",
    ]
    assert "      ~ instance type: ml.m5.large -> ml.g5.xlarge\n" in second.message
    assert git("status", "--porcelain") == "M  mine.txt\n?? loose.txt"


def test_another_branch_is_not_checked_out(git: Git, folder: Path) -> None:
    before = git("rev-parse", "HEAD")

    first = commit(folder, branch="review/sizes")
    _write(folder, "ml.m5.xlarge")
    second = commit(folder, branch="review/sizes")

    assert (git("rev-parse", "HEAD"), git("branch", "--show-current")) == (before, "main")
    assert git("log", "--format=%H", "review/sizes").split("\n") == [
        second.commit,
        first.commit,
        before,
    ]
    assert git("status", "--porcelain") == "?? deep/"
    assert second.message.startswith("pipeline: fit on ml.m5.xlarge\n")


def test_a_detached_head_needs_a_branch(git: Git, folder: Path) -> None:
    git("checkout", "-q", "--detach")

    with pytest.raises(UsageError, match="HEAD is detached"):
        commit(folder)
    made = commit(folder, branch="found")

    assert git("rev-parse", "found") == made.commit


def test_a_repository_without_commits(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=tmp_path, check=True)
    for name in ("user.name", "user.email"):
        subprocess.run(["git", "config", name, "some"], cwd=tmp_path, check=True)
    _write(tmp_path / "pipeline", "ml.m5.large")

    made: list[CommitResult] = [commit(tmp_path / "pipeline", branch=b) for b in ("side", None)]

    assert [result.branch for result in made] == ["side", "main"]
    assert all(result.commit for result in made)


@pytest.mark.parametrize(
    ("change", "error", "said"),
    [
        (lambda git, folder: (folder / "stages/fit.ipynb").write_text("AKIA" + "Q" * 16), RefusedError, "ZF501"),
        (lambda git, folder: (git.top / ".gitignore").write_text("deep/"), ToolError, "ignored"),
    ],
)  # fmt: skip
def test_refusals(
    git: Git,
    folder: Path,
    change: Callable[[Git, Path], object],
    error: type[Exception],
    said: str,
) -> None:
    change(git, folder)

    with pytest.raises(error, match=said):
        commit(folder)

    assert git("log", "--format=%s") == "begin"


def test_outside_of_a_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no Git repository"):
        repository_of(tmp_path / "not" / "there", branch=None)


def test_a_branch_that_is_none(git: Git, folder: Path) -> None:
    with pytest.raises(UsageError, match="is no name of a branch"):
        commit(folder, branch="a..b")


def test_diff_from_notebook_to_deployment(git: Git, save: Save, tmp_path: Path) -> None:
    cells = [("rate = 1", "parameters"), ("total = rate", "stage:fit")]
    notebook = save(*cells, name="sizes")
    folder = export(notebook).folder
    commit(folder)
    save(cells[0], ("total = rate + 1", "stage:fit"), name="sizes")

    for result in (diff(notebook), diff(folder)):
        assert [(c.area, c.stage, c.name) for c in result.changes] == [("cell", "fit", "cell 2")]
    assert diff(folder, against="HEAD~1").lines()[0] == "+ pipeline sizes"
    with pytest.raises(UsageError, match="no commit 'nowhere'"):
        diff(folder, against="nowhere")
    notebook.unlink()
    assert diff(folder).before == "commit HEAD"
