from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.convert.elyra import ConvertedPipeline, from_elyra
from jupyter_zflow.errors import NotebookError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]

OPS = {".ipynb": "execute-notebook-node", ".py": "execute-python-node", ".r": "execute-r-node"}


def node(own_id: str, filename: str, *before: str, **properties: Any) -> dict[str, Any]:
    links = [
        {"id": f"{own_id}{other}", "node_id_ref": other, "port_id_ref": "outPort"}
        for other in before
    ]
    return {
        "id": own_id,
        "type": "execution_node",
        "op": OPS.get(Path(filename).suffix, "some-catalog:component"),
        "app_data": {
            "label": filename,
            "component_parameters": {"filename": filename, **properties},
            "ui_data": {"label": filename},
        },
        "inputs": [{"id": "inPort", "links": links}],
    }


def pipeline_text(*nodes: dict[str, Any], version: Any = 8, **properties: Any) -> str:
    flow = {
        "id": "main",
        "nodes": list(nodes),
        "app_data": {
            "version": version,
            "properties": {"name": "numbers", "runtime": "Generic", **properties},
            "ui_data": {"comments": []},
        },
    }
    return json.dumps({"doc_type": "pipeline", "primary_pipeline": "main", "pipelines": [flow]})


@pytest.fixture
def convert(tmp_path: Path, write: Write) -> Callable[..., ConvertedPipeline]:
    """Return a function that converts nodes beside three notebooks and two scripts."""
    write(
        "rows = [1, 2]",
        "with open('rows.txt', 'w') as file:\n    file.write(str(rows))",
        name="load.ipynb",
    )
    write(("n = 3", "parameters"), ("print(n)", "stage:other", "skip"), name="count.ipynb")
    write("with open('rows.txt') as file:\n    text = file.read()\nrows = 'own'", name="show.ipynb")
    write(("n = 4", "parameters"), "print(n)", name="other.ipynb")
    (tmp_path / "double.py").write_text("from helper import twice\n\nprint(twice(4))\n")
    (tmp_path / "helper.py").write_text("def twice(x):\n    return 2 * x\n")

    def convert_nodes(*nodes: dict[str, Any], **options: Any) -> ConvertedPipeline:
        path = tmp_path / "numbers.pipeline"
        path.write_text(pipeline_text(*nodes, **options))
        return from_elyra(path)

    return convert_nodes


def load_cell(made: ConvertedPipeline, stage: str) -> str:
    cells = json.loads(str(made.files[f"stages/{stage}.ipynb"]))["cells"]
    return "".join(
        line
        for cell in cells
        for line in cell["source"]
        if "zflow-load" in cell["metadata"].get("tags", [])
    )


def test_a_stage_for_each_node(convert: Callable[..., ConvertedPipeline]) -> None:
    made = convert(
        node("c", "show.ipynb", "b"), node("b", "double.py", "a"), node("a", "load.ipynb")
    )

    assert [(stage.name, stage.after) for stage in made.pipeline.stages] == [
        ("load", ()),
        ("double", ("load",)),
        ("show", ("double",)),
    ]
    assert 'files=["load", "double"]' in load_cell(made, "show")
    assert '"rows"' not in load_cell(made, "show")
    assert "_zflow.save(files=True" in str(made.files["stages/load.ipynb"])
    assert isinstance(made.files["files/helper.py"], Path)
    assert not made.entries


def test_settings(convert: Callable[..., ConvertedPipeline]) -> None:
    made = convert(
        node("a", "load.ipynb", cpu=4, memory=8, runtime_image="python:3", env_vars=[
            {"env_var": "MODE", "value": "fast"},
            {"env_var": "MY_TOKEN", "value": "hush"},
            {"env_var": "EMPTY", "value": ""},
        ]),
        node("b", "show.ipynb", "a", gpu=1, pipeline_parameters=["size", "unknown"],
             kubernetes_secrets=[{"env_var": "X", "name": "y", "key": "z"}]),
        pipeline_defaults={"env_vars": ["LEVEL=1", "MODE=slow"]},
        pipeline_parameters=[{"name": "size", "default_value": {"type": "Integer", "value": 3}}],
        description="What it does",
    )  # fmt: skip

    load, show = made.pipeline.stages
    assert load.compute.model_dump()["instance_type"] == "ml.c5.xlarge"
    assert show.compute.model_dump()["instance_type"] == "ml.g4dn.xlarge"
    assert load.environment == {"LEVEL": "1", "MODE": "fast"}
    assert show.environment == {"LEVEL": "1", "MODE": "slow", "size": "3"}
    assert made.pipeline.description == "What it does"
    assert "hush" not in "".join(str(content) for content in made.files.values())
    assert {(entry.kind, entry.key) for entry in made.entries} == {
        ("lost", "load: env_vars.EMPTY"),
        ("lost", "load: env_vars.MY_TOKEN"),
        ("lost", "load: runtime_image"),
        ("lost", "show: kubernetes_secrets"),
        ("lost", "show: pipeline_parameters.unknown"),
        ("changed", "load: cpu, gpu, memory"),
        ("changed", "show: cpu, gpu, memory"),
        ("changed", "show: pipeline_parameters.size"),
    }


