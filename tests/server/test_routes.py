"""The routes as a client sees them: who is let in, what is refused, and with which status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tornado.httpclient import HTTPClientError

from jupyter_zflow import errors
from jupyter_zflow.server.routes.base import status_of

if TYPE_CHECKING:
    from pathlib import Path

VERBS = [("status", "GET"), ("check", "POST"), ("export", "POST")]


def notebook(*sources: str, language: str = "python") -> dict[str, Any]:
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": language}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {"tags": [f"stage:s{index}"]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, source in enumerate(sources)
        ],
    }


async def refused(jp_fetch: Any, *path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(HTTPClientError) as caught:
        await jp_fetch(*path, **options)
    return caught.value.code, json.loads(caught.value.response.body)


async def test_status_names_the_version(jp_fetch: Any) -> None:
    answer = await jp_fetch("zflow", "status")

    assert {"version", "hidden", "running", "limit"} <= json.loads(answer.body).keys()


@pytest.mark.parametrize(("resource", "verb"), VERBS)
async def test_nobody_is_let_in_without_a_token(jp_fetch: Any, resource: str, verb: str) -> None:
    status, _ = await refused(
        jp_fetch,
        "zflow",
        resource,
        method=verb,
        body=None if verb == "GET" else "{}",
        headers={"Authorization": "token wrong"},
    )

    assert status == 403


async def test_check_reads_unsaved_content(jp_fetch: Any) -> None:
    body = json.dumps({"notebook": notebook("x = 1", "print(x)"), "path": "never saved.ipynb"})

    answer = json.loads((await jp_fetch("zflow", "check", method="POST", body=body)).body)

    assert [stage["name"] for stage in answer["stages"]] == ["s0", "s1"]
    assert answer["stages"][1]["after"] == ["s0"]
    assert {"findings", "parameters"} <= answer.keys()


@pytest.mark.parametrize(
    ("resource", "body", "expected", "words"),
    [
        pytest.param("check", "{", 400, "not JSON", id="broken_json"),
        pytest.param("check", "[]", 400, "body", id="not_an_object"),
        pytest.param("check", "{}", 400, "notebook", id="no_notebook"),
        pytest.param("check", '{"notebook": 3}', 400, "notebook", id="notebook_is_a_number"),
        pytest.param("check", '{"notebook": {}, "extra": 1}', 400, "extra", id="unknown_field"),
        pytest.param("check", '{"notebook": {}}', 422, "notebook", id="not_a_notebook"),
        pytest.param(
            "check",
            json.dumps({"notebook": notebook("1", language="R")}),
            422,
            "R",
            id="another_language",
        ),
        pytest.param(
            "check",
            json.dumps({"notebook": notebook("1"), "path": "../../etc/passwd"}),
            404,
            "passwd",
            id="check_outside_of_the_root",
        ),
        pytest.param("export", '{"path": "../x.ipynb"}', 404, "x.ipynb", id="export_outside"),
        pytest.param("export", '{"path": "a\\u0000b"}', 400, "path", id="null_byte"),
        pytest.param("export", '{"path": "none.ipynb"}', 404, "none", id="no_such_notebook"),
        pytest.param("export", "nothing", 400, "not JSON", id="export_broken_json"),
    ],
)
async def test_what_is_wrong_is_said(
    jp_fetch: Any, resource: str, body: str, expected: int, words: str
) -> None:
    status, answer = await refused(jp_fetch, "zflow", resource, method="POST", body=body)

    assert (status, words in answer["message"]) == (expected, True), answer


async def test_links_do_not_lead_out_of_the_root(
    jp_fetch: Any, jp_root_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.ipynb"
    outside.write_text(json.dumps(notebook("x = 1")))
    (jp_root_dir / "link.ipynb").symlink_to(outside)

    status, _ = await refused(
        jp_fetch, "zflow", "export", method="POST", body='{"path": "link.ipynb"}'
    )

    assert status == 404


async def test_export_may_not_write_outside_of_the_root(jp_fetch: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "nb.ipynb").write_text(json.dumps(notebook("x = 1")))
    body = json.dumps({"path": "nb.ipynb", "folder": "../elsewhere"})

    status, _ = await refused(jp_fetch, "zflow", "export", method="POST", body=body)

    assert status == 404
    assert not (jp_root_dir.parent / "elsewhere").exists()


async def test_export_writes_beside_the_notebook(jp_fetch: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "sub").mkdir()
    (jp_root_dir / "sub" / "two stages.ipynb").write_text(json.dumps(notebook("x = 1", "print(x)")))
    body = json.dumps({"path": "sub/two stages.ipynb"})

    answer = json.loads(
        (await jp_fetch("zflow", "export", method="POST", body=body, request_timeout=120)).body
    )

    assert answer["folder"] == "sub/two-stages"
    assert answer["template"] == "sub/two-stages/template.yaml"
    assert "sub/two-stages/stages/s1.ipynb" in answer["files"]
    assert all((jp_root_dir / file).is_file() for file in answer["files"])


async def test_a_refused_export_carries_its_findings(jp_fetch: Any, jp_root_dir: Path) -> None:
    refusable = notebook("x = 1", "print(x)")
    refusable["cells"][0]["metadata"]["tags"].append("after:nowhere")
    (jp_root_dir / "nb.ipynb").write_text(json.dumps(refusable))

    status, answer = await refused(
        jp_fetch,
        "zflow",
        "export",
        method="POST",
        body='{"path": "nb.ipynb"}',
        request_timeout=120,
    )

    assert (status, answer["reason"]) == (422, "RefusedError")
    assert "nowhere" in answer["message"]
    assert [finding["cell"] for finding in answer["findings"]] == [0]
    assert not (jp_root_dir / "nb").exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (errors.UsageError, 400),
        (errors.ConflictError, 409),
        (errors.SettingsError, 422),
        (errors.RefusedError, 422),
        (errors.ToolError, 503),
    ],
)
def test_an_error_has_one_status(error: type[errors.ZflowError], expected: int) -> None:
    assert status_of(error.__name__) == expected
