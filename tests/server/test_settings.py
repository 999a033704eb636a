"""What an administrator sets, as the panel sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from traitlets import TraitError

from jupyter_zflow.server.extension import ZflowExtension

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ROLE = "arn:aws:iam::123456789012:role/zflow"


@pytest.fixture
def zflow_config(tmp_path: Path) -> dict[str, Any]:
    return {
        "allowed_instance_types": ["ml.m5.large", "ml.g5.*"],
        "allowed_images": ["123456789012.dkr.ecr.eu-west-1.amazonaws.com/*"],
        "hpc_partitions": [{"name": "gpu", "gpus": 4}],
        "default_role": ROLE,
        "hidden_features": ["verify", "commit", "debug", "artifacts", "suggest"],
        "execution_root": str(tmp_path / "elsewhere"),
    }


async def test_the_panel_is_told(ask: Any) -> None:
    _, status = await ask("GET", "status")
    _, choice = await ask("GET", "instances", kind="training")
    _, schemas = await ask("GET", "schemas")

    names = [entry["name"] for entry in choice["instances"]]
    assert {"ml.m5.large", "ml.g5.xlarge"} <= set(names)
    assert all(name == "ml.m5.large" or name.startswith("ml.g5.") for name in names)
    assert choice["partitions"] == [{"name": "gpu", "gpus": 4}]
    assert (status["default_role"], status["limit"]) == (ROLE, 4)
    assert "compute" in schemas["stage"]["properties"]


@pytest.mark.parametrize(
    ("verb", "route", "body"),
    [
        ("POST", "verify", {"path": "a.ipynb"}),
        ("POST", "suggest", {"path": "a.ipynb"}),
        ("POST", "export", {"path": "a.ipynb", "commit": {}}),
        ("POST", "executions/any/debug", None),
        ("GET", "executions/any/artifacts", None),
    ],
)
async def test_what_is_hidden_is_refused(ask: Any, verb: str, route: str, body: Any) -> None:
    status, answer = await ask(verb, route, body)

    assert (status, answer["reason"]) == (403, "HiddenError")


@pytest.mark.parametrize(
    ("compute", "codes"),
    [
        ({"instance_type": "ml.g5.xlarge"}, []),
        ({"instance_type": "ml.m5.xlarge"}, ["ZF591"]),
        ({"instance_type": "ml.m5.large", "image": "docker.io/any"}, ["ZF592"]),
        ({"queue": "gpu"}, []),
        ({"queue": "cpu"}, ["ZF593"]),
    ],
)
async def test_what_is_not_allowed_is_a_finding_and_no_export(
    ask: Any, write: Callable[..., Path], compute: dict[str, Any], codes: list[str]
) -> None:
    import json

    file = write("a.ipynb", "x = 1")
    content = json.loads(file.read_text())
    content["metadata"]["zflow"] = {"version": 1, "stages": {"s0": {"compute": compute}}}
    file.write_text(json.dumps(content))

    _, answer = await ask("POST", "check", {"path": "a.ipynb"})

    errors = [one for one in answer["findings"] if one["severity"] == "error"]
    assert [(one["code"], one["cell"]) for one in errors] == [(code, 0) for code in codes]
    assert answer["refused"] == bool(codes)
    if codes:
        status, refused = await ask("POST", "export", {"path": "a.ipynb"})
        assert (status, refused["findings"][-1]["code"]) == (422, codes[0])


async def test_executions_are_kept_where_the_administrator_wants_them(
    ask: Any, write: Callable[..., Path], tmp_path: Path
) -> None:
    write("sub/a.ipynb", "x = 1")

    _, begun = await ask("POST", "executions", {"path": "sub/a.ipynb"})
    _, found = await ask("GET", "executions", path="sub/a.ipynb")

    assert [one["id"] for one in found["executions"]] == [begun["id"]]
    place = tmp_path / "elsewhere" / "sub" / "zflow_executions" / "a" / begun["id"]
    assert (place.is_dir(), begun["folder"]) == (True, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hpc_partitions", [{"gpus": 4}]),
        ("hpc_partitions", [{"name": "gpu", "colour": "red"}]),
        ("hidden_features", ["everything"]),
        ("max_executions", 0),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(TraitError, match=name):
        ZflowExtension(**{name: value})
