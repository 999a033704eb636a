"""Batch transforms: how records are sent, and whole executions with a stage that serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.model.stage import Stage, TransformData
from jupyter_zflow.runner.executors.batch import Batch
from jupyter_zflow.runner.executors.bench import Bench
from jupyter_zflow.runner.failures import StateFailedError
from jupyter_zflow.runner.interpreter import TaskCall
from jupyter_zflow.runner.local import run_local
from jupyter_zflow.runner.places import Places
from jupyter_zflow.runner.stages import PlainStarter, StageRunner

from .pipelines import definition_of, write_stage

if TYPE_CHECKING:
    from jupyter_zflow.runner.local import ExecutionResult


def batch(**settings: Any) -> Batch:
    """Return a batch without files."""
    plain = {
        "files": (),
        "output": Path(),
        "headers": {},
        "split": True,
        "single": False,
        "limit": 100,
        "newline": True,
    }
    return Batch(**{**plain, **settings})


@pytest.mark.parametrize(
    ("settings", "content", "bodies"),
    [
        ({"split": False}, b"a\nb\n", [b"a\nb\n"]),
        ({}, b"a\nb\n\nc", [b"a\nb\nc"]),
        ({"single": True}, b"a\nb\n\nc", [b"a", b"b", b"c"]),
        ({"limit": 5}, b"aa\nbb\ncc\n", [b"aa\nbb", b"cc"]),
        ({"limit": 4}, b"aa\nbb\n", [b"aa", b"bb"]),
        ({}, b"\n", []),
    ],
)
def test_a_file_is_split(settings: dict[str, Any], content: bytes, bodies: list[bytes]) -> None:
    assert list(batch(**settings).bodies(content, "x")) == bodies


@pytest.mark.parametrize("split", [True, False])
def test_a_record_that_does_not_fit_fails(split: bool) -> None:
    with pytest.raises(StateFailedError, match="a record of x has 3 bytes"):
        list(batch(limit=2, split=split).bodies(b"aaa", "x"))


@pytest.mark.parametrize(("newline", "wanted"), [(True, b"a\nb\n"), (False, b"ab\n")])
def test_answers_are_put_together(newline: bool, wanted: bytes) -> None:
    assert batch(newline=newline).assembled([b"a", b"b\n"]) == wanted


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"DataProcessing": {"JoinSource": "Input"}}, "'DataProcessing'"),
        ({"TransformInput": {"SplitType": "RecordIO"}}, 'SplitType "RecordIO"'),
        ({"TransformInput": {"CompressionType": "Gzip"}}, 'CompressionType "Gzip"'),
    ],
)
def test_what_is_not_done_here_is_refused_by_name(
    change: dict[str, Any], part: str, tmp_path: Path
) -> None:
    source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://x/"}}}
    given: dict[str, Any] = {"TransformInput": source, "TransformOutput": {}}
    for name, fields in change.items():
        given[name] = {**given.get(name, {}), **fields}
    places = Places(tmp_path, tmp_path, "e")
    bench = Bench(places, StageRunner(places, starter=PlainStarter(), observe=lambda _: None))
    call = TaskCall("score", "r", given, 0)

    with pytest.raises(DefinitionError, match=part):
        Batch.of(call, bench)


def run(place: Path, *cells: str, data: TransformData) -> ExecutionResult:
    """Run a pipeline whose second stage serves with what the first one left."""
    write_stage(
        place / "bundle",
        "fit",
        "from pathlib import Path\nfactor = 3",
        "Path('new/more').mkdir(parents=True)\nPath('new/a.csv').write_text('1,2\\n3,4\\n')\n"
        "Path('new/more/b.csv').write_text('-5,6\\n')",
        save="['factor']",
    )
    write_stage(
        place / "bundle", "score", *cells, load="{'fit': ['factor']}", save="outputs=['ready']"
    )
    stages = (
        Stage(name="fit"),
        Stage(name="score", kind="transform", after=("fit",), transform=data),
    )
    return run_local(definition_of(*stages), bundle=place / "bundle", folder=place / "out")


def test_a_stage_serves_what_an_earlier_one_left(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    result = run(
        tmp_path,
        "ready, calls = True, []",
        "def predict(frame):\n    calls.append(len(frame))\n    print('call', len(calls))\n"
        "    return frame * factor",
        data=TransformData(input="fit/new/", strategy="SingleRecord"),
    )

    written = {
        path.relative_to(tmp_path / "out/score/output").as_posix(): path.read_text()
        for path in (tmp_path / "out/score/output").rglob("*.out")
    }
    kept = json.loads((tmp_path / "out/score/result.json").read_text())
    assert result.status == "SUCCEEDED"
    assert written == {"a.csv.out": "3,6\n9,12\n", "more/b.csv.out": "-15,18\n"}
    assert (kept["status"], kept["outputs"]) == ("SUCCEEDED", {"ready": True})
    assert "call 3\n" in (tmp_path / "out/score.ipynb").read_text().replace("\\n", "\n")
    assert set(psutil.Process().children(recursive=True)) <= before


def test_an_answer_that_fails_fails_the_stage(tmp_path: Path) -> None:
    result = run(
        tmp_path,
        "def predict(frame):\n    if frame[0][0] < 0:\n        raise ValueError('below 0\\nno')\n"
        "    return frame",
        data=TransformData(input="fit/new/"),
    )

    (error,) = [run.error for run in result.stages if run.name == "score"]
    assert error is not None
    assert result.status == "FAILED"
    assert error["message"] == "more/b.csv: 500 predict raised ValueError: below 0"
    assert json.loads((tmp_path / "out/score/result.json").read_text())["status"] == "FAILED"
    assert [path.name for path in (tmp_path / "out/score/output").rglob("*.out")] == ["a.csv.out"]


def test_a_stage_without_predict_fails(tmp_path: Path) -> None:
    result = run(tmp_path, "ready = True", data=TransformData(input="fit/new/a.csv"))

    assert result.error is not None
    assert "defines no function 'predict'" in result.error["cause"]
