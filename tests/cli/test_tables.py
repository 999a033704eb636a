from __future__ import annotations

import pytest

from jupyter_zflow.cli.tables import console, counted, print_findings, table
from jupyter_zflow.model.finding import Finding, Severity


def finding(severity: Severity, message: str = "m") -> Finding:
    return Finding(code="ZF1", severity=severity, message=message, remedy="r", cell=0, line=2)


@pytest.mark.parametrize(
    ("severities", "expected"),
    [
        ([], "no findings"),
        (["error"], "1 error"),
        (["info", "error", "error", "info"], "2 errors, 2 info"),
        (["warning", "warning"], "2 warnings"),
    ],
)
def test_counted(severities: list[Severity], expected: str) -> None:
    assert counted([finding(severity) for severity in severities]) == expected


def test_findings_are_sorted_and_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    print_findings([finding("info"), finding("error", "[bold]x[/bold] " + "long " * 60)])

    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("ZF1 error cell 1, line 2: [bold]x[/bold] long")
    assert lines[1] == "      r"
    assert lines[2] == "ZF1 info cell 1, line 2: m"


def test_tables_do_not_wrap_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    console().print(table("T", ("a", "b"), [("[red]x[/red]", "y" * 100)]))

    assert f"[red]x[/red]   {'y' * 100}" in capsys.readouterr().out
