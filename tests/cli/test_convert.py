from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

KALE = (
    ("rate = 2", "pipeline-parameters"),
    ("rows = [1, 2, 3]", "block:load"),
    ("total = sum(rows) * rate\nprint(total)", "block:judge", "prev:load"),
)


def test_kale(write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(*KALE, metadata={"kubeflow_notebook": {"pipeline_name": "mine", "timeout": 3}})

    status = run(["convert", "--from", "kale", str(path), "--json"])

    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert said["written"] == str(tmp_path / "demo-zflow.ipynb")
    assert [stage["name"] for stage in said["stages"]] == ["load", "judge"]
    assert [(entry["kind"], entry["key"]) for entry in said["report"]] == [
        ("lost", "kubeflow_notebook.timeout")
    ]
    assert run(["check", said["written"]]) == 0


def test_the_converted_notebook_runs(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["convert", "--from", "kale", str(write(*KALE)), "-o", str(tmp_path / "new.ipynb")])
    capsys.readouterr()

    status = run(["run", str(tmp_path / "new.ipynb"), "-p", "rate=10", "--json"])

    said = json.loads(capsys.readouterr().out)
    assert status == 0
    assert said["outputs"]["total"] == 60


def test_the_converted_pipeline_runs(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _pipeline(write, tmp_path)

    converted = run(["convert", "--from", "elyra", str(path), "--json"])
    folder = json.loads(capsys.readouterr().out)["written"]
    synthesised = run(["synth", folder])
    capsys.readouterr()
    status = run(["run", folder, "--json"])

    said = json.loads(capsys.readouterr().out)
    assert (converted, synthesised, status) == (0, 0, 0)
    assert folder == str(tmp_path / "numbers")
    assert said["outputs"] == {"kind": "quick", "name": "own", "text": "12"}


def _pipeline(write: Write, tmp_path: Path) -> Path:
    """Two nodes that share a file, and a name that they must not share."""
    write("name = 'shared'\nwith open('x.txt', 'w') as file:\n    file.write('12')").rename(
        tmp_path / "first.ipynb"
    )
    write(
        "import os\nkind = os.environ['KIND']\ntext = open('x.txt').read()\n"
        "try:\n    name\nexcept NameError:\n    name = 'own'"
    ).rename(tmp_path / "second.ipynb")
    links = [{"node_id_ref": "a", "port_id_ref": "outPort"}]
    nodes: list[dict[str, Any]] = [
        {
            "id": "a",
            "inputs": [],
            "app_data": {"component_parameters": {"filename": "first.ipynb"}},
        },
        {
            "id": "b",
            "inputs": [{"id": "inPort", "links": links}],
            "app_data": {
                "component_parameters": {
                    "filename": "second.ipynb",
                    "env_vars": [{"env_var": "KIND", "value": "quick"}],
                }
            },
        },
    ]
    kinds = {"type": "execution_node", "op": "execute-notebook-node"}
    flow = {
        "id": "p",
        "nodes": [{**kinds, **node} for node in nodes],
        "app_data": {"version": 8, "properties": {"name": "numbers"}},
    }
    path = tmp_path / "numbers.pipeline"
    path.write_text(json.dumps({"pipelines": [flow], "primary_pipeline": "p"}))
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["demo.ipynb", "--from", "luigi"], "'luigi' is not one of 'kale', 'soorgeon', 'elyra'"),
        (["demo.ipynb"], "Missing option '--from'"),
        (["demo.ipynb", "--from", "kale", "-o", "there.ipynb"], "there.ipynb exists already"),
        (["demo.ipynb", "--from", "soorgeon"], "has no H2 heading"),
        (["demo.ipynb", "--from", "elyra"], "is a notebook, not a pipeline of Elyra"),
        (["none.ipynb", "--from", "kale"], "there is no such file"),
        (["x.pipeline", "--from", "kale"], "is a pipeline of Elyra, not a notebook of Kale"),
        (["numbers.pipeline", "--from", "elyra", "-o", "full"], "full is not empty"),
        (["numbers.pipeline", "--from", "elyra", "-o", "there.ipynb"], "is a file, not a folder"),
    ],
)
def test_refused(
    write: Write,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    tmp_path = write(*KALE).parent
    _pipeline(write, tmp_path)
    write(*KALE)
    (tmp_path / "there.ipynb").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))

    status = run(["convert", *words, "--json"])

    assert status == 2
    assert said in json.loads(capsys.readouterr().out)["message"]
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "there.ipynb").read_text() == "mine"


def test_forced(write: Write, tmp_path: Path) -> None:
    target = tmp_path / "new.ipynb"
    target.write_text("mine")

    status = run(["convert", "--from", "kale", str(write(*KALE)), "-o", str(target), "--force"])

    assert status == 0
    assert "stage:load" in target.read_text()


def test_errors_are_written_too(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """What the analysis refuses is there to be mended."""
    path = write(("file = open('x')", "step:a"), ("file.read()", "step:b", "prev:a"))

    status = run(["convert", "--from", "kale", str(path)])

    said = capsys.readouterr()
    assert status == 2
    assert "ZF203" in said.err
    assert path.with_name("demo-zflow.ipynb").exists()
