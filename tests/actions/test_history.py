"""Executions read off their records: whole, cut off, continued, or of an older version."""

from __future__ import annotations

import fcntl
import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.actions.about import ALIVE, LOG, About, is_alive, running
from jupyter_zflow.actions.history import (
    executions_below,
    latest_first,
    places_below,
    read_execution,
)

if TYPE_CHECKING:
    from pathlib import Path

NAME = "20261123-101500-abcdef"
STARTED = {"event": "execution_started", "stages": ["load-data", "fit"], "time": "2026-11-23T10:15:00.000Z"}  # fmt: skip
BEGUN = {"event": "stage_started", "stage": "load-data", "attempt": 0, "time": "2026-11-23T10:15:01.000Z"}  # fmt: skip
CELL = {"event": "cell", "stage": "load-data", "cell": 2, "of": 3, "source": 5, "attempt": 0, "time": ""}  # fmt: skip
DONE = {"event": "stage_finished", "stage": "load-data", "attempt": 0, "status": "SUCCEEDED", "seconds": 1.5, "error": None, "time": "2026-11-23T10:15:03.000Z"}  # fmt: skip
FAILED = {**DONE, "status": "FAILED", "error": {"name": "ValueError", "message": "no", "cell": 5, "line": 2}}  # fmt: skip
ENDED = {"event": "execution_finished", "status": "SUCCEEDED", "error": None, "time": "2026-11-23T10:15:04.000Z"}  # fmt: skip
BROKEN = {**ENDED, "status": "FAILED", "error": {"error": "States.TaskFailed", "cause": "no"}}


def lay(place: Path, *events: dict[str, Any], about: bool = True) -> Path:
    folder = place / "zflow_executions" / "p" / NAME
    (folder / "run").mkdir(parents=True)
    lines = [json.dumps({"execution": NAME, **event}) for event in events]
    (folder / "run" / "events.jsonl").write_text("\n".join(lines))
    if about:
        said = About(target="/n/p.ipynb", pipeline="P", stages=("load/data", "fit"), parameters={"n": 1})  # fmt: skip
        (folder / "about.json").write_text(said.model_dump_json())
    return folder


@pytest.mark.parametrize(
    ("events", "status", "stages", "error"),
    [
        pytest.param([], "ABORTED", ["NOT_RUN", "NOT_RUN"], "Aborted", id="nothing_happened"),
        pytest.param([STARTED, BEGUN], "ABORTED", ["ABORTED", "NOT_RUN"], "Aborted", id="cut_off"),
        pytest.param([STARTED, BEGUN, DONE, ENDED], "SUCCEEDED", ["SUCCEEDED", "NOT_RUN"], None, id="ended"),
        pytest.param([STARTED, BEGUN, FAILED, BROKEN], "FAILED", ["FAILED", "NOT_RUN"], "ValueError", id="stage_failed"),
        pytest.param([STARTED, BROKEN], "FAILED", ["NOT_RUN", "NOT_RUN"], "States.TaskFailed", id="state_failed"),
        pytest.param([{**ENDED, "execution": "an earlier one"}, STARTED, ENDED], "SUCCEEDED", ["NOT_RUN", "NOT_RUN"], None, id="continued"),
    ],
)  # fmt: skip
def test_a_record_is_told(
    tmp_path: Path, events: list[dict[str, Any]], status: str, stages: list[str], error: str | None
) -> None:
    found = read_execution(lay(tmp_path, *events))

    assert (found.status, [stage.status for stage in found.stages]) == (status, stages)
    assert (found.error and found.error["name"]) == error
    assert [stage.name for stage in found.stages] == ["load/data", "fit"]
    assert (found.pipeline, found.parameters) == ("P", {"n": 1})


def test_a_cell_is_told_while_the_process_lives(tmp_path: Path) -> None:
    folder = lay(tmp_path, STARTED, BEGUN, CELL)
    with (folder / ALIVE).open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)

        found = read_execution(folder)

    stage = found.stage("load-data")
    assert (found.status, stage and (stage.cell, stage.of, stage.source_cell)) == ("RUNNING", (2, 3, 5))  # fmt: skip


def test_the_last_words_of_a_dead_process_are_told(tmp_path: Path) -> None:
    folder = lay(tmp_path, STARTED)
    (folder / LOG).write_text("one\nMemoryError: all of it\n\n")

    error = read_execution(folder).error

    assert error is not None
    assert error["message"] == "The process that ran it is gone. MemoryError: all of it"


def test_an_older_version_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    found = read_execution(lay(tmp_path, STARTED, DONE, ENDED, about=False))

    assert (found.pipeline, found.status, found.about) == ("p", "SUCCEEDED", None)
    assert [stage.name for stage in found.stages] == ["load-data", "fit"]


def test_a_process_is_alive_as_long_as_it_runs(tmp_path: Path) -> None:
    about = About(target="t", pipeline="p")

    assert not is_alive(tmp_path)
    with running(tmp_path, about):
        assert is_alive(tmp_path)
    assert not is_alive(tmp_path)


def test_executions_are_found_below_a_root(tmp_path: Path) -> None:
    folder = lay(tmp_path / "a" / "b")
    lay(tmp_path / "node_modules" / "c")
    lay(tmp_path / ".hidden")
    (tmp_path / "circle").symlink_to(tmp_path)

    places, complete = places_below(tmp_path)

    assert (places, complete) == ([tmp_path / "a" / "b"], True)
    assert latest_first(executions_below(places[0])) == [folder]
    assert places_below(tmp_path, most=1) == ([], False)
