from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.convert.kale import from_kale
from jupyter_zflow.errors import NotebookError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_zflow.convert.report import ConvertedNotebook

    Write = Callable[..., Path]

STUDY = (
    "!pip install nothing",
    ("import math", "imports"),
    ("rate = 2", "pipeline-parameters"),
    ("def half(x):\n    return x / rate", "functions"),
    ("def third(x):\n    return x / 3",),
    ("rows = list(range(6))", "block:load_data", "limit:nvidia.com/gpu:1"),
    "more = [half(row) for row in rows]",
    ("print('look')", "skip"),
    ("again = sum(more)", "block:"),
    ("total = third(again)", "step:train", "prev:load_data", "mine"),
    ("score = math.sqrt(total)", "step:judge", "prev:train"),
    ("print(score)", "pipeline-metrics"),
)


def converted(write: Write, *rows: Any, metadata: Any = None) -> ConvertedNotebook:
    path = write(*rows, metadata=metadata)
    return from_kale(path.read_text(), path=path, output=path)


def tags(made: ConvertedNotebook) -> list[tuple[str, ...]]:
    return [cell.tags for cell in made.document.cells]


def test_old_and_new_tags(write: Write) -> None:
    made = converted(write, *STUDY)

    assert tags(made) == [
        ("skip",),
        ("setup",),
        ("parameters",),
        ("setup",),
        ("setup",),
        ("stage:load_data",),
        ("stage:load_data",),
        ("skip",),
        ("stage:load_data",),
        ("mine", "stage:train", "after:load_data"),
        ("stage:judge", "after:train"),
        ("stage:judge",),
    ]
    assert [cell.source for cell in made.document.cells] == [
        row if isinstance(row, str) else row[0] for row in STUDY
    ]
    assert not made.analysis.errors
    assert [parameter.name for parameter in made.analysis.parameters] == ["rate"]
    assert {(entry.kind, entry.cell) for entry in made.entries} == {
        ("changed", 0),
        ("changed", 5),
        ("changed", 11),
    }


def test_metadata(write: Write) -> None:
    kale = {
        "pipeline_name": "my-pipe",
        "pipeline_description": "What it does",
        "experiment": {"id": "new", "name": ""},
        "docker_image": "docker.io/me/image:1",
        "volumes": [{"name": "data", "mount_point": "/data", "type": "pvc"}],
        "snapshot_volumes": False,
        "katib_run": True,
        "katib_metadata": {"parameters": [{"name": "rate"}]},
        "steps_defaults": ["label:team:x", "limit:memory:24Gi"],
        "marshal_volume": True,
    }

    made = converted(
        write,
        ("x = [1]", "step:a", "limit:cpu:500m"),
        ("y = x", "step:b", "image:123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:2"),
        metadata={"kubeflow_notebook": kale, "kernelspec": {"name": "python3"}},
    )

    assert made.document.metadata["zflow"] == {
        "version": 1,
        "pipeline": {"name": "my-pipe", "description": "What it does"},
        "stages": {
            "a": {"compute": {"instance_type": "ml.r5.xlarge"}},
            "b": {
                "compute": {
                    "instance_type": "ml.r5.xlarge",
                    "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/mine:2",
                }
            },
        },
    }
    assert "kubeflow_notebook" not in made.document.metadata
    assert made.document.metadata["kernelspec"] == {"name": "python3"}
    assert {
        entry.key.removeprefix("kubeflow_notebook.") for entry in made.entries if entry.key
    } == {
        "docker_image",
        "katib_metadata",
        "katib_run",
        "marshal_volume",
        "steps_defaults",
        "volumes",
    }


@pytest.mark.parametrize(
    ("limits", "instance"),
    [
        ((), None),
        (("limit:cpu:2",), "ml.m5.large"),
        (("limit:cpu:4", "limit:memory:8Gi"), "ml.c5.xlarge"),
        (("limit:memory:16G",), "ml.r5.large"),
        (("limit:nvidia.com/gpu:1",), "ml.g4dn.xlarge"),
        (("limit:nvidia.com/gpu:1", "limit:memory:30Gi"), "ml.g4dn.2xlarge"),
        (("limit:nvidia.com/gpu:8",), "ml.p3.16xlarge"),
    ],
)
def test_limits(write: Write, limits: tuple[str, ...], instance: str | None) -> None:
    made = converted(write, ("x = 1", "step:a", *limits))

    compute = made.analysis.stages[0].settings.compute
    assert (compute.instance_type if compute else None) == instance  # type: ignore[union-attr]
    assert len(made.entries) == (0 if instance is None else 1)


