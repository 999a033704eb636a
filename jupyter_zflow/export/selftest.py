"""The test that an exported folder carries: script, template and notebooks belong together."""

from __future__ import annotations

SELFTEST = '''\
"""Script, template and notebooks belong together; run with pytest."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted(FOLDER.glob("stages/*.ipynb"))


def test_template_is_what_the_script_makes(tmp_path):
    copy = tmp_path / "pipeline"
    shutil.copytree(
        FOLDER,
        copy,
        ignore=shutil.ignore_patterns("cdk.out", "zflow_executions", ".*"),
    )
    (copy / "template.yaml").unlink()

    done = subprocess.run(
        [sys.executable, "pipeline.py"], cwd=copy, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    made = (copy / "template.yaml").read_text(encoding="utf-8")
    assert made == (FOLDER / "template.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_has_what_it_needs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))

    missing = [
        name
        for name in notebook["metadata"]["zflow"]["files"]
        if not (FOLDER / "files" / name).is_file()
    ]

    assert notebook["nbformat"] == 4
    assert missing == []


def test_every_notebook_has_requirements():
    stages = {path.stem for path in NOTEBOOKS}

    assert stages == {path.stem for path in FOLDER.glob("requirements/*.txt")}
'''
