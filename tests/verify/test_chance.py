"""What chance does to a verification, and how a seed takes it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.verify.session import verify
from jupyter_zflow.verify.verdict import OutputRow, VariableRow, Verification, beside_chance

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CELLS = (
    ("import random\nimport numpy as np", "setup"),
    ("a = random.random()\nb = np.random.rand(2)\nprint(a)", "stage:draw"),
    ("c = a + random.random() + np.random.rand()", "stage:again"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "again"), [("random.seed(1)\nnp.random.seed(1)", False), ("", True)]
)
def test_a_seed_makes_chance_comparable(
    make_case: Callable[..., Any], tmp_path: Path, seed: str, again: bool
) -> None:
    (imports, tag), *others = CELLS

    case = make_case((imports, tag), (f"{seed}\n{others[0][0]}", "stage:draw"), *others[1:])

    found = verify(case, tmp_path / "v", on_event=lambda _: None)

    assert found.equal
    assert found.again is again
    drawn = {row.name: row.unstable for row in found.variables if row.name in "abc"}
    assert drawn == dict.fromkeys("abc", again)


def test_beside_chance_nothing_is_decided() -> None:
    found = Verification(
        straight=None,
        stages=(),
        status="SUCCEEDED",
        variables=(
            VariableRow("rows", "split", "border", "different", unstable=True),
            VariableRow("score", "split", "border", "different"),
            VariableRow("kept", "split", "border", "equal"),
            VariableRow("score", "show", "border", "different"),
            VariableRow("text", "show", "border", "different"),
            VariableRow("wrong", "other", "border", "different"),
        ),
        outputs=(
            OutputRow(0, "split", "stdout", equal=False, line=1),
            OutputRow(1, "other", "stdout", equal=False, line=1),
        ),
    )

    judged = beside_chance(found)

    assert [row.undecided for row in judged.variables] == [False, True, False, True, True, False]
    assert [row.counts for row in judged.variables] == [False] * 5 + [True]
    assert [row.counts for row in judged.outputs] == [False, True]
    assert judged.notes[0].startswith("Undecided: 4.")
