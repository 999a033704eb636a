"""Scripts as people run them: ``python pipeline.py`` in a folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

LISTING = r"""
from jupyter_zflow.dsl import (
    PipelineBuilder, StackBuilder, batch_transform_job, databricks_job, training_job
)

data_processing = databricks_job("data_processing_job")
training = training_job("training_job")
batch_inference = batch_transform_job("batch_transform_job")

pipeline = PipelineBuilder("example-pipeline")
pipeline \
    .add_stage(data_processing) \
    .add_stage(training) \
    .add_stage(batch_inference)

stack = StackBuilder("example-stack")
stack.add_pipeline(pipeline)
stack.generate(output_location="zflow_pipeline.yaml")
"""
STAGES = ("data_processing_job", "training_job", "batch_transform_job")


def run(folder: Path, script: str, *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    (folder / "pipeline.py").write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(folder / "pipeline.py")],
        cwd=cwd or folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stages").mkdir()
    for stage in STAGES:
        (tmp_path / "stages" / f"{stage}.ipynb").write_text("{}", encoding="utf-8")
    return tmp_path


def test_the_listing_writes_its_three_stages_in_order(folder: Path) -> None:
    done = run(folder, LISTING)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    template = yaml.safe_load((folder / "zflow_pipeline.yaml").read_text(encoding="utf-8"))
    text = template["Resources"]["ExamplePipelineStateMachine"]["Properties"]["DefinitionString"]
    machine = json.loads(text["Fn::Sub"][0])
    state, order = machine["StartAt"], []
    while state:
        order.append(state)
        state = machine["States"][state].get("Next")
    assert [name for name in order if name in STAGES] == list(STAGES)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'training_job("training_job")',
            'training_job("training_job", instance_type="ml.g5.xlrage")',
            "pipeline.py, line 7: Stage 'training_job': instance type 'ml.g5.xlrage' is unknown.",
        ),
        (
            'databricks_job("data_processing_job")',
            'databricks_job("other")',
            "pipeline.py, line 18: Stage 'other' has no notebook stages/other.ipynb",
        ),
    ],
)
def test_a_mistake_is_shown_by_its_line_without_our_stack(
    folder: Path, old: str, new: str, message: str
) -> None:
    done = run(folder, LISTING.replace(old, new))

    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr
    assert not (folder / "zflow_pipeline.yaml").exists()


def test_other_errors_stay_pythons(folder: Path) -> None:
    done = run(folder, LISTING + "1 / 0\n")

    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr


def test_notebooks_are_beside_the_script_wherever_it_is_started(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    done = run(folder, LISTING, cwd=elsewhere)

    assert done.returncode == 0
    assert (elsewhere / "zflow_pipeline.yaml").is_file()
