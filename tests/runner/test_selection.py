"""Which stages ``--from`` and ``--only`` run, re-use and leave out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.errors import UsageError
from jupyter_zflow.model.compute import DatabricksCompute
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.runner import definition
from jupyter_zflow.runner.selection import select, stage_names

from .pipelines import definition_of

if TYPE_CHECKING:
    from pathlib import Path

#   a ── b ── d ── e      (c is a Databricks stage beside b)
#     └─ c ─┘
STAGES = (
    Stage(name="a"),
    Stage(name="b", after=("a",)),
    Stage(name="c", kind="databricks", compute=DatabricksCompute(existing_cluster_id="x"), after=("a",)),
    Stage(name="d", kind="training", after=("b", "c")),
    Stage(name="e", after=("d",)),
)  # fmt: skip


def test_stages_are_found_in_their_order() -> None:
    assert stage_names(definition.read(definition_of(*STAGES))) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("start", "only", "done", "reuse", "skip"),
    [
        (None, None, "", "", ""),
        ("a", None, "abcde", "", ""),
        ("b", None, "abcde", "ac", ""),
        ("b", None, "a", "a", ""),
        ("d", None, "abc", "abc", ""),
        (None, "b", "a", "a", "cde"),
        (None, "e", "abcd", "abcd", ""),
    ],
)
def test_selection(  # noqa: PLR0917
    start: str | None, only: str | None, done: str, reuse: str, skip: str, tmp_path: Path
) -> None:
    for name in done:
        (tmp_path / name).mkdir()
        (tmp_path / name / "result.json").write_text(json.dumps({"status": "SUCCEEDED"}))

    found = select(
        definition.read(definition_of(*STAGES)),
        bundle=tmp_path,
        folder=tmp_path,
        start=start,
        only=only,
    )

    assert (found.reuse, found.skip) == (frozenset(reuse), frozenset(skip))


@pytest.mark.parametrize(
    ("start", "only", "told"),
    [
        ("z", None, "there is no stage 'z'. Stages: a, b, c, d, e."),
        ("d", None, "stage 'a', which comes before, has not succeeded"),
        ("a", "b", "cannot be used together"),
    ],
)
def test_wrong_selection_is_refused(
    start: str | None, only: str | None, told: str, tmp_path: Path
) -> None:
    machine = definition.read(definition_of(*STAGES))
    with pytest.raises(UsageError) as error:
        select(machine, bundle=tmp_path, folder=tmp_path, start=start, only=only)
    assert told in str(error.value)
