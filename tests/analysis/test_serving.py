from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from conftest import Analyse

FIT = ("fit", "model = [1]\nscale = 2")
HEAD = "%%stage score --kind {kind}\n"


@pytest.mark.parametrize(
    ("kind", "cells", "loads"),
    [
        ("transform", ["def predict(data):\n    return model"], {"fit": ("model",)}),
        ("processing", ["def predict(data):\n    return model"], {}),
        ("transform", ["k = scale", "predict = lambda data: model"], {"fit": ("model", "scale")}),
        ("transform", ["def predict(data):\n    return data\ndef other():\n    return model"], {}),
    ],
)
def test_what_predict_uses_is_loaded(
    kind: str, cells: list[str], loads: dict[str, tuple[str, ...]], analysed: Analyse
) -> None:
    rows = [("", HEAD.format(kind=kind) + cell) for cell in cells]
    analysis = analysed(FIT, *rows)

    (score,) = [stage for stage in analysis.stages if stage.name == "score"]
    assert {name: tuple(sorted(names)) for name, names in score.loads.items()} == loads
    assert analysis.findings == ()


def test_a_stage_that_serves_without_predict_is_an_error(analysed: Analyse) -> None:
    analysis = analysed(FIT, ("", HEAD.format(kind="transform") + "k = model"))

    (found,) = analysis.findings
    assert (found.code, found.severity, "'predict'" in found.message) == ("ZF201", "error", True)


def test_it_waits_for_the_stage_that_its_input_names() -> None:
    cells = [("stage:make", "open('new.csv', 'w').close()"), ("stage:score", "predict = sorted")]
    settings = {"kind": "transform", "transform": {"input": "make/new.csv"}}
    content = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"zflow": {"stages": {"score": settings}}},
        "cells": [
            {
                "cell_type": "code",
                "id": tag,
                "metadata": {"tags": [tag]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for tag, source in cells
        ],
    }  # fmt: skip
    analysis = analyse(parse(json.dumps(content)))

    assert {stage.name: stage.after for stage in analysis.stages} == {
        "make": (),
        "score": ("make",),
    }
