from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.dsl import PipelineBuilder
from jupyter_zflow.export.script import script
from jupyter_zflow.export.source import quoted
from jupyter_zflow.model.compute import (
    DatabricksCompute,
    LocalCompute,
    SageMakerCompute,
    SlurmCompute,
)
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Retry, Stage

if TYPE_CHECKING:
    from pathlib import Path


def stage(name: str, **fields: Any) -> Stage:
    return Stage(name=name, notebook=f"stages/{name}.ipynb", **fields)


FULL = Pipeline(
    name="fashion returns",
    description='Predict "what" comes back.',
    parameters=(
        Parameter(name="hidden", default=[32, 16], annotation="list[int]", help="layers"),
        Parameter(name="none"),
        Parameter(name="long", default={"key": "x" * 40, "other": ["it's", 'a "quote"']}),
    ),
    schedule=Schedule(expression="cron(0 5 ? * MON *)", timezone="Europe/Berlin"),
    tags={"team": "fit"},
    stages=(
        stage("prepare"),
        stage("train linear", kind="training", after=("prepare",)),
        stage(
            "train network",
            kind="training",
            compute=SageMakerCompute(
                instance_type="ml.g5.xlarge", volume_size_gb=100, spot=True, max_wait=90000
            ),
            retry=Retry(max_attempts=3, errors=("States.Timeout",)),
            timeout=7200,
            environment={"A": 'it\'s "x"', "LONG": "a" * 40, "ÄÖ": "日本 ${x}"},
            after=("prepare",),
        ),
        stage("evaluate", after=("train linear", "train network"), description="Decides."),
        stage("pipeline", kind="slurm", compute=SlurmCompute(queue="gpu", gpus=2)),
        stage(
            "class",
            kind="databricks",
            compute=DatabricksCompute(cluster={"num_workers": 2, "spark_conf": {"a": True}}),
            after=("pipeline",),
        ),
        stage("here", compute=LocalCompute(), after=("class",)),
    ),
)


def built(source: str) -> Pipeline:
    """Run a script up to its stack and return the pipeline that it built."""
    namespace: dict[str, Any] = {}
    exec(source.partition("\nstack = ")[0], namespace)
    builder = namespace["pipeline"]
    assert isinstance(builder, PipelineBuilder)
    return builder.build()


def test_the_script_builds_the_same_pipeline() -> None:
    assert built(script(FULL, notebook="n.ipynb")) == FULL


def test_it_is_short_and_says_only_what_differs() -> None:
    pipeline = Pipeline(
        name="demo",
        stages=(stage("a"), stage("b c", after=("a",)), stage("d"), stage("e", after=("d", "b c"))),
    )

    assert (
        script(pipeline, notebook="demo.ipynb")
        == '''\
"""Pipeline demo.

Exported from demo.ipynb.
"""

from jupyter_zflow.dsl import PipelineBuilder, StackBuilder, processing_job

a = processing_job("a", instance_type="ml.m5.large")
b_c = processing_job("b c", instance_type="ml.m5.large")
d = processing_job("d", instance_type="ml.m5.large")
e = processing_job("e", instance_type="ml.m5.large")

pipeline = PipelineBuilder("demo")

pipeline.add_stage(a)
pipeline.add_stage(b_c)
pipeline.add_stage(d, after=[])
pipeline.add_stage(e, after=[d, b_c])

stack = StackBuilder("demo")
stack.add_pipeline(pipeline)
stack.generate()
'''
    )


@pytest.mark.parametrize("command", ["format --check --diff", "check --select E,F,I,UP,B"])
def test_a_formatter_and_a_linter_have_nothing_to_say(command: str, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.py"
    path.write_text(script(FULL, notebook="n.ipynb"), encoding="utf-8")
    words = [sys.executable, "-m", "ruff", *command.split(), "--isolated", str(path)]

    done = subprocess.run(words, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, done.stderr), done.stdout


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=30), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(JSON, st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_whatever_the_values_they_survive(default: Any, description: str) -> None:
    pipeline = Pipeline(
        name="p",
        description=description,
        parameters=(Parameter(name="x", default=default),),
        stages=(stage("s"),),
    )

    assert built(script(pipeline, notebook="n.ipynb")) == pipeline


@given(st.text())
def test_quoted(text: str) -> None:
    assert eval(quoted(text)) == text
