"""The house itself: one version, a cheap import, no heavy package at the door."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = "IPython aws_cdk boto3 botocore jupyter_server nbclient numpy pandas papermill rich tornado"


def test_one_version() -> None:
    """The version is written in package.json and nowhere else."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["tool"]["hatch"]["version"] == {"source": "nodejs"}
    assert json.loads((ROOT / "package.json").read_text())["version"].count(".") == 2


@pytest.mark.parametrize(
    ("module", "needs"),
    [
        ("jupyter_zflow", ""),
        ("jupyter_zflow.errors", ""),
        ("jupyter_zflow.cli.main", ""),
        ("jupyter_zflow.server.extension", "jupyter_server tornado"),
    ],
)
def test_import_is_cheap(module: str, needs: str) -> None:
    code = f"import sys, {module}; print(*sorted(set('{HEAVY}'.split()) & sys.modules.keys()))"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert set(loaded.stdout.split()) <= set(needs.split())
