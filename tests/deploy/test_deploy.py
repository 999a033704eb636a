"""From a folder to a stack and its executions, on an emulator: the verbs as a user types them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.cli.main import run

from . import container
from .emulator import BUCKET, REGION, Emulator, executes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .sagemaker import SageMaker

    Command = Callable[..., tuple[int, Any]]

PREPARE = """\
import helper
if rate > 4:
    raise ValueError('too much')
rows = [float(x) * rate for x in open('in.csv').read().split(',')]"""

EACH = """\
from pathlib import Path
if name == 'b' and not Path('TRIED').exists():
    Path('TRIED').touch()
    raise OSError('not yet')
greeting = name * int(total)"""

pytestmark = [
    pytest.mark.aws,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
NO_JOBS = container.refusal() or ("" if executes() else "`make` installs this emulator")


@pytest.fixture
def command(
    aws: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Return a function that runs a verb and returns its status and its JSON."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL")

    def call(verb: str, *words: object, url: str = aws.url) -> tuple[int, Any]:
        given = [str(word) for word in words]
        where = [] if verb in {"export", "bundle", "diff"} else ["--endpoint-url", url]
        status = run([verb, *given, *where, "--json"])
        return status, json.loads(capsys.readouterr().out.splitlines()[-1])

    return call


def test_a_pipelines_life(
    command: Command, notebook: Callable[..., Path], tmp_path: Path, aws: Emulator
) -> None:
    folder = tmp_path / "life"
    command("export", notebook(name="life", schedule="rate(1 day)"), "-o", folder)

    _, created = command("deploy", folder, "--yes", "-p", f"Bucket={BUCKET}")
    _, again = command("deploy", folder, "--yes")
    _replace(folder / "stages" / "report.ipynb", "the total is", "it is")
    _replace(folder / "pipeline.py", "rate(1 day)", "rate(2 days)")
    _, planned = command("deploy", folder, "--dry-run")
    _, updated = command("deploy", folder, "--yes")

    assert created["status"] == "CREATE_COMPLETE"
    assert {change["name"] for change in created["changes"] if change["area"] == "stage"} == {
        "prepare",
        "train",
        "report",
    }
    uri = created["outputs"]["LifeBundle"]
    (first,) = created["bundles"]
    assert first["uri"] == uri
    keys = aws.keys(uri.removeprefix(f"s3://{BUCKET}/"))
    assert len(keys) == len(first["uploaded"]) + 1  # the manifest
    assert (again["status"], again["bundles"][0]["uploaded"]) == ("UNCHANGED", [])
    assert planned["status"] == "PLANNED"
    assert {resource["logical"]: resource["action"] for resource in updated["resources"]} == {
        "LifeStateMachine": "Modify",
        "LifeSchedule": "Modify",
    }
    assert [(c["area"], c["stage"], c["name"]) for c in updated["changes"]][:2] == [
        ("cell", "report", "cell 4"),
        ("schedule", "", "schedule"),
    ]
    (second,) = updated["bundles"]
    assert second["uploaded"] == ["stages/report.ipynb"]
    assert len(second["copied"]) == len(first["uploaded"]) - 1


@pytest.mark.skipif(bool(NO_JOBS), reason=NO_JOBS or "none")
def test_an_execution_of_what_was_deployed(
    command: Command,
    notebook: Callable[..., Path],
    tmp_path: Path,
    aws: Emulator,
    service: tuple[SageMaker, Any],
) -> None:
    folder = tmp_path / "once"
    path = notebook(
        {0: "rate = 0.5\nnames = ['a', 'b']\nname = 'a'", 1: PREPARE},
        more=(
            (EACH.replace("TRIED", str(tmp_path / "tried")), "stage:each"),
            ("print('rather little', total)", "stage:alarm"),
        ),
        settings={
            "report": {"when": "total > 3"},
            "each": {"for_each": "name in names", "retry": {"max_attempts": 1, "interval": 1}},
            "alarm": {"when": "total <= 3"},
        },
        name="once",
    )
    command("export", path, "-o", folder)
    command("deploy", folder, "--yes", "-p", f"Bucket={BUCKET}")

    status, done = command("start", folder, "-p", "rate=2", "--name", "first", "--wait")
    bad_status, bad = command("start", folder, "-p", "rate=5", "--wait")
    _, running = command("start", folder)
    _, stopped = command("stop", folder)
    _, logs = command("logs", folder, "first", "--stage", "train")
    _, listed = command("executions", folder)

    assert (status, done["status"], done["parameters"]) == (0, "SUCCEEDED", {"rate": 2.0})
    stages = {stage["name"]: stage for stage in done["stages"]}
    assert {name: stage["status"] for name, stage in stages.items()} == {
        "prepare": "SUCCEEDED",
        "train": "SUCCEEDED",
        "report": "SUCCEEDED",
        "each": "NOT_RUN",  # the emulator's history is silent about what runs at the same time
        "alarm": "NOT_RUN",
    }
    assert stages["train"]["metrics"] == {"total": 13.0}
    assert (bad_status, bad["status"]) == (1, "FAILED")
    assert (bad["error"]["stage"], bad["error"]["name"], bad["error"]["cell"]) == (
        "prepare",
        "ValueError",
        1,
    )
    jobs = list(service[0].jobs.values())
    tried = [job.status for job in jobs if job.name.startswith("once-each-")]
    assert sorted(tried) == ["Completed", "Completed", "Failed"]
    train = next(job for job in jobs if job.kind == "Training")
    report = next(job for job in jobs if job.name.startswith("once-report-"))
    assert "runtime from /opt/ml/input/data/bundle/lib/jupyter_zflow/__init__.py\n" in train.log
    assert "the total is 13.0\n" in report.log
    model = f"once/executions/first/train/job/{train.name}/output/model.tar.gz"
    assert model in aws.keys("once/executions/first/train/job/")
    assert "zflow_metric total=13.0" in [line["line"] for line in logs["lines"]]
    assert {item["id"]: item["status"] for item in listed["executions"]} == {
        "first": "SUCCEEDED",
        bad["execution"]: "FAILED",
        running["execution"]: "ABORTED",
    }
    assert (stopped["execution"], stopped["status"]) == (running["execution"], "ABORTED")


def test_what_is_wrong_is_said(
    command: Command, notebook: Callable[..., Path], tmp_path: Path, aws: Emulator
) -> None:
    folder = tmp_path / "wrong"
    command("export", notebook(name="wrong"), "-o", folder)
    bucket = f"Bucket={BUCKET}"

    table = {
        "a parameter is missing": command("deploy", folder, "--yes"),
        "the bucket is missing": command("deploy", folder, "--yes", "-p", "Bucket=no-such-one"),
        "nobody can be asked": command("deploy", folder, "-p", bucket),
        "there is no stack": command("start", folder),
        "it is no state machine": command("start", "arn:aws:s3:::some"),
        "there is no environment": command("deploy", folder, "--yes", "--environment", "test"),
        "it is no folder": command("deploy", tmp_path / "nowhere", "--yes"),
    }

    assert {status for status, _ in table.values()} == {2}
    said = {name: answer["message"] for name, (_, answer) in table.items()}
    for name, words in {
        "a parameter is missing": "needs a value for Bucket",
        "the bucket is missing": "no bucket 'no-such-one'",
        "nobody can be asked": "nobody to ask",
        "there is no stack": "no stack 'wrong'",
        "it is no state machine": "no ARN of a state machine",
        "there is no environment": "environments.yaml",
        "it is no folder": "is not a folder",
    }.items():
        assert words in said[name], name
    stacks = aws.of("cloudformation").describe_stacks()["Stacks"]
    assert [stack for stack in stacks if stack["StackName"] == "wrong"] == []


def test_environments_and_long_templates(command: Command, tmp_path: Path, aws: Emulator) -> None:
    folder = tmp_path / "long"
    (folder / "stages").mkdir(parents=True)
    (folder / "pipeline.py").write_text(
        "from jupyter_zflow.dsl import PipelineBuilder, StackBuilder, processing_job\n"
        f"stage = processing_job('only', notebook='', description={'x' * 60_000!r})\n"
        "pipeline = PipelineBuilder('long').add_stage(stage)\n"
        "StackBuilder('a long one').add_pipeline(pipeline).generate()\n"
    )
    (folder / "environments.yaml").write_text(
        f"test:\n  region: {REGION}\n  parameters: {{Bucket: {BUCKET}}}\n  tags: {{for: tests}}\n"
        "live:\n  regoin: somewhere\n"
    )

    _, done = command("deploy", folder, "--yes", "--environment", "test")
    status, wrong = command("deploy", folder, "--yes", "--environment", "live")

    assert (done["stack"], done["status"]) == ("a-long-one-test", "CREATE_COMPLETE")
    assert any(re.fullmatch(r"long/templates/\w+\.yaml", key) for key in aws.keys("long/"))
    assert (status, "regoin" in wrong["message"]) == (2, True)


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
