"""One message for runs that did not come to their end."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_zflow.runner.stages import StageRun
from jupyter_zflow.verify.failures import failure
from jupyter_zflow.verify.verdict import VariableRow, Verification

BROKEN = {"name": "ValueError", "message": "broken", "cell": 3}
OTHER = {"name": "KeyError", "message": "'x'", "cell": 4}
STOPPED = {"name": "Stopped", "message": "the stage was stopped", "cell": None}
ITSELF = (
    "The notebook itself fails in cell 4: ValueError: broken. Only what comes before was compared."
)


def run(name: str, error: dict[str, Any] | None, status: str = "FAILED") -> StageRun:
    status = status if error else "SUCCEEDED"
    return StageRun(name, status, 0, 1.0, None, error)


@pytest.mark.parametrize(
    ("straight", "stages", "said", "word"),
    [
        pytest.param(None, [run("a", None)], "", "equal", id="nothing_fails"),
        pytest.param(
            BROKEN,
            [run("b", BROKEN)],
            f"{ITSELF} Stage 'b' fails in the same way.",
            "not decided",
            id="both",
        ),
        pytest.param(BROKEN, [run("a", None)], ITSELF, "not decided", id="the_notebook_alone"),
        pytest.param(
            None,
            [run("b", OTHER), run("c", STOPPED, "ABORTED")],
            "Stage 'b' fails in cell 5, where the notebook runs: KeyError: 'x'.",
            "not equal",
            id="a_stage_alone",
        ),
        pytest.param(
            BROKEN,
            [run("b", OTHER)],
            f"{ITSELF} Stage 'b' fails in cell 5: KeyError: 'x'.",
            "not decided",
            id="otherwise",
        ),
    ],
)
def test_failure(
    straight: dict[str, Any] | None, stages: list[StageRun], said: str, word: str
) -> None:
    status = "FAILED" if any(stage.error for stage in stages) else "SUCCEEDED"
    found = Verification(straight=run("straight", straight), stages=tuple(stages), status=status)

    assert failure(found) == said
    assert found.word == word


def test_a_difference_decides_though_the_notebook_fails() -> None:
    row = VariableRow("x", "a", "border", "different")
    found = Verification(run("straight", BROKEN), (), "FAILED", variables=(row,))

    assert found.word == "not equal"
