"""One emulator for all tests, and a pipeline folder small enough to run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from .emulator import REGION, Emulator, emulating
from .sagemaker import SageMaker, serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CELLS: list[tuple[str, ...]] = [
    ("rate = 0.5", "parameters"),
    (
        "import helper\nrows = [float(x) * rate for x in open('in.csv').read().split(',')]",
        "stage:prepare",
    ),
    (
        """\
import jupyter_zflow
from jupyter_zflow.runtime import log_metric
total = sum(rows) + helper.bonus()
log_metric('total', total)
print('runtime from', jupyter_zflow.__file__)""",
        "stage:train",
    ),
    ("print('the total is', total)", "stage:report"),
]


@pytest.fixture(scope="session")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Emulator, SageMaker, str]]:
    with (
        serving(tmp_path_factory.mktemp("jobs")) as (sagemaker, url),
        emulating(tmp_path_factory.mktemp("emulator"), sagemaker=url) as aws,
    ):
        sagemaker.aws = aws
        yield aws, sagemaker, url


@pytest.fixture(scope="session")
def aws(together: tuple[Emulator, SageMaker, str]) -> Emulator:
    return together[0]


@pytest.fixture
def service(together: tuple[Emulator, SageMaker, str]) -> tuple[SageMaker, Any]:
    """Return SageMaker without jobs, and a client of it."""
    import boto3

    _, made, url = together
    made.jobs.clear()
    client = boto3.client(
        "sagemaker",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="some",
        aws_secret_access_key="some",
    )
    return made, client


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes the notebook, with other cells where they are given."""

    def write(
        changed: dict[int, str] | None = None,
        *,
        more: tuple[tuple[str, ...], ...] = (),
        settings: dict[str, Any] | None = None,
        **pipeline: Any,
    ) -> Path:
        stages = {"train": {"kind": "training", "compute": "ml.m5.large"}, **(settings or {})}
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"zflow": {"version": 1, "pipeline": pipeline, "stages": stages}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell{index}",
                    "metadata": {"tags": list(tags)},
                    "source": (changed or {}).get(index, source),
                    "outputs": [],
                    "execution_count": None,
                }
                for index, (source, *tags) in enumerate((*CELLS, *more))
            ],
        }
        path = tmp_path / "totals.ipynb"
        path.write_text(json.dumps(content))
        (tmp_path / "helper.py").write_text("def bonus():\n    return 1\n")
        (tmp_path / "in.csv").write_text("1,2,3")
        return path

    return write
