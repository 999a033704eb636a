"""Conditions, loops and stages that may fail, with real kernels: few, for they take seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.model.parameter import Parameter
from jupyter_zflow.model.stage import Stage
from jupyter_zflow.runner.local import ExecutionResult, RunSettings, run_local

from .pipelines import definition_of, write_stage

if TYPE_CHECKING:
    from pathlib import Path


def _statuses(result: ExecutionResult) -> dict[str, str]:
    return {run.name: run.status for run in result.stages}


def _conditional(tmp_path: Path) -> str:
    bundle = tmp_path / "bundle"
    write_stage(
        bundle,
        "fit",
        "import jupyter_zflow.runtime as r\nauc = n / 10\nr.log_metric('loss', 1 - auc); del r",
        parameters="n = 9",
        save='outputs=["auc"]',
    )
    write_stage(bundle, "deploy", "address = 'x'", save='["address"]')
    write_stage(bundle, "announce", "print(address)", load='{"deploy": ["address"]}')
    write_stage(bundle, "report", "1")
    return definition_of(
        Stage(name="fit", outputs=("auc",), metrics=("loss",)),
        Stage(name="deploy", after=("fit",), when="auc > threshold and loss < 0.5"),
        Stage(name="announce", after=("deploy",)),
        Stage(name="report", after=("announce",), needs=()),
        parameters=(Parameter(name="n", default=9), Parameter(name="threshold", default=0.8)),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [({}, "SUCCEEDED"), ({"n": 7}, "SKIPPED"), ({"n": 7, "threshold": 0.6}, "SUCCEEDED")],
    ids=["holds", "does not", "another threshold"],
)
def test_a_stage_is_skipped_with_what_needs_it(
    given: dict[str, Any], expected: str, tmp_path: Path
) -> None:
    text = _conditional(tmp_path)

    result = run_local(text, bundle=tmp_path / "bundle", folder=tmp_path / "out", input=given)

    assert result.status == "SUCCEEDED", result.error
    assert _statuses(result) == {
        "fit": "SUCCEEDED",
        "deploy": expected,
        "announce": expected,
        "report": "SUCCEEDED",
    }
    assert (tmp_path / "out" / "announce.ipynb").exists() == (expected == "SUCCEEDED")


def test_one_stage_alone_asks_no_condition(tmp_path: Path) -> None:
    text = _conditional(tmp_path)
    places: dict[str, Any] = {"bundle": tmp_path / "bundle", "folder": tmp_path / "out"}
    run_local(text, **places, input={"n": 7})

    result = run_local(text, **places, settings=RunSettings(only="fit"))

    assert result.status == "SUCCEEDED", result.error
    assert _statuses(result) == {
        "fit": "SUCCEEDED",
        "deploy": "SKIPPED",
        "announce": "SKIPPED",
        "report": "SKIPPED",
    }


def test_a_value_that_was_not_saved_is_named(tmp_path: Path) -> None:
    write_stage(tmp_path / "bundle", "fit", "auc = object()", save='outputs=["auc"]')
    write_stage(tmp_path / "bundle", "deploy", "1")
    text = definition_of(
        Stage(name="fit", outputs=("auc",)), Stage(name="deploy", after=("fit",), when="auc > 1")
    )

    result = run_local(text, bundle=tmp_path / "bundle", folder=tmp_path / "out")

    assert result.status == "FAILED"
    assert result.error is not None
    assert "Stage fit saved no JSON value auc" in result.error["cause"]


def test_a_fallback_runs_when_a_stage_failed(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    write_stage(bundle, "fit", "1 / 0")
    write_stage(bundle, "deploy", "1")
    write_stage(bundle, "alarm", "print('failed')")
    text = definition_of(
        Stage(name="fit", may_fail=True),
        Stage(name="deploy", after=("fit",)),
        Stage(name="alarm", after=("fit",), when="failed(fit)"),
    )

    result = run_local(text, bundle=bundle, folder=tmp_path / "out")

    assert result.status == "SUCCEEDED", result.error
    assert _statuses(result) == {"fit": "FAILED", "deploy": "SKIPPED", "alarm": "SUCCEEDED"}
    assert result.output == {"fit": "failed", "deploy": "skipped"}


LOOP_PARAMETERS = (
    Parameter(name="region", default="xx"),
    Parameter(name="regions", default=["de", "fr", "de"]),
)


def _loop(tmp_path: Path, **settings: Any) -> str:
    bundle = tmp_path / "bundle"
    write_stage(bundle, "load", "base = {'de': 1, 'fr': 2}", save='["base"]')
    write_stage(
        bundle,
        "fit",
        "scores = [(region, base[region])]\nbest = [max(scores)]",
        parameters="region = 'xx'",
        load='{"load": ["base"]}',
        save='["scores", "best"]',
    )
    write_stage(
        bundle,
        "report",
        "total = [list(pair) for pair in scores]",
        load='{"fit": ["scores", "best"]}',
        save='outputs=["total", "best"]',
    )
    return definition_of(
        Stage(name="load"),
        Stage(name="fit", after=("load",), for_each="region in regions", **settings),
        Stage(name="report", after=("fit",)),
        parameters=LOOP_PARAMETERS,
    )


@pytest.mark.parametrize(
    ("regions", "total"),
    [
        (["de", "fr", "de"], [["de", 1], ["fr", 2], ["de", 1]]),
        ([], []),
    ],
    ids=["items", "no items"],
)
def test_the_lists_of_all_items_come_together(
    regions: list[str], total: list[Any], tmp_path: Path
) -> None:
    text = _loop(tmp_path)

    result = run_local(
        text, bundle=tmp_path / "bundle", folder=tmp_path / "out", input={"regions": regions}
    )

    assert result.status == "SUCCEEDED", result.error
    assert result.outputs["total"] == total
    items = [run for run in result.stages if run.name == "fit"]
    assert [len(run.items) for run in items] == ([len(regions)] if regions else [])
    for number in range(len(regions)):
        assert (tmp_path / "out" / f"fit.{number}.ipynb").exists()


@pytest.mark.parametrize(
    ("tolerated", "status"), [(0, "FAILED"), (1, "SUCCEEDED")], ids=["none", "one"]
)
def test_items_that_fail(tolerated: int, status: str, tmp_path: Path) -> None:
    text = _loop(tmp_path, tolerated_failures=tolerated)

    result = run_local(
        text,
        bundle=tmp_path / "bundle",
        folder=tmp_path / "out",
        input={"regions": ["de", "it", "fr"]},
    )

    assert result.status == status, result.error
    if tolerated:
        assert result.outputs["total"] == [["de", 1], ["fr", 2]]


def test_a_result_that_is_no_list_is_refused(tmp_path: Path) -> None:
    text = _loop(tmp_path)
    write_stage(
        tmp_path / "bundle",
        "fit",
        "scores = 1\nbest = []",
        parameters="region = 'xx'",
        save='["scores", "best"]',
    )

    result = run_local(text, bundle=tmp_path / "bundle", folder=tmp_path / "out")

    assert result.status == "FAILED"
    assert result.error is not None
    assert "'scores' of stage 'fit' is int for item 0" in result.error["cause"]


def test_a_list_that_an_earlier_stage_made(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    write_stage(bundle, "load", "folds = [0, 1]", save='outputs=["folds"]')
    write_stage(bundle, "fit", "double = [2 * fold]", parameters="fold = 9", save='["double"]')
    write_stage(
        bundle,
        "sum up",
        "total = sum(double)",
        load='{"fit": ["double"]}',
        save='outputs=["total"]',
    )
    text = definition_of(
        Stage(name="load", outputs=("folds",)),
        Stage(name="fit", after=("load",), for_each="fold in folds"),
        Stage(name="sum up", after=("fit",)),
        parameters=(Parameter(name="fold", default=9),),
    )

    result = run_local(text, bundle=bundle, folder=tmp_path / "out")

    assert result.status == "SUCCEEDED", result.error
    assert result.outputs["total"] == 2
