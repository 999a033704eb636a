"""What a user may do wrong: exit status 2, one clear message, never a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.cli.main import run
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

TWO = [("x = 1", "stage:a"), ("print(x)", "stage:b")]
PARAMETERS = [("rate: float = 0.5\nname = 'x'", "parameters"), ("print(rate)", "stage:a")]


@pytest.mark.parametrize("verb", ["check", "export", "run"])
@pytest.mark.parametrize(
    ("cells", "zflow", "said"),
    [
        pytest.param(
            [("x = 1", "stage:a", "after:b"), ("y = 1", "stage:b", "after:a")],
            None,
            "ZF106 error: cell 1: these stages wait for each other: a -> b -> a.",
            id="a cycle by after",
        ),
        pytest.param(
            [("x = 1", "stage:my data"), ("y = 1", "stage:my-data")],
            None,
            "ZF104 error: cell 2: the stages 'my data' and 'my-data' would both be called",
            id="two stages, one name",
        ),
        pytest.param(
            TWO,
            {"stages": {"a": {"compute": "ml.m5.huge"}}},
            "instance type 'ml.m5.huge' is unknown.",
            id="unknown instance type",
        ),
        pytest.param(
            TWO,
            {"stages": {"a": {"when": "x > 1"}}},
            "'x' is no parameter, no variable and no metric above the stage.",
            id="a condition on what is not there yet",
        ),
        pytest.param(["%%stage a --kin training\nx = 1"], None, "Did you mean --kind?", id="magic"),
    ],
)
def test_findings(  # noqa: PLR0917
    write: Write,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    cells: list[Any],
    zflow: Any,
    said: str,
) -> None:
    status = run([verb, str(write(*cells, zflow=zflow)), "--json"])

    out, err = capsys.readouterr()
    findings = [Finding.model_validate(found) for found in json.loads(out)["findings"]]
    assert status == 2
    assert [found.severity for found in findings] == ["error"]
    assert said in str(findings[0])
    assert "Traceback" not in out + err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"nbformat": 4,', "broken JSON at line 1"),
        (b"\x80\x81", "not UTF-8"),
        (b"[]", "its JSON is a list"),
        (None, "there is no such file"),
        (
            (
                b'{"nbformat": 4, "metadata": {"kernelspec": {"name": "ir", "language": "R"}}, '
                b'"cells": []}'
            ),
            "is written in R",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["check", "export", "run"])
def test_files(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    verb: str,
    content: bytes | None,
    said: str,
) -> None:
    path = tmp_path / "n.ipynb"
    if content is not None:
        path.write_bytes(content)

    status = run([verb, str(path), "--json"])

    out, err = capsys.readouterr()
    assert status == 2
    assert said in json.loads(out)["message"]
    assert err.count("\n") == 1
    assert said in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-p", "rat=1"], "there is no parameter 'rat'. Did you mean 'rate'?"),
        (["-p", "rate=fast"], "the parameter 'rate' is float; it cannot be 'fast'."),
        (["-p", "rate"], "NAME=VALUE"),
        (["--from", "b"], "There is no stage 'b'."),
        (["--from", "a"], "There is no earlier execution"),
        (["--only", "a", "--from", "a"], "exclude each other"),
        (["--jobs", "-1"], "--jobs"),
        (["--bogus"], "No such option"),
    ],
)
def test_wrong_use_of_run(
    write: Write, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    path = write(*PARAMETERS)

    status = run(["run", str(path), "--json", *words])

    out, err = capsys.readouterr()
    assert status == 2
    assert said in json.loads(out)["message"]
    assert said in err
    assert not list(path.parent.glob("zflow_executions/*/*/run/*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["chek", "x"], "There is no verb 'chek'. Did you mean 'check'?"),
        (["check"], "Missing argument"),
        (["run", "EMPTY"], "has no template"),
        (["synth", "EMPTY"], "has no pipeline.py"),
        (["synth", "EMPTY/no"], "is not a folder"),
        (["check", "EMPTY"], "is a folder"),
        (["export", "x", "--force", "--beside"], "exclude each other"),
    ],
)
def test_wrong_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    status = run([word.replace("EMPTY", str(tmp_path)) for word in words] + ["--json"])

    out, err = capsys.readouterr()
    assert status == 2
    assert said in err
    assert said in json.loads(out)["message"]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import jupyter_zflow.dsl as d\nd.processing_job('a', instance_type='ml.x')", "'ml.x'"),
        ("1 / 0", "ZeroDivisionError"),
        ("pass", "wrote no template"),
    ],
)
def test_a_script_that_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], script: str, said: str
) -> None:
    (tmp_path / "pipeline.py").write_text(script)

    status = run(["synth", str(tmp_path), "--json"])

    out, _ = capsys.readouterr()
    assert status == 2
    assert said in json.loads(out)["message"]


def test_a_mistake_of_ours_is_one_line(
    write: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        message = "no luck"
        raise KeyError(message)

    monkeypatch.setattr("jupyter_zflow.actions.check.prepare", broken)

    status = run(["check", str(write("x = 1")), "--json"])

    out, err = capsys.readouterr()
    assert status == 70
    assert "ZFLOW_TRACEBACK=1" in err
    assert "Traceback" not in err
    assert json.loads(out)["reason"] == "InternalError"
