from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.actions.executions import latest, new_execution
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_first_execution(tmp_path: Path) -> None:
    execution = new_execution(tmp_path, "p", continue_latest=False)

    assert execution.path.parent == tmp_path / "zflow_executions" / "p"
    assert (tmp_path / "zflow_executions" / ".gitignore").read_text() == "*\n"
    assert latest(execution.path.parent) is None


def test_a_later_one_begins_as_a_copy(tmp_path: Path) -> None:
    first = new_execution(tmp_path, "p", continue_latest=False)
    (first.run / "a").mkdir(parents=True)
    (first.run / "execution.json").write_text("{}")
    (first.run / "a" / "result.json").write_text("old")
    (first.run / "a" / "artifact").write_bytes(bytes(1 << 20))

    second = new_execution(tmp_path, "p", continue_latest=True)
    (second.run / "a" / "result.json").write_text("new")

    assert second.continues == first.path
    assert (first.run / "a" / "result.json").read_text() == "old"
    assert (second.run / "a" / "artifact").samefile(first.run / "a" / "artifact")


def test_the_latest_is_the_one_that_ran_last(tmp_path: Path) -> None:
    executions = [new_execution(tmp_path, "p", continue_latest=False) for _ in range(3)]
    for moment, execution in enumerate(executions[:2]):
        execution.run.mkdir()
        (execution.run / "execution.json").write_text("{}")
        os.utime(execution.run / "execution.json", (9 - moment, 9 - moment))

    assert latest(executions[0].path.parent) == executions[0].path


def test_nothing_to_continue(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no earlier execution of 'p'"):
        new_execution(tmp_path, "p", continue_latest=True)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "zflow_executions").write_text("")

    with pytest.raises(UsageError, match="cannot be written"):
        new_execution(tmp_path, "p", continue_latest=False)
