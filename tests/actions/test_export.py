from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.check import check
from jupyter_zflow.actions.export import export
from jupyter_zflow.actions.prepare import prepare
from jupyter_zflow.actions.synth import synth
from jupyter_zflow.actions.template import the_machine
from jupyter_zflow.errors import ConflictError, RefusedError
from jupyter_zflow.notebook.document import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Save = Callable[..., Path]

CELLS = [
    ("rate: float = 1.0", "parameters"),
    ("x = open('a.csv').read()", "stage:load"),
    ("y = len(x) * rate", "stage:train it"),
    ("print(y)", "stage:report"),
]


ZFLOW = {"stages": {"train it": {"compute": "ml.g5.xlarge"}}}


@pytest.fixture
def notebook(tmp_path: Path, save: Save) -> Path:
    (tmp_path / "a.csv").write_text("1,2")
    return save(*CELLS, zflow=ZFLOW)


def test_the_folder(notebook: Path) -> None:
    result = export(notebook)

    assert result.folder == notebook.parent / "my-study"
    assert {
        path.relative_to(result.folder).as_posix()
        for path in result.folder.rglob("*")
        if path.is_file()
    } == {
        ".gitignore",
        "README.md",
        "cdk.json",
        "files/a.csv",
        "pipeline.py",
        "requirements/load.txt",
        "requirements/report.txt",
        "requirements/train it.txt",
        "stages/load.ipynb",
        "stages/report.ipynb",
        "stages/train it.ipynb",
        "template.yaml",
        "tests/test_pipeline.py",
        "zflow.lock.json",
    }
    assert set(result.files) | {result.folder / "zflow.lock.json"} == {
        path for path in result.folder.rglob("*") if path.is_file()
    }


def test_the_template_carries_the_definition(notebook: Path) -> None:
    result = export(notebook)

    machine = the_machine(result.template)
    assert machine.definition == prepare(read(notebook)).definition
    assert machine.sha256 == result.definition_sha256
    assert machine.pipeline == "My Study"


def test_the_script_makes_the_same_template(notebook: Path) -> None:
    result = export(notebook)
    before = result.template.read_bytes()
    result.template.unlink()

    made = synth(result.folder)

    assert made.template == result.template
    assert made.template.read_bytes() == before
    assert made.to_json()["definition_sha256"] == result.definition_sha256


def test_a_second_export_changes_nothing(notebook: Path) -> None:
    folder = export(notebook).folder
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    changes = export(notebook).changes

    assert changes.write == changes.remove == changes.conflicts == ()
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_edited_script_is_kept_and_the_template_follows_it(notebook: Path, save: Save) -> None:
    folder = export(notebook).folder
    script = folder / "pipeline.py"
    script.write_text(script.read_text().replace("ml.g5.xlarge", "ml.g5.2xlarge"))
    synth(folder)

    result = export(save(*CELLS[:3], ("print(y, 2)", "stage:report"), zflow=ZFLOW))

    assert result.changes.kept == ("pipeline.py",)
    assert "print(y, 2)" in (folder / "stages" / "report.ipynb").read_text()
    assert "ml.g5.2xlarge" in result.template.read_text()


def test_an_edited_script_that_would_change_is_a_conflict(notebook: Path, save: Save) -> None:
    folder = export(notebook).folder
    (folder / "pipeline.py").write_text("# mine\n")
    new = save(*CELLS, ("print(2)", "stage:four"), zflow=ZFLOW)

    with pytest.raises(ConflictError, match=r"pipeline\.py"):
        export(new)

    assert not (folder / "stages" / "four.ipynb").exists()
    export(new, on_conflict="overwrite")
    assert "four" in (folder / "pipeline.py").read_text()


def test_an_edited_template_is_a_conflict(notebook: Path, save: Save) -> None:
    result = export(notebook)
    result.template.write_text(result.template.read_text() + "# mine\n")

    with pytest.raises(ConflictError, match=r"template\.yaml"):
        export(save(*CELLS, ("print(2)", "stage:four"), zflow=ZFLOW))


def test_a_stage_that_disappears(notebook: Path, save: Save) -> None:
    folder = export(notebook).folder

    changes = export(save(*CELLS[:3], zflow=ZFLOW)).changes

    assert set(changes.remove) == {"stages/report.ipynb", "requirements/report.txt"}
    assert not (folder / "stages" / "report.ipynb").exists()


def test_a_refused_notebook_leaves_nothing(notebook: Path, save: Save) -> None:
    save(("x = 1", "stage:a", "after:nobody"))

    with pytest.raises(RefusedError, match="ZF105"):
        export(notebook)

    assert not (notebook.parent / "my-study").exists()


def test_check_says_what_the_definition_refuses(notebook: Path) -> None:
    content = json.loads(notebook.read_text())
    content["metadata"]["zflow"]["stages"]["load"] = {"for_each": "xs"}
    notebook.write_text(json.dumps(content))

    result = check(notebook)

    assert result.refused
    assert [finding.code for finding in result.findings if finding.severity == "error"] == ["ZF230"]
