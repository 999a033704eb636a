from __future__ import annotations

import io
import re
from typing import Any

import pytest

from jupyter_zflow.cli.progress import bars_on, progress

EVENTS: list[dict[str, Any]] = [
    {"event": "execution_started", "stages": ["a"]},
    {"event": "stage_started", "stage": "[a]", "attempt": 0},
    {"event": "cell", "stage": "[a]", "cell": 1, "of": 2},
    {"event": "stage_finished", "stage": "[a]", "attempt": 0, "status": "FAILED", "seconds": 1.25},
    {"event": "stage_started", "stage": "[a]", "attempt": 1},
    {"event": "cell", "stage": "[a]", "cell": 2, "of": 2},
    {"event": "stage_finished", "stage": "[a]", "attempt": 1, "status": "SUCCEEDED", "seconds": 2},
    {"event": "stage_finished", "stage": "b", "attempt": 0, "status": "REUSED", "seconds": 0.0},
    {"event": "execution_finished", "status": "SUCCEEDED"},
]


def test_lines_in_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as observe:
        for event in EVENTS:
            observe(event)

    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "[a]: started",
        "[a]: FAILED in 1.2 s",
        "[a]: started, attempt 2",
        "[a]: SUCCEEDED in 2.0 s",
        "b: REUSED",
    ]


@pytest.mark.parametrize(
    ("until", "mark", "cells"), [(3, " ", "0/2"), (4, "✗", "0/2"), (7, "✓", "2/2")]
)
def test_bars_on_a_terminal(until: int, mark: str, cells: str) -> None:
    from rich.console import Console

    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with bars_on(console) as observe:
        for event in EVENTS[:until]:
            observe(event)

    shown = last_frame(console)
    assert f"{mark} [a]" in shown
    assert cells in shown


def last_frame(console: Any) -> str:
    from rich.text import Text

    frames = re.split(r"\x1b\[2K|\n", console.file.getvalue())
    return next(
        text for frame in reversed(frames) if "[a]" in (text := Text.from_ansi(frame).plain)
    )
