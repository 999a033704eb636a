from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.analysis import Analysis, Edge
from jupyter_zflow.runner.stages import StageRun
from jupyter_zflow.verify.report import render, write_report
from jupyter_zflow.verify.verdict import Cause, OutputRow, VariableRow, Verification

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "<script>alert('&')</script>"
ANALYSIS = Analysis(name=EVIL)
ROW = VariableRow(EVIL, EVIL, "border", "different", EVIL, EVIL, EVIL, EVIL)
FOUND = Verification(
    straight=StageRun("straight", "SUCCEEDED", 0, 1.0, None),
    stages=(StageRun(EVIL, "FAILED", 0, 1.0, None, {"name": EVIL, "message": EVIL}),),
    status="FAILED",
    variables=(ROW, VariableRow("n", "a", "border", "equal")),
    outputs=(OutputRow(0, EVIL, "stdout", False, (), f"same\n{EVIL}", "same\nother", 2),),
    cause=Cause(ROW, EVIL, None, (Edge(producer=EVIL, consumer="b", kind="variable", name=EVIL),)),
    notes=(EVIL,),
)


def test_everything_is_escaped_and_nothing_is_fetched() -> None:
    text = render(FOUND, ANALYSIS, parameters={EVIL: EVIL})

    assert "<script" not in text
    assert text.count("&lt;script&gt;") > 10
    assert not re.search(r"(?:src|href)=|url\(|https?:", text)


def test_lines_that_differ_are_marked_on_both_sides() -> None:
    text = render(FOUND, ANALYSIS, parameters={})

    assert "same\n<mark>&lt;script&gt;" in text
    assert "same\n<mark>other</mark>" in text


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "r.html").mkdir()

    with pytest.raises(UsageError, match="cannot be written"):
        write_report(tmp_path / "r.html", FOUND, ANALYSIS, parameters={})
