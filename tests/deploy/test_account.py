"""What AWS refuses, in one clear message each."""

from __future__ import annotations

import contextlib
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.deploy.account import Account, RefusedCallError
from jupyter_zflow.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Iterator

REGION = "eu-central-1"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.parametrize(
    ("account", "credentials", "said"),
    [
        pytest.param(Account(), True, "Name one with --region", id="no region"),
        pytest.param(Account(REGION), False, "Log in, as with", id="no credentials"),
        pytest.param(Account(REGION, "nobody"), True, "aws configure list-profiles", id="profile"),
        pytest.param(
            Account(REGION, None, "http://127.0.0.1:9"), True, "Could not connect", id="unreachable"
        ),
        pytest.param(Account(REGION, None, "here"), True, "Invalid endpoint: here", id="address"),
    ],
)
def test_what_never_reaches_aws(
    account: Account, credentials: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if credentials:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "some")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "some")

    with pytest.raises(ServiceError) as error:
        account.call("cloudformation", "describe_stacks")

    assert said in str(error.value)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "Ask for the permission"),
        ("ExpiredToken", "Log in"),
        ("InsufficientCapabilitiesException", "cloudformation refused to describe stacks: no (Ins"),
    ],
)
def test_what_aws_refuses(code: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "some")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "some")

    with refusing(code) as url, pytest.raises(RefusedCallError) as error:
        Account(REGION, None, url).call("cloudformation", "describe_stacks")

    assert (error.value.code, error.value.reason) == (code, "no")
    assert said in str(error.value)


@contextlib.contextmanager
def refusing(code: str) -> Iterator[str]:
    """Yield the address of a service that refuses everything."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
