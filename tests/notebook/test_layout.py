from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_zflow.model.compute import SageMakerCompute
from jupyter_zflow.model.stage import Retry, StageSettings
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.notebook.layout import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.notebook.document import NotebookDocument

    Build = Callable[..., NotebookDocument]


def stages(document: NotebookDocument) -> dict[str, tuple[int, ...]]:
    return {stage.name: stage.cells for stage in lay_out(document).stages}


@pytest.mark.parametrize(
    ("cells", "expected", "setup", "parameters"),
    [
        pytest.param(["a", "b"], {"my-study": (0, 1)}, (), None, id="no tags: one stage"),
        pytest.param(
            ["i", ("p", "parameters"), "b"],
            {"my-study": (0, 2)},
            (),
            1,
            id="only a parameters tag: one stage",
        ),
        pytest.param(
            [("i", "setup"), "b"], {"my-study": (1,)}, (0,), None, id="only setup: one stage"
        ),
        pytest.param(
            ["i", ("a", "stage:A"), "b"], {"A": (1, 2)}, (0,), None, id="untagged goes up"
        ),
        pytest.param(
            [("a", "stage:A"), ("b", "stage:B"), ("c", "stage:A"), "d"],
            {"A": (0, 2, 3), "B": (1,)},
            (),
            None,
            id="cells of a stage need not be adjacent",
        ),
        pytest.param(
            [("a", "stage:A"), ("s", "setup"), "b"],
            {"A": (0, 2)},
            (1,),
            None,
            id="setup anywhere, and the stage goes on after it",
        ),
        pytest.param(
            [("a", "stage:A"), ("x", "skip", "stage:B"), "b"],
            {"A": (0, 2)},
            (),
            None,
            id="skip leaves one cell out",
        ),
        pytest.param(
            ["%%stage A\na", "b", "%%stage B --kind training\nc"],
            {"A": (0, 1), "B": (2,)},
            (),
            None,
            id="magics",
        ),
        pytest.param(
            [("a", "stage:A", "foreign", "step:x"), "# md", "b"],
            {"A": (0, 2)},
            (),
            None,
            id="markdown and foreign tags",
        ),
    ],
)
def test_roles(
    build: Build,
    cells: list[Any],
    expected: dict[str, tuple[int, ...]],
    setup: tuple[int, ...],
    parameters: int | None,
) -> None:
    layout = lay_out(build(*cells))

    assert {stage.name: stage.cells for stage in layout.stages} == expected
    assert layout.setup == setup
    assert layout.parameters_cell == parameters
    assert layout.findings == ()


