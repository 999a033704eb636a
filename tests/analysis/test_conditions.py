"""What conditions and loops of a notebook read, and which are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.analysis import analyse
from jupyter_zflow.analysis.pipeline import to_pipeline
from jupyter_zflow.notebook.document import parse

from .conftest import notebook_text

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline

CELLS = (
    ("parameters", "n = 9\nregion = 'de'\nregions = ['de', 'fr']"),
    ("setup", "k = 3"),
    ("fit", "auc = n / 10\nacc = []\nimport random\nrandom.seed(1)"),
    ("tune", "auc = auc + 1\nfrom jupyter_zflow.runtime import log_metric\nlog_metric('loss', .3)"),
    ("loop", "own = [region]"),
    ("grow", "acc.append(region)"),
    ("end", "print(auc)"),
    ("last", "print(own, acc, random.random())"),
)


def _findings(stages: dict[str, Any], *, cells: Any = CELLS) -> list[str]:
    return [str(found) for found in _analysis(stages, cells).errors]


def _analysis(stages: dict[str, Any], cells: Any) -> Any:
    content = json.loads(notebook_text(*cells))
    content["metadata"]["zflow"] = {"version": 1, "stages": stages}
    return analyse(parse(json.dumps(content)))


def _pipeline(stages: dict[str, Any], *, cells: Any = CELLS) -> Pipeline:
    analysis = _analysis(stages, cells)
    assert not analysis.errors
    return to_pipeline(analysis)


def test_a_condition_reads_what_the_last_stage_above_left() -> None:
    pipeline = _pipeline({"end": {"when": "auc > 1 and loss < 1 and n > 3"}})

    assert pipeline.stage("fit").outputs == ()
    assert (pipeline.stage("tune").outputs, pipeline.stage("tune").metrics) == (("auc",), ("loss",))
    assert pipeline.stage("end").when == "auc > 1 and loss < 1 and n > 3"
    assert pipeline.stage("end").after == ("tune",)


def test_where_two_stages_have_the_value_the_stage_is_named() -> None:
    pipeline = _pipeline({"tune": {"when": "auc > 1"}, "end": {"when": "auc > 1 or failed(tune)"}})

    assert pipeline.stage("tune").when == "auc > 1"
    assert pipeline.stage("end").when == "tune.auc > 1 or failed(tune)"


def test_what_only_comes_after_does_not_need_it() -> None:
    cells = (
        ("load", "x = 1"),
        ("fit", "y = x"),
        ("show after:fit", "print(x)"),
        ("use", "print(y)"),
    )

    pipeline = _pipeline({"fit": {"when": "x > 0"}}, cells=cells)

    assert (pipeline.stage("show").needs, pipeline.stage("use").needs) == ((), None)


@pytest.mark.parametrize(
    ("stages", "part"),
    [
        ({"end": {"when": "aucc > 1"}}, "Did you mean 'auc'"),
        ({"end": {"when": "k > 1"}}, "bound by the setup cell 2"),
        ({"end": {"when": "fits.auc > 1"}}, "Did you mean 'fit'"),
        ({"end": {"when": "fit.auc > 1"}}, "is not what 'auc' is"),
        ({"end": {"when": "max(auc, 1) > 1"}}, "cannot be decided"),
        ({"end": {"when": "faild(fit)"}}, "did you mean 'failed'"),
        ({"end": {"when": "auc >"}}, "not a Python expression"),
        ({"end": {"when": "True"}}, "depends on nothing"),
        ({"end": {"when": "n > 9007199254740993"}}, "too large to be compared exactly"),
        ({"end": {"when": "auc is 1"}}, "can only ask for None"),
        ({"end": {"when": "'a' in 'abc' and auc > 1"}}, "needs a list"),
        ({"fit": {"when": "auc > 1"}}, "no parameter, no variable and no metric"),
        ({"end": {"for_each": "regions"}}, "does not say what each item is called"),
        ({"loop": {"for_each": "r in regions"}}, "'r', which is no parameter"),
        ({"end": {"for_each": "region in regions"}}, "do not use 'region'"),
        ({"loop": {"for_each": "region in regions"}}, "cell 6 of stage 'grow' uses 'region', too"),
        ({"grow": {"for_each": "region in regions"}}, "its cells change 'acc'"),
        (
            {"loop": {"for_each": "region in regions"}, "end": {"when": "len(own) > 1"}},
            "one for each item",
        ),
    ],
)
def test_what_means_nothing_is_refused(stages: dict[str, Any], part: str) -> None:
    found = _findings(stages)

    assert any("ZF230" in text and part in text for text in found), found


def test_a_name_that_exec_may_bind_is_refused() -> None:
    cells = (("fit", "auc = 1"), ("other", "exec(input)"), ("end", "1"))

    found = _findings({"end": {"when": "auc > 0"}}, cells=cells)

    assert any("may bind any name" in text for text in found)


def test_a_loop_that_leaves_a_generator_is_refused() -> None:
    cells = (
        ("parameters", "r = 1\nrs = [1, 2]"),
        ("fit", "import random\nrandom.seed(1)\nx = [random.random() * r]"),
        ("end", "print(random.random())"),
    )

    found = _findings({"fit": {"for_each": "r in rs"}}, cells=cells)

    assert any("go on with random" in text for text in found), found
