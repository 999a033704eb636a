from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.actions.export import export
from jupyter_zflow.actions.prepare import prepare
from jupyter_zflow.actions.run import run
from jupyter_zflow.errors import ParameterError, UsageError
from jupyter_zflow.notebook.document import read
from jupyter_zflow.synth import definition_sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    Save = Callable[..., Path]

PARAMETERS = """\
rate: float = 1.0
size = (2, 3)
word = "a"
mode: Literal["fast", "slow"] = "fast"
limit: int | None = 3
"""
SHOW = "print(repr((rate, size, word, mode, limit)))"


def shown(stage: dict[str, Any]) -> str:
    """Return what the stage's notebook printed."""
    notebook = json.loads(Path(stage["notebook"]).read_text())
    return "".join(
        "".join(output["text"])
        for cell in notebook["cells"]
        for output in cell["outputs"]
        if output["output_type"] == "stream"
    ).strip()


@pytest.fixture
def notebook(tmp_path: Path, save: Save) -> Path:
    (tmp_path / "helper.py").write_text("def twice(x):\n    return 2 * x\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("1,2")
    return save(
        ("from typing import Literal\nfrom helper import twice", "setup"),
        (PARAMETERS, "parameters"),
        "%%stage load --compute ml.m5.large\n%pipeline study\ntext = open('data/a.csv').read()",
        SHOW,
        ("result = twice(text)\nprint(result)", "stage:use it"),
    )


def test_defaults_keep_their_types(notebook: Path) -> None:
    events: list[dict[str, Any]] = []

    result = run(notebook, on_event=events.append, output_dir=notebook.parent / "out")

    assert result.status == "SUCCEEDED"
    assert [shown(stage) for stage in result.stages] == [
        "(1.0, (2, 3), 'a', 'fast', 3)",
        "1,21,2",
    ]
    prepared = prepare(read(notebook))
    assert prepared.definition is not None
    assert result.execution.definition_sha256 == definition_sha256(prepared.definition)
    assert sorted(path.name for path in (notebook.parent / "out").iterdir()) == [
        "load.ipynb",
        "use it.ipynb",
    ]
    assert {event["event"] for event in events} >= {"stage_started", "cell", "stage_finished"}
    content = result.to_json()
    json.dumps(content)
    assert content["outputs"] == {"text": "1,2", "result": "1,21,2"}
    assert content["pipeline"] == "study"
    assert content["continues"] is None


def test_an_exported_folder_runs_with_other_parameters(notebook: Path) -> None:
    exported = export(notebook)
    given = ["rate=2", "size=[4]", "word=null", "mode=slow", "limit=None"]

    result = run(exported.folder, assignments=given)

    assert shown(result.stages[0]) == "(2.0, (4,), None, 'slow', None)"
    assert result.execution.definition_sha256 == exported.definition_sha256


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (["mode=medium"], ParameterError, "'medium'"),
        (["limit=1.5"], ParameterError, "int | None"),
        (["rates=1"], ParameterError, "Did you mean 'rate'"),
    ],
)
@pytest.mark.parametrize("what", ["notebook", "folder"])
def test_parameters_are_strict(
    notebook: Path, words: list[str], error: type[Exception], said: str, what: str
) -> None:
    target = notebook if what == "notebook" else export(notebook).folder

    with pytest.raises(error, match=said.replace("|", r"\|")):
        run(target, assignments=words)


@pytest.mark.parametrize("option", ["start", "only"])
def test_only_a_stage_that_exists(notebook: Path, option: str) -> None:
    with pytest.raises(UsageError, match=r"no stage 'use'.*'use it'.*Stages: load, use it"):
        run(notebook, **{option: "use"})


def test_a_failure_leaves_what_there_is(save: Save) -> None:
    notebook = save(("x = 1", "stage:a"), ("x / 0", "stage:b"), ("print(2)", "stage:c", "after:b"))

    result = run(notebook)

    assert result.status == "FAILED"
    statuses = {stage["name"]: stage["status"] for stage in result.stages}
    assert statuses["a"] == "SUCCEEDED"
    assert statuses["b"] == "FAILED"
    assert statuses["c"] == "NOT_RUN"
    (error,) = [stage["error"] for stage in result.stages if stage["status"] == "FAILED"]
    assert (error["cell"], error["line"], error["name"]) == (1, 1, "ZeroDivisionError")

    with pytest.raises(UsageError, match="has changed since it ran"):
        run(save(("x = 2", "stage:a"), ("x / 1", "stage:b")), start="b")
    assert len(list(notebook.parent.glob("zflow_executions/*/*"))) == 1
