from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.analysis.pipeline import to_pipeline
from jupyter_zflow.model.analysis import AnalysedStage, Analysis
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import PipelineSettings
from jupyter_zflow.model.stage import StageSettings
from jupyter_zflow.notebook.document import NotebookDocument, parse

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.pipeline import Pipeline

SOURCES: list[tuple[str, ...]] = [
    ("import numpy as np", "setup"),
    ("rate = 0.5  # how fast", "parameters"),
    ("%%stage load\n%pipeline demo\ndata = open('a.csv').read()",),
    ("model = np.mean(len(data) * rate)", "stage:train it", "foreign"),
    ("print(model)", "stage:report"),
]


class FakeEnvironment:
    """Two installed distributions."""

    def distributions(self, package: str) -> tuple[str, ...]:
        return {"numpy": ("numpy",), "sklearn": ("scikit-learn",)}.get(package, ())

    def version(self, distribution: str) -> str:
        return {"numpy": "2.0.1", "scikit-learn": "1.5+cu12"}[distribution]


@pytest.fixture
def environment() -> FakeEnvironment:
    return FakeEnvironment()


@pytest.fixture
def document(tmp_path: Path) -> NotebookDocument:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.csv").write_text("1,2\n")
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell{index}",
            "metadata": {"tags": tags},
            "source": source,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
            "execution_count": 7,
        }
        for index, (source, *tags) in enumerate(SOURCES)
    ]
    text = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    return parse(text, path=tmp_path / "notebooks" / "demo.ipynb")


@pytest.fixture
def analysis() -> Analysis:
    """What the analysis says about the notebook, as far as an export uses it."""
    return Analysis(
        name="demo",
        settings=PipelineSettings(description="A demo."),
        parameters=(Parameter(name="rate", default=0.5, help="how fast"),),
        parameters_cell=1,
        stages=(
            AnalysedStage(
                name="load", cells=(2,), writes=("data",), saves=("data",), inputs=("a.csv",)
            ),
            AnalysedStage(
                name="train it",
                settings=StageSettings.model_validate({"compute": "ml.g5.xlarge"}),
                cells=(3,),
                replays=(0, 1),
                reads=("data",),
                writes=("model",),
                after=("load",),
                loads={"load": ("data",)},
                loads_states={"load": ("random",)},
                saves=("model",),
                packages=("numpy",),
            ),
            AnalysedStage(
                name="report",
                cells=(4,),
                imports=("import pandas as pd",),
                reads=("model",),
                after=("load", "train it"),
                loads={"train it": ("model",)},
                loads_files=("load",),
                packages=("nowhere",),
            ),
        ),
    )


@pytest.fixture
def pipeline(analysis: Analysis) -> Pipeline:
    return to_pipeline(analysis)
