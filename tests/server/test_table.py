"""Every route and every verb: who is let in, and as what the authorizer is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer  # noqa: TID253  the server is what is tested
from tornado.httpclient import HTTPClientError

from jupyter_zflow.server.routes import ROUTES

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
TABLE = """
GET     openapi.yaml                       read
GET     status                             read
GET     schemas                            read
GET     instances                          read
POST    check                              read
POST    suggest                            read
POST    export                             write
POST    verify                             execute
GET     jobs                               read
GET     jobs/{job}                         read
DELETE  jobs/{job}                         execute
GET     executions                         read
POST    executions                         execute
GET     executions/{execution}             read
DELETE  executions/{execution}             execute
POST    executions/{execution}/stop        execute
GET     executions/{execution}/logs        read
GET     executions/{execution}/notebooks/{stage}  read
GET     executions/{execution}/artifacts   read
POST    executions/{execution}/debug       execute
"""
ROWS = [tuple(line.split()) for line in TABLE.strip().splitlines()]


class Nobody(Authorizer):
    """Lets nobody in, and remembers what it was asked."""

    asked: list[tuple[str, str]] = []

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        self.asked.append((resource, action))
        return False


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any]) -> dict[str, Any]:
    config = {**jp_server_config["ServerApp"], "authorizer_class": Nobody}
    return {**jp_server_config, "ServerApp": config}


async def status_of(jp_fetch: Any, verb: str, path: str, **options: Any) -> int:
    body = "{}" if verb in {"POST", "PUT", "PATCH"} else None
    try:
        answer = await jp_fetch("zflow", *path.split("/"), method=verb, body=body, **options)
    except HTTPClientError as error:
        return error.code
    return int(answer.code)


async def test_the_table_is_complete_and_every_row_is_closed(jp_fetch: Any) -> None:
    found = []
    for path in dict.fromkeys(path for _, path, _ in ROWS):
        place = path.replace("{", "").replace("}", "")
        for verb in VERBS:
            stranger = {"headers": {"Authorization": "token wrong"}}
            unknown = await status_of(jp_fetch, verb, place, **stranger)
            Nobody.asked.clear()
            refused = await status_of(jp_fetch, verb, place)
            if refused == 405:
                assert unknown in {403, 405}
                continue
            assert (unknown, refused) == (403, 403), (verb, path)
            [(resource, action)] = Nobody.asked
            assert resource == "zflow"
            found.append((verb, path, action))

    assert sorted(found) == sorted(ROWS)


def test_every_route_is_in_the_document_and_every_operation_has_a_route(openapi_document: dict[str, Any]) -> None:  # fmt: skip
    documented = {
        (verb.upper(), path.strip("/"))
        for path, item in openapi_document["paths"].items()
        for verb in item.keys() - {"parameters"}
    }

    assert documented == {(verb, path) for verb, path, _ in ROWS}
    assert len(ROUTES) == len({path for _, path, _ in ROWS})


def test_operators_can_read_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "operators" / "server.md"

    lines = [
        line.split("|")[1:-1] for line in page.read_text().splitlines() if "| `/zflow/" in line
    ]
    told = [(verb.strip(" `"), path.strip(" `").removeprefix("/zflow/"), action.strip(" `")) for verb, path, action, *_ in lines]  # fmt: skip

    assert told == ROWS


async def test_a_write_with_cookies_needs_the_token_against_forgery(jp_serverapp: Any, http_server_client: Any) -> None:  # fmt: skip
    with pytest.raises(HTTPClientError) as caught:
        await http_server_client.fetch(
            f"{jp_serverapp.base_url}zflow/check",
            method="POST",
            body=json.dumps({"path": "x.ipynb"}),
            headers={"Cookie": "_xsrf=a"},
        )

    assert caught.value.code == 403
