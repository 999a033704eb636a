from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


def command(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyter_zflow", *words],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_says_what_the_pipeline_is(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(("n: int = 3", "parameters"), ("x = n", "stage:a"), ("print(x)", "stage:b"))

    assert run(["check", str(path), "--json"]) == 0

    content = json.loads(capsys.readouterr().out)
    assert content["pipeline"] == "demo"
    assert content["findings"] == []
    assert [parameter["name"] for parameter in content["parameters"]] == ["n"]
    assert [
        {key: stage[key] for key in ("name", "cells", "reads", "after", "kind")}
        for stage in content["stages"]
    ] == [
        {"name": "a", "cells": [1], "reads": [], "after": [], "kind": "processing"},
        {"name": "b", "cells": [2], "reads": ["x"], "after": ["a"], "kind": "processing"},
    ]


def test_check_for_people(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(("[bold]x = 1", "stage:a"))

    assert run(["check", str(path)]) == 2

    out, err = capsys.readouterr()
    assert "Pipeline demo" in out
    assert "error" in err


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["--version"], []])
def test_help_is_cheap(words: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; from jupyter_zflow.cli.main import run; "
        f"run({words!r}); "
        "heavy = {'rich', 'numpy', 'papermill', 'nbformat', 'aws_cdk', 'boto3', 'IPython'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_run_that_fails_and_goes_on(write: Write, tmp_path: Path) -> None:
    """A cell raises: exit 1, everything a user needs on screen; then --from goes on."""
    good = [("x = 20", "stage:first"), ("print(x)", "stage:last one")]
    bad = [good[0], ("y = x\nraise ValueError('too hot')", "stage:last one")]
    write(*bad)

    failed = command("run", "demo.ipynb", "--output-dir", "out", cwd=tmp_path)

    assert failed.returncode == 1
    assert "Failed: stage 'last one', cell 2, line 2: ValueError: too hot" in failed.stderr
    assert "out/last one.ipynb" in failed.stderr
    assert "--from 'last one'" in failed.stderr
    assert "Traceback" not in failed.stdout + failed.stderr
    assert "too hot" in (tmp_path / "out" / "last one.ipynb").read_text()

    write(*good)
    fixed = command("run", "demo.ipynb", "--from", "last one", "--json", cwd=tmp_path)

    assert fixed.returncode == 0, fixed.stderr
    content = json.loads(fixed.stdout)
    assert content["status"] == "SUCCEEDED"
    assert [(stage["name"], stage["status"]) for stage in content["stages"]] == [
        ("first", "REUSED"),
        ("last one", "SUCCEEDED"),
    ]
    assert content["continues"]
    assert "20" in (tmp_path / content["stages"][1]["notebook"]).read_text()