@pytest.mark.parametrize(
    ("tag", "said"),
    [
        ("annotation:a/b:c", "a job has no annotations"),
        ("label:a:c", "a job has no labels"),
        ("cache:disabled", "nothing is cached"),
        ("limit:amd.com/gpu:1", "only cpu, memory and nvidia.com/gpu"),
        ("limit:cpu:many", "only cpu, memory and nvidia.com/gpu"),
        ("limit:cpu:9999", "no instance type has that"),
        ("image:python:3.11-slim", "the image 'python:3.11-slim' is not in Amazon ECR"),
    ],
)
def test_without_counterpart(write: Write, tag: str, said: str) -> None:
    made = converted(write, ("x = 1", "step:a", tag))

    (entry,) = made.entries
    assert entry.kind == "lost"
    assert entry.cell == 0
    assert said in entry.message


def test_only_the_first_cell_of_a_step_says_where_it_runs(write: Write) -> None:
    made = converted(
        write,
        ("x = 1", "step:a"),
        ("y = 1", "step:b"),
        ("z = 1", "step:a", "prev:b", "limit:cpu:9"),
    )

    assert tags(made)[2] == ("stage:a",)
    assert [(entry.kind, entry.cell) for entry in made.entries] == [("lost", 2), ("lost", 2)]


def test_several_cells_of_parameters_become_one(write: Write) -> None:
    made = converted(
        write,
        ("a = 1", "pipeline-parameters"),
        "b = 'x'",
        ("import math", "imports"),
        ("c = [1, 2]", "pipeline-parameters"),
        ("d = [a, b, c]", "step:one"),
    )

    assert [cell.source for cell in made.document.cells] == [
        "a = 1\nb = 'x'\nc = [1, 2]",
        "import math",
        "d = [a, b, c]",
    ]
    assert [parameter.name for parameter in made.analysis.parameters] == ["a", "b", "c"]
    assert [(entry.kind, entry.cell) for entry in made.entries] == [("changed", 0)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        pytest.param(
            (
                ("a = 1", "pipeline-parameters"),
                ("x = b", "step:s"),
                ("b = 1", "pipeline-parameters"),
            ),
            "Cells 1 and 3 .* 'b' is used above it",
            id="used before it is set",
        ),
        pytest.param(
            (("a = 1", "pipeline-parameters"), ("a = 2", "pipeline-parameters"), ("a", "step:s")),
            "Cells 1 and 2 .* 'a' is used above it",
            id="set twice",
        ),
        pytest.param(
            (("a = 1", "pipeline-parameters"), ("b = f()", "pipeline-parameters"), ("b", "step:s")),
            "Cells 1 and 2 .* more than set plain values",
            id="computed",
        ),
        pytest.param(("x = 1",), "no tag of Kale", id="untagged"),
        pytest.param((("x = 1", "skip"),), "no tag of Kale", id="only skipped"),
        pytest.param(
            (("x = 1", "step:a"), ("y = 1", "step:b", "prev:c")),
            "Cell 2 is tagged 'prev:c'.*Steps above it: a",
            id="prev of an unknown step",
        ),
        pytest.param(
            (("x = 1", "step:a", "prev:b"), ("y = 1", "step:b")),
            "Cell 1 is tagged 'prev:b'",
            id="prev of a later step",
        ),
        pytest.param(
            (("x = 1", "step:a"), ("y = 1", "prev:a")), "names no step", id="prev without a step"
        ),
        pytest.param((("x = 1", "block:a;b"),), "several steps of Kale: 'a', 'b'", id="two steps"),
        pytest.param(
            (("x = 1", "step:a", "stage:a"),), "Cell 1 is tagged 'stage:a'", id="converted already"
        ),
    ],
)
def test_refused(write: Write, rows: tuple[Any, ...], said: str) -> None:
    with pytest.raises(NotebookError, match=said) as raised:
        converted(write, *rows)

    assert raised.value.exit_status == 2


def test_where_kale_would_compute_something_else(write: Write) -> None:
    made = converted(
        write,
        ("import json\nstate = open('x.txt', 'w')", "functions"),
        ("rows = [1]", "step:load"),
        ("rows.append(2)", "step:one", "prev:load"),
        ("count = len(rows)", "step:two", "prev:load"),
    )

    differs = [entry for entry in made.entries if entry.kind == "differs"]
    assert [entry.cell for entry in differs] == [0, 3]
    assert "here it runs once" in differs[0].message
    assert "'two' takes 'rows' from 'one'" in differs[1].message


def test_metrics_of_several_stages(write: Write) -> None:
    made = converted(
        write,
        ("x = [1]", "step:a"),
        ("y = [2]", "step:b"),
        ("print(x)\nprint(y)", "pipeline-metrics"),
    )

    assert tags(made)[2] == ("stage:metrics",)
    assert made.analysis.stages[2].after == ("a", "b")
