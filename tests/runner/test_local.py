"""Whole executions with real kernels: few, for they take seconds."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_zflow.errors import DefinitionError, UsageError
from jupyter_zflow.model.compute import DatabricksCompute, SlurmCompute
from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.stage import Retry, Stage
from jupyter_zflow.runner.local import ExecutionResult, RunSettings, run_local
from jupyter_zflow.runner.record import read_events
from jupyter_zflow.runner.stages import PlainStarter
from jupyter_zflow.runner.warm import WarmStarter

from .pipelines import definition_of, write_stage

if TYPE_CHECKING:
    from pathlib import Path


class Folder:
    """A bundle and the folder of its execution."""

    def __init__(self, path: Path) -> None:
        self.bundle = path / "bundle"
        self.folder = path / "out"
        self.events: list[dict[str, Any]] = []

    def run(self, definition: str, **options: Any) -> ExecutionResult:
        """Run a definition."""
        return run_local(
            definition,
            bundle=self.bundle,
            folder=self.folder,
            on_event=self.events.append,
            **options,
        )

    def printed(self, stage: str) -> str:
        """Return what the cells of a stage printed."""
        notebook = json.loads((self.folder / f"{stage}.ipynb").read_text())
        outputs = [output for cell in notebook["cells"] for output in cell["outputs"]]
        return "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    """Return an empty place to run in."""
    return Folder(tmp_path)


STARTERS = {"plain": PlainStarter, "warm": WarmStarter}


@pytest.mark.parametrize("starter", STARTERS)
def test_three_backends_hand_values_on(starter: str, place: Folder) -> None:
    write_stage(
        place.bundle,
        "make",
        "def double(v): return v * k\nx = [n]",
        parameters="n = 1\nname = 'a'",
        save='["double", "x"], files=True',
    )
    write_stage(
        place.bundle,
        "train",
        "x.append(double(4))\nimport jupyter_zflow.runtime as r; r.log_metric('auc', .5); del r",
        load='{"make": ["double", "x"]}',
        save='["x"]',
        parameters="k = 10",
    )
    write_stage(
        place.bundle,
        "report",
        "print(x)",
        "print(sorted(n for n in globals() if n.strip('_') and n[0] != '_'))",
        load='{"train": ["x"]}',
    )
    compute = DatabricksCompute(existing_cluster_id="c")
    text = definition_of(
        Stage(name="make"),
        Stage(name="train", kind="databricks", compute=compute, after=("make",)),
        Stage(name="report", kind="slurm", compute=SlurmCompute(queue="q"), after=("train",)),
        parameters=(Parameter(name="n", default=1), Parameter(name="k", default=10)),
    )

    # Made where the loop runs, as its own template is.
    result = place.run(text, input={"n": 7}, starter=STARTERS[starter]())

    assert result.error is None
    assert [(run.name, run.status) for run in result.stages] == [
        ("make", "SUCCEEDED"), ("train", "SUCCEEDED"), ("report", "SUCCEEDED"),
    ]  # fmt: skip
    assert place.printed("report").splitlines()[0] == "[7, 40]"
    names = json.loads(place.printed("report").splitlines()[1].replace("'", '"'))
    assert set(names) == {"In", "Out", "exit", "get_ipython", "open", "quit", "x"}
    assert result.outputs["x"] == [7, 40]
    assert result.stages[1].metrics == {"auc": 0.5}
    assert result.definition_sha256 == hashlib.sha256(text.encode()).hexdigest()
    facts = json.loads((place.folder / "execution.json").read_text())
    assert facts["parameters"] == {"n": 7, "k": 10}
    recorded = read_events(place.folder, result.execution)
    assert [event["event"] for event in recorded] == [event["event"] for event in place.events]
    assert {"event": "cell", "stage": "report", "cell": 3, "of": 3}.items() <= next(
        e for e in recorded if e.get("cell") == 3 and e["stage"] == "report"
    ).items()


def test_error_names_cell_and_line_and_from_continues(place: Folder) -> None:
    write_stage(place.bundle, "a", "import os\ny = os.getpid()", save='["y"]')
    write_stage(place.bundle, "b", "ok = 1", "z = y\n\nboom = 1 / 0", load='{"a": ["y"]}')
    write_stage(place.bundle, "c", "print('c')")
    stages = (Stage(name="a"), Stage(name="b", after=("a",)), Stage(name="c", after=("b",)))
    text = definition_of(*stages)

    failed = place.run(text)

    assert failed.status == "FAILED"
    run = failed.stages[1]
    assert run.status == "FAILED"
    assert run.notebook == str(place.folder / "b.ipynb")
    assert run.error is not None
    assert (run.error["cell"], run.error["line"]) == (2, 3)
    assert (run.error["name"], run.error["message"]) == ("ZeroDivisionError", "division by zero")
    assert failed.error == {
        "error": "States.TaskFailed",
        "cause": "ZeroDivisionError in cell 3: division by zero",
    }
    assert "ZeroDivisionError" in (place.folder / "b.ipynb").read_text()

    write_stage(place.bundle, "b", "print(y)", load='{"a": ["y"]}')
    again = place.run(text, settings=RunSettings(start="b"))

    assert [(run.name, run.status) for run in again.stages] == [
        ("a", "REUSED"), ("b", "SUCCEEDED"), ("c", "SUCCEEDED"),
    ]  # fmt: skip
    assert int(place.printed("b")) == failed.outputs["y"]

    alone = place.run(text, settings=RunSettings(only="b"))

    assert [(run.name, run.status) for run in alone.stages] == [
        ("a", "REUSED"), ("b", "SUCCEEDED"), ("c", "SKIPPED"),
    ]  # fmt: skip

    write_stage(place.bundle, "a", "y = 'changed'", save='["y"]')
    with pytest.raises(UsageError, match="'a', which comes before, has changed"):
        place.run(text, settings=RunSettings(start="b"))


ERRORS = {
    "artifact": (
        "c = (i for i in [1])", '["c"]',
        {"name": "ArtifactError", "cell": None}, "variable 'c' (generator) of stage 'a' cannot leave"),
    "killed": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "",
        {"name": "DeadKernelError", "cell": 1, "message": "the kernel was killed by SIGKILL while a cell ran, perhaps because it ran out of memory"}, "SIGKILL"),
    "syntax": ("x = (", "", {"name": "SyntaxError", "cell": 1}, "incomplete input"),
    "own exception": (
        "class Mine(Exception): pass\nraise Mine('so \\u20ac')", "", {"name": "Mine", "line": 2, "message": "so \u20ac"}, "so"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_failed_stage_leaves_result_and_notebook(name: str, place: Folder) -> None:
    cell, save, error, told = ERRORS[name]
    write_stage(place.bundle, "a", cell, save=save)

    run = place.run(definition_of(Stage(name="a"))).stages[0]

    assert run.status == "FAILED"
    assert run.error is not None
    assert error.items() <= run.error.items()
    assert told in run.error["message"]
    assert (place.folder / "a.ipynb").exists()
    assert "jupyter_zflow/runtime" not in run.error["traceback"]


def test_retry_runs_the_stage_again(place: Folder, tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    write_stage(
        place.bundle,
        "a",
        f"import pathlib\nf = pathlib.Path({str(flag)!r})\nif not f.exists():\n    f.touch()\n    1 / 0",
    )

    run = place.run(definition_of(Stage(name="a", retry=Retry(max_attempts=1)))).stages[0]

    assert (run.status, run.attempt) == ("SUCCEEDED", 1)


def test_stage_that_takes_too_long_is_stopped(place: Folder) -> None:
    write_stage(place.bundle, "a", "import time\ntime.sleep(600)")

    result = place.run(definition_of(Stage(name="a", timeout=3)))

    assert result.status == "TIMED_OUT"
    assert result.stages[0].status == "TIMED_OUT"
    assert "KeyboardInterrupt" in (place.folder / "a.ipynb").read_text()


def test_independent_stages_run_at_the_same_time(place: Folder) -> None:
    meet = (
        "import pathlib, time\npathlib.Path({me!r}).touch()\n"
        "while not pathlib.Path({other!r}).exists(): time.sleep(0.01)"
    )
    one, two = str(place.folder / "one"), str(place.folder / "two")
    write_stage(place.bundle, "a", meet.format(me=one, other=two))
    write_stage(place.bundle, "b", meet.format(me=two, other=one))

    result = place.run(definition_of(Stage(name="a"), Stage(name="b")))

    assert result.status == "SUCCEEDED"


def test_input_files_are_laid_and_environment_is_set(place: Folder) -> None:
    (place.bundle / "files" / "lib").mkdir(parents=True)
    (place.bundle / "files" / "lib" / "helper.py").write_text("V = 3")
    write_stage(
        place.bundle,
        "a",
        "import os, sys\nfrom lib.helper import V\nprint(V, os.environ['MODE'])",
        "print([n for n in os.environ if n.startswith('ZFLOW')], 'papermill' in sys.modules)",
        files=["lib"],
    )

    place.run(definition_of(Stage(name="a", environment={"MODE": "fast"})))

    assert place.printed("a").splitlines() == ["3 fast", "[] False"]


def test_files_that_nobody_reads_are_kept(place: Folder) -> None:
    write_stage(place.bundle, "a", "open('data.csv', 'w').write('1')", save="files=True")
    write_stage(
        place.bundle,
        "b",
        "import os; os.mkdir('out')\nf = open('out/report.html', 'w'); f.write(open('data.csv').read())",
        load='files=["a"]',
    )

    place.run(definition_of(Stage(name="a"), Stage(name="b", after=("a",))))

    assert (place.folder / "a" / "files" / "data.csv").read_text() == "1"
    assert (place.folder / "b" / "files" / "out" / "report.html").read_text() == "1"
    assert not (place.folder / "b" / "files" / "data.csv").exists()
    result = json.loads((place.folder / "b" / "result.json").read_text())
    assert result["files"] == ["out/report.html"]


def test_runs_inside_a_running_loop(place: Folder) -> None:
    write_stage(place.bundle, "a", "print('x')")

    async def cell() -> ExecutionResult:
        return place.run(definition_of(Stage(name="a")))

    assert asyncio.run(cell()).status == "SUCCEEDED"


def test_stopped_run_leaves_no_process(place: Folder) -> None:
    write_stage(
        place.bundle,
        "a",
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint('ready', flush=True)\nchild.wait()",
    )
    text = place.folder.parent / "definition.json"
    text.write_text(definition_of(Stage(name="a")))
    program = (
        "import sys, pathlib\nfrom jupyter_zflow.runner.local import run_local\n"
        f"r = run_local(pathlib.Path({str(text)!r}).read_text(), bundle=pathlib.Path({str(place.bundle)!r}),"
        f" folder=pathlib.Path({str(place.folder)!r}))\nprint(r.status)"
    )
    runner = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    log = place.folder / "a" / "log.txt"
    while not (log.exists() and "ready" in log.read_text()):
        assert runner.poll() is None
        time.sleep(0.05)
    family = psutil.Process(runner.pid).children(recursive=True)
    assert any("sleep" in process.name() for process in family)

    os.kill(runner.pid, signal.SIGINT)
    out, _ = runner.communicate(timeout=60)

    assert out.strip() == "ABORTED"
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    assert "KeyboardInterrupt" in (place.folder / "a.ipynb").read_text()


def test_killed_runner_leaves_no_process(place: Folder) -> None:
    write_stage(place.bundle, "a", "import time\nprint('ready', flush=True)\ntime.sleep(600)")
    text = place.folder.parent / "definition.json"
    text.write_text(definition_of(Stage(name="a")))
    program = (
        "import pathlib\nfrom jupyter_zflow.runner.local import run_local\n"
        f"run_local(pathlib.Path({str(text)!r}).read_text(), bundle=pathlib.Path({str(place.bundle)!r}),"
        f" folder=pathlib.Path({str(place.folder)!r}))"
    )
    runner = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    log = place.folder / "a" / "log.txt"
    while not (log.exists() and "ready" in log.read_text()):
        assert runner.poll() is None
        time.sleep(0.05)
    family = psutil.Process(runner.pid).children(recursive=True)

    runner.kill()
    runner.wait()

    _, alive = psutil.wait_procs(family, timeout=15)
    assert alive == []


REFUSED = {
    "unknown resource": (
        lambda text: text.replace("sagemaker:createProcessingJob.sync", "lambda:invoke"), "lambda:invoke"),
    "not JSON": (lambda text: text[:-5], "is not JSON"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_definition_that_cannot_run_is_refused_before_it_starts(name: str, place: Folder) -> None:
    change, told = REFUSED[name]
    with pytest.raises(DefinitionError, match=told):
        place.run(change(definition_of(Stage(name="a"))))

    assert not place.folder.exists()