@pytest.mark.parametrize(
    ("cells", "zflow", "codes", "said"),
    [
        pytest.param(
            [("%%stage A\nx", "stage:B")], None, ["ZF101"], "'A', the tag says 'B'", id="magic, tag"
        ),
        pytest.param(
            ["%%stage A --timeout 60\nx"],
            {"stages": {"A": {"timeout": 30}}},
            ["ZF101"],
            "timeout is 60, the metadata says 30",
            id="magic and metadata",
        ),
        pytest.param(
            ["%%stage A --compute ml.m5.large\nx", "%%stage A --compute ml.m5.xlarge\ny"],
            None,
            ["ZF101"],
            "cell 1 says 'ml.m5.large'",
            id="two magics",
        ),
        pytest.param(
            [("x", "stage:A", "stage:B")], None, ["ZF102"], "'A' and 'B'", id="two stage tags"
        ),
        pytest.param(
            [("x", "setup", "stage:A"), "y"], None, ["ZF102"], "'setup'", id="setup in a stage"
        ),
        pytest.param([("x", "stage: ")], None, ["ZF103"], "no name", id="empty name"),
        pytest.param([("x", "stage:!!")], None, ["ZF103"], "no letter", id="name of signs"),
        pytest.param(
            [("x", "stage:a b"), ("y", "stage:A-b")], None, ["ZF104"], "'a-b'", id="one slug"
        ),
        pytest.param(
            [("x", "stage:A", "after:AB"), ("y", "stage:ABC")],
            None,
            ["ZF105"],
            "Did you mean 'ABC'? Stages: A, ABC.",
            id="after nobody",
        ),
        pytest.param(
            [("x", "stage:A", "after:B"), ("y", "stage:B", "after:A")],
            None,
            ["ZF106"],
            "A -> B -> A",
            id="cycle",
        ),
        pytest.param([("x", "stage:A", "after:A")], None, ["ZF106"], "A -> A", id="itself"),
        pytest.param(
            [("i", "setup", "after:A"), ("x", "stage:A")], None, ["ZF107"], "no stage", id="setup"
        ),
        pytest.param(
            [("x", "stage:A")],
            {"stages": {"A": {"kind": "trainign"}}},
            ["ZF108"],
            "Did you mean 'training'? Allowed: 'processing'",
            id="wrong kind",
        ),
        pytest.param(
            [("x", "stage:A")],
            {"stages": {"A": {"tmeout": 3}}},
            ["ZF108"],
            "Did you mean 'timeout'?",
            id="unknown setting",
        ),
        pytest.param(
            [("x", "stage:A")],
            {"stages": {"A": {"retry": {"max_attempts": -1}}}},
            ["ZF108"],
            "stages.A.retry.max_attempts: -1 is wrong; it should be greater than or equal to 0",
            id="out of range",
        ),
        pytest.param(
            [("x", "stage:A")],
            {"stages": {"A": {"compute": "ml.m5.lagre"}}},
            ["ZF108"],
            "'ml.m5.lagre' is unknown. Did you mean ml.m5.large",
            id="unknown instance type",
        ),
        pytest.param(
            ["%%stage A --kind slurm\nx"], None, ["ZF108"], "no queue", id="slurm without queue"
        ),
        pytest.param(
            [("x", "stage:A")],
            {"stages": {"A": {"kind": "slurm", "compute": "ml.m5.large"}}},
            ["ZF108"],
            "do not go together",
            id="contradiction",
        ),
        pytest.param(
            ["%pipeline p --schedule daily\nx"], None, ["ZF108"], "'daily'", id="wrong schedule"
        ),
        pytest.param(["x"], {"version": 2}, ["ZF108"], "zflow.version: 2", id="future version"),
        pytest.param(["x"], [1], ["ZF108"], "no object", id="metadata of a wrong shape"),
        pytest.param(["x"], {"stages": 3}, ["ZF108"], "zflow.stages is 3", id="stages no object"),
        pytest.param(["%pipeline x --schedule", "y"], None, ["ZF109"], "needs a value", id="magic"),
        pytest.param(["x\n%%stage A"], None, ["ZF109"], "first line", id="misplaced magic"),
        pytest.param(
            [("a=1", "parameters"), ("b=1", "parameters"), "x"], None, ["ZF110"], "cell 1", id="two"
        ),
        pytest.param(
            [("x", "stage:A")], {"stages": {"B": {}}}, ["ZF111"], "'B'", id="settings for nobody"
        ),
        pytest.param(
            [("x", "Stage:A"), "y"], None, ["ZF112"], "Write 'stage:A'", id="nearly our tag"
        ),
        pytest.param(
            [("a=1", "parameters", "stage:A"), ("y", "stage:A")],
            None,
            ["ZF113"],
            "",
            id="no effect",
        ),
        pytest.param(["# md"], None, ["ZF115"], "", id="no code"),
    ],
)
def test_findings(build: Build, cells: list[Any], zflow: Any, codes: list[str], said: str) -> None:
    findings = lay_out(build(*cells, zflow=zflow)).findings

    assert [finding.code for finding in findings] == codes
    assert said in str(findings[0])


def test_settings_are_merged_from_metadata_and_magic(build: Build) -> None:
    document = build(
        "%%stage train --compute ml.g5.xlarge --retry 3\nx",
        ("%pipeline demo --schedule 'rate(1 day)' --timezone Europe/Berlin\ny", "after:load"),
        "%%stage load --after other\nz",
        ("o", "stage:other"),
        zflow={
            "pipeline": {"description": "d", "schedule": "rate(1 day)"},
            "stages": {"train": {"compute": {"volume_size_gb": 50}, "kind": "training"}},
        },
    )

    layout = lay_out(document)

    assert layout.findings == ()
    assert layout.name == "demo"
    assert layout.pipeline.description == "d"
    train, load, _other = layout.stages
    assert train.after == ("load",)
    assert load.after == ("other",)
    assert train.settings == StageSettings(
        kind="training",
        compute=SageMakerCompute(instance_type="ml.g5.xlarge", volume_size_gb=50),
        retry=Retry(max_attempts=3),
    )


def test_code_keeps_its_line_numbers(build: Build) -> None:
    document = build("%%stage A\nx = 1\n%zflow check\ny", "%load_ext jupyter_zflow", ("z", "skip"))

    layout = lay_out(document)

    assert {cell: code.text for cell, code in layout.code.items()} == {0: "\nx = 1\n\ny", 1: ""}


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.floats(),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "pipeline",
                        "stages",
                        "A",
                        "kind",
                        "compute",
                        "retry",
                        "schedule",
                        "tags",
                        "version",
                        "name",
                        "after",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    ),
    st.lists(st.sampled_from(["stage:A", "stage:", "after:A", "setup", "skip", "parameters", ":"])),
    st.text(alphabet="%stage pipeline-A\n'\"{", max_size=30),
)
def test_whatever_the_metadata_there_is_a_layout(zflow: Any, tags: list[str], source: str) -> None:
    import json

    text = json.dumps(
        {
            "nbformat": 4,
            "metadata": {"zflow": zflow},
            "cells": [
                {"cell_type": "code", "metadata": {"tags": tags}, "source": source},
                {"cell_type": "code", "metadata": {"tags": ["stage:A"]}, "source": "x"},
            ],
        }
    )

    layout = lay_out(parse(text))

    assert all(finding.message for finding in layout.findings)
    assert [stage.name for stage in layout.stages]
