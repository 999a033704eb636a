from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from jupyter_zflow.export.notebooks import load_source, save_source, stage_notebook
from jupyter_zflow.model.analysis import AnalysedStage

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.document import NotebookDocument

IMPORT = "import jupyter_zflow.runtime as _zflow"
DEL = "del _zflow"


def notebook(document: NotebookDocument, analysis: Analysis, name: str) -> dict[str, Any]:
    stage = next(stage for stage in analysis.stages if stage.name == name)
    text = stage_notebook(document, analysis, stage, files=["a.csv"] if name == "load" else [])
    nbformat.validate(nbformat.reads(text, as_version=4))
    content: dict[str, Any] = json.loads(text)
    return content


def test_the_authors_cells_with_what_they_need_around_them(
    document: NotebookDocument, analysis: Analysis
) -> None:
    cells = notebook(document, analysis, "train it")["cells"]

    assert [
        (cell["id"], cell["metadata"].get("tags"), "".join(cell["source"])) for cell in cells
    ] == [
        ("cell0", ["setup"], "import numpy as np"),
        ("cell1", ["parameters"], "rate = 0.5  # how fast"),
        (
            "zflow-load",
            ["zflow-load"],
            f'{IMPORT}\n_zflow.load({{"load": ["data"]}}, states={{"load": ["random"]}})\n{DEL}',
        ),
        ("cell3", ["stage:train it", "foreign"], "model = np.mean(len(data) * rate)"),
        (
            "zflow-save",
            ["zflow-save"],
            f'{IMPORT}\n_zflow.save(["model"])\n{DEL}',
        ),
    ]
    assert [cell["metadata"].get("zflow") for cell in cells] == [
        {"cell": 0},
        {"cell": 1},
        None,
        {"cell": 3},
        None,
    ]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_our_magics_leave_empty_lines(document: NotebookDocument, analysis: Analysis) -> None:
    cells = notebook(document, analysis, "load")["cells"]

    assert "".join(cells[0]["source"]) == "\n\ndata = open('a.csv').read()"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("load", {"files": ["a.csv"], "parameters": [], "pipeline": "demo", "stage": "load"}),
        (
            "train it",
            {"files": [], "parameters": ["rate"], "pipeline": "demo", "stage": "train it"},
        ),
    ],
)
def test_metadata(
    document: NotebookDocument, analysis: Analysis, name: str, expected: dict[str, Any]
) -> None:
    metadata = notebook(document, analysis, name)["metadata"]

    assert {key: metadata["zflow"][key] for key in expected} == expected
    assert metadata["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize(
    ("stage", "load", "save"),
    [
        ({}, "", ""),
        ({"imports": ("import os", "import re")}, "import os\nimport re", ""),
        ({"loads_files": ("a",)}, '_zflow.load(files=["a"])', ""),
        ({"saves_files": True}, "", "_zflow.save(files=True)"),
        (
            {"saves": ("x",), "saves_states": ("random",), "saves_everything": True},
            "",
            '_zflow.save(["x"], states=["random"], everything=True)',
        ),
        (
            {"saves": tuple(f"a_rather_long_name_{i}" for i in range(5))},
            "",
            "_zflow.save(\n    [",
        ),
    ],
)
def test_empty_arguments_are_left_out(stage: dict[str, Any], load: str, save: str) -> None:
    analysed = AnalysedStage(name="s", cells=(0,), **stage)

    results = save_source(analysed.model_copy(update={"writes": ("_a", "b")}), last=True)
    assert 'outputs=["b"]' in results

    for source, expected in ((load_source(analysed), load), (save_source(analysed), save)):
        assert bool(source) == bool(expected)
        assert expected in source
        compile(source, "cell", "exec")