def test_parameters_that_mean_the_same(convert: Callable[..., ConvertedPipeline]) -> None:
    alone = convert(node("a", "count.ipynb"))
    both = convert(node("a", "count.ipynb"), node("b", "other.ipynb"))

    assert [(item.name, item.default) for item in alone.pipeline.parameters] == [("n", 3)]
    assert both.pipeline.parameters == ()
    assert [entry.key for entry in both.entries] == ["parameters.n"]
    assert "print(n)" in str(alone.files["stages/count.ipynb"])


@pytest.mark.parametrize("version", [2, 3, 4, 5, 6, 7, 8])
def test_versions(convert: Callable[..., ConvertedPipeline], version: int) -> None:
    old = node("a", "load.ipynb", env_vars=["MODE=a=b"])
    if version < 4:
        old["app_data"] = {
            **old["app_data"]["component_parameters"],
            "ui_data": {"label": "load.ipynb"},
        }

    made = convert(old, version=version)

    (stage,) = made.pipeline.stages
    assert (stage.name, stage.environment) == ("load", {"MODE": "a=b"})


def test_a_group_of_nodes(tmp_path: Path, convert: Callable[..., ConvertedPipeline]) -> None:
    convert(node("a", "load.ipynb"))
    path = tmp_path / "numbers.pipeline"
    content = json.loads(path.read_text())
    group = {
        "id": "group",
        "type": "super_node",
        "subflow_ref": {"pipeline_id_ref": "inner"},
        "inputs": [{"id": "b_inPort", "links": [{"node_id_ref": "a", "port_id_ref": "outPort"}]}],
    }
    after = node("c", "count.ipynb")
    after["inputs"][0]["links"] = [{"node_id_ref": "group", "port_id_ref": "b_outPort"}]
    content["pipelines"][0]["nodes"] += [group, after]
    inner = {"id": "inner", "nodes": [{"id": "x", "type": "binding"}, node("b", "show.ipynb")]}
    content["pipelines"].append(inner)
    path.write_text(json.dumps(content))

    made = from_elyra(path)

    assert [(stage.name, stage.after) for stage in made.pipeline.stages] == [
        ("load", ()),
        ("show", ("load",)),
        ("count", ("show",)),
    ]


@pytest.mark.parametrize(
    ("nodes", "options", "said"),
    [
        ([node("a", "clean.r")], {}, "'clean.r' is an R script"),
        ([node("a", "component")], {}, "'component' is a component"),
        ([node("a", "none.ipynb")], {}, "runs 'none.ipynb', which is not there"),
        ([node("a", "load.ipynb", "b"), node("b", "show.ipynb", "a")], {}, "in a circle"),
        ([node("a", "load.ipynb", "z")], {}, "linked to 'z', unknown"),
        ([node("a", "load.ipynb"), node("a", "show.ipynb")], {}, "two nodes have the id"),
        ([node("a", "load.ipynb", dependencies=["no.csv"])], {}, "depends on 'no.csv', and there"),
        ([node("a", "load.ipynb", dependencies=["../x"])], {}, "which is outside of its folder"),
        ([], {}, "has no node"),
        ([node("a", "load.ipynb")], {"version": 9}, "newer than 8"),
        ([node("a", "load.ipynb")], {"version": 1}, "2 to 8 can be read"),
        ([node("a", "load.ipynb")], {"version": "new"}, "2 to 8 can be read"),
    ],
)
def test_refused(
    convert: Callable[..., ConvertedPipeline], nodes: Any, options: Any, said: str
) -> None:
    with pytest.raises(NotebookError, match=said):
        convert(*nodes, **options)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("import sys\nsys.exit(0)", "line 2.*`sys.exit\\(\\)` fails a stage"),
        ("raise SystemExit(1)", "SystemExit fails a stage"),
        ("import sys\nprint(sys.argv)", "the arguments of the kernel"),
        ("import argparse\nargparse.ArgumentParser()", "the arguments of the kernel"),
        ("print(__file__)", "`__file__` is unknown"),
        ("import asyncio\nasyncio.run(main())", "cannot run in a kernel"),
        ("if x:", "this is no Python"),
    ],
)
def test_scripts_that_a_kernel_runs_in_another_way(
    tmp_path: Path, convert: Callable[..., ConvertedPipeline], script: str, said: str
) -> None:
    (tmp_path / "job.py").write_text(script)

    with pytest.raises(NotebookError, match=said):
        convert(node("a", "job.py"))


def test_errors_name_the_node(write: Write, convert: Callable[..., ConvertedPipeline]) -> None:
    write("print(nobody)", name="wrong.ipynb")

    with pytest.raises(RefusedError) as raised:
        convert(node("a", "load.ipynb"), node("b", "wrong.ipynb"))

    assert "Node 'wrong': Nothing in the notebook binds 'nobody'" in raised.value.message


def test_files_of_one_name(
    tmp_path: Path, write: Write, convert: Callable[..., ConvertedPipeline]
) -> None:
    for folder in ("one", "two"):
        write("print(open('data.txt').read())", name=f"{folder}/show.ipynb")
        (tmp_path / folder / "data.txt").write_text(folder)

    with pytest.raises(NotebookError, match="different files"):
        convert(node("a", "one/show.ipynb"), node("b", "two/show.ipynb"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "broken JSON at line 1"),
        ("[]", "its JSON is no object"),
        ("{}", "it has no `pipelines`"),
        ('{"cells": []}', "is a notebook, not a pipeline"),
        ('{"pipelines": [1]}', "it has no `pipelines`"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.pipeline"
    path.write_text(text)

    with pytest.raises(NotebookError, match=said):
        from_elyra(path)
