"""The example computes the same in one kernel and as a pipeline, and its folder is sound."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_zflow.actions.check import check
from jupyter_zflow.actions.export import export
from jupyter_zflow.actions.run import run

EXAMPLE = Path(__file__).parents[2] / "examples" / "fashion_returns.ipynb"


def printed(notebook: dict[str, Any]) -> str:
    """Return the last line that a notebook printed."""
    texts = [
        "".join(output["text"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", ())
        if output["output_type"] == "stream" and output["name"] == "stdout"
    ]
    return "".join(texts).splitlines()[-1]


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return Path(shutil.copy(EXAMPLE, tmp_path))


def test_it_is_accepted() -> None:
    result = check(EXAMPLE)

    assert [finding for finding in result.findings if finding.severity != "info"] == []
    assert [(stage.name, stage.after) for stage in result.analysis.stages] == [
        ("prepare", ()),
        ("train linear", ("prepare",)),
        ("train network", ("prepare",)),
        ("evaluate", ("prepare", "train linear", "train network")),
    ]


@pytest.mark.slow
def test_the_pipeline_computes_what_the_notebook_computes(notebook: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    straight = nbformat.read(notebook, as_version=4)
    NotebookClient(straight, resources={"metadata": {"path": str(notebook.parent)}}).execute()

    result = run(notebook)

    assert result.status == "SUCCEEDED"
    last = json.loads(Path(result.stages[-1]["notebook"]).read_text())
    assert printed(last) == printed(straight)
    assert json.loads(printed(last))["kept"] == "network"


@pytest.mark.slow
def test_the_exported_folder_tests_itself(notebook: Path) -> None:
    folder = export(notebook).folder

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "ml.g5.xlarge" in (folder / "pipeline.py").read_text()
