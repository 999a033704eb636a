"""Snapshots, the pairs that are made of them, and the process that judges."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.artifacts.store import FolderStore
from jupyter_zflow.model.analysis import AnalysedStage, Analysis
from jupyter_zflow.verify.compare import compare, interpreter
from jupyter_zflow.verify.pairs import pairs

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.verify.pairs import Pair

A = AnalysedStage(name="a", cells=(0, 1), writes=("x", "y", "z", "maybe"), saves=("x", "z"))
B = AnalysedStage(name="b", cells=(2, 3), reads=("x",), writes=("y", "w"), loads={"a": ("x",)})
ANALYSIS = Analysis(name="demo", stages=(A, B))
INTERLEAVED = Analysis(
    name="demo",
    stages=(A.model_copy(update={"cells": (0, 2)}), B.model_copy(update={"cells": (1, 3)})),
)


def keep(run: Path, label: str, **values: Any) -> None:
    """Write a snapshot as a kernel would."""
    store = FolderStore(run / "snapshots")
    (run / "snapshots").mkdir(parents=True, exist_ok=True)
    saved, stored, refused = exchange.save_variables(values, store, label)
    found = manifest.Manifest(
        stage=label,
        workdir=f"/t/zflow-{'1' * 16}",
        variables=saved,
        groups=stored,
        refused={name: f"{type(values[name]).__name__}: {refused[name]}" for name in refused},
    )
    store.write(f"{label}/{manifest.FILE}", found.to_json().encode())
    store.write(f"{label}/path.json", json.dumps([]).encode())


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    straight, isolated = tmp_path / "straight", tmp_path / "isolated"
    keep(straight, "border a", x=[1], y=1, z=5, maybe=0, lock=threading.Lock())
    keep(straight, "border b", x=[1], y=2, w=3.0)
    keep(straight, "end", x=[1, 9], y=2, w=3.0, z=5, alone=1)
    keep(isolated, "a", x=[1], y=1)
    keep(isolated, "b", x=[1], y=2, w=3.5)
    return straight, isolated


def rows(found: tuple[Pair, ...]) -> list[tuple[str, str, str]]:
    return [(pair.stage, pair.name, pair.at) for pair in found]


def test_pairs(runs: tuple[Path, Path]) -> None:
    found = pairs(ANALYSIS, *runs)

    assert rows(found) == [
        ("a", "x", "border"),
        ("a", "y", "border"),
        ("a", "z", "border"),  # saved, so it must be there; `maybe` need not be
        ("b", "x", "border"),
        ("b", "y", "border"),
        ("b", "w", "border"),
        ("a", "x", "end"),  # the straight run changed it after `a` had ended
        ("", "alone", "end"),
    ]
    reasons = {(pair.stage, pair.name): pair.reason for pair in found if pair.reason}
    assert reasons == {("", "alone"): "no stage needs it, so none has it"}


def test_stages_whose_cells_alternate(runs: tuple[Path, Path]) -> None:
    found = pairs(INTERLEAVED, *runs)

    reasons = {(pair.stage, pair.name): pair.reason for pair in found if pair.reason}
    assert reasons == {
        ("a", "y"): "stage 'b' writes it between the cells of this stage",
        ("b", "y"): "stage 'a' writes it between the cells of this stage",
        ("b", "x"): "stage 'a' writes it between the cells of this stage",
        ("", "alone"): "no stage needs it, so none has it",
    }


def test_runs_that_did_not_come_to_their_ends(tmp_path: Path) -> None:
    keep(tmp_path / "straight", "border a", x=[1])
    keep(tmp_path / "isolated", "a", x=[1])

    assert rows(pairs(ANALYSIS, tmp_path / "straight", tmp_path / "isolated")) == [
        ("a", "x", "border")
    ]


@pytest.mark.parametrize(("tolerance", "verdict"), [(0.0, "different"), (0.5, "equal")])
def test_judge(runs: tuple[Path, Path], tmp_path: Path, tolerance: float, verdict: str) -> None:
    straight, isolated = runs

    found = compare(
        pairs(ANALYSIS, straight, isolated),
        straight=straight,
        isolated=isolated,
        scratch=tmp_path / "judge",
        sources=(),
        kernel="python3",
        tolerance=tolerance,
    )

    assert [(row.stage, row.name, row.verdict) for row in found] == [
        ("a", "x", "equal"),
        ("a", "y", "equal"),
        ("a", "z", "different"),
        ("b", "x", "equal"),
        ("b", "y", "equal"),
        ("b", "w", verdict),
        ("a", "x", "different"),
        ("", "alone", "not compared"),
    ]
    assert (found[2].straight, found[2].isolated) == ("5", "not bound")
    assert (found[6].path, found[6].straight) == ("x", "2 elements")


def test_a_value_that_ends_its_process_hides_no_other(tmp_path: Path) -> None:
    for side in ("straight", "isolated"):
        keep(tmp_path / side, "border a" if side == "straight" else "a", x=[1], z=Ending())

    found = compare(
        pairs(ANALYSIS, tmp_path / "straight", tmp_path / "isolated"),
        straight=tmp_path / "straight",
        isolated=tmp_path / "isolated",
        scratch=tmp_path / "judge",
        sources=(),
        kernel="python3",
        tolerance=0,
    )

    assert [(row.name, row.verdict) for row in found] == [("x", "equal"), ("z", "not compared")]
    assert "ends the process" in found[1].detail


class Ending:
    """Ends the process that loads it."""

    def __reduce__(self) -> Any:
        import os

        return os._exit, (3,)


def test_a_kernel_that_is_not_installed_runs_here() -> None:
    import sys

    assert interpreter("no such kernel") == sys.executable
