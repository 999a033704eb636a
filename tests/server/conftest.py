"""A Jupyter server with the extension, and nobody let in without a token."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import jsonschema
import psutil
import pytest
import yaml
from pytest_jupyter.jupyter_server import *  # noqa: F403 - its fixtures, for this folder alone
from pytest_jupyter.pytest_tornasync import *  # noqa: F403

if TYPE_CHECKING:
    from pathlib import Path

_MARK = "ZFLOW_TESTS"

Ask = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def jp_server_config(zflow_config: dict[str, Any]) -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_zflow": True},
            "allow_unauthenticated_access": False,
            "terminals_enabled": False,
        },
        "ZflowExtension": zflow_config,
    }


@pytest.fixture
def zflow_config() -> dict[str, Any]:
    """What the administrator sets; a module that needs more overrides it."""
    return {}


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left() -> Any:
    """Kernels, workers and stages end with the tests that started them.

    They inherit a variable from here, so those that lost their parent are found as well.
    """
    mark = f"zflow-tests-{os.getpid()}"
    os.environ[_MARK] = mark
    yield
    del os.environ[_MARK]
    _, left = psutil.wait_procs(list(_marked(mark)), timeout=10)
    assert [process.cmdline() for process in left] == []


def _marked(mark: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            # What was found in the tests' own process was put there after its start.
            if process.pid != os.getpid() and process.environ().get(_MARK) == mark:
                yield process


@pytest.fixture
def ask(jp_fetch: Any) -> Ask:
    """Ask a route; returns the status and the JSON, which must be what the document says."""
    from tornado.httpclient import HTTPClientError

    async def fetch(verb: str, path: str, body: Any = None, /, **query: Any) -> tuple[int, Any]:
        options: dict[str, Any] = {"method": verb, "params": query, "request_timeout": 120}
        if body is not None:
            options["body"] = json.dumps(body)
        elif verb == "POST":
            options["body"] = ""
        try:
            answer = await jp_fetch("zflow", *path.split("/"), **options)
        except HTTPClientError as error:
            status, content = error.code, json.loads(error.response.body)
        else:
            status, content = answer.code, json.loads(answer.body)
        conforms(verb, path, status, content)
        return status, content

    return fetch


def conforms(verb: str, path: str, status: int, content: Any) -> None:
    """Fail when an answer is not what the OpenAPI document promises."""
    document = openapi()
    operation = next(
        (item[verb.lower()] for name, item in document["paths"].items() if _matches(name, path)),
    )
    response = operation["responses"].get(str(status), {"$ref": "#/components/responses/Error"})
    if "$ref" in response:
        response = document["components"]["responses"]["Error"]
    schema = response["content"]["application/json"]["schema"]
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(
        content
    )


def _matches(name: str, path: str) -> bool:
    wanted, given = name.strip("/").split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        one == other or one.startswith("{") for one, other in zip(wanted, given, strict=True)
    )


@pytest.fixture
def openapi_document() -> dict[str, Any]:
    return openapi()


@cache
def openapi() -> dict[str, Any]:
    text = (files("jupyter_zflow.server") / "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    return document


@pytest.fixture
def write_below() -> Callable[..., Path]:
    """Save a notebook below a folder: one stage for each source."""

    def save(root: Path, name: str, *sources: str, parameters: str = "") -> Path:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(notebook(*sources, parameters=parameters)))
        return file

    return save


@pytest.fixture
def write(jp_root_dir: Path, write_below: Callable[..., Path]) -> Callable[..., Path]:
    """Save a notebook below the root that the server shows."""
    return partial(write_below, jp_root_dir)


def notebook(*sources: str, language: str = "python", parameters: str = "") -> dict[str, Any]:
    cells = [(f"stage:s{index}", source) for index, source in enumerate(sources)]
    if parameters:
        cells.insert(0, ("parameters", parameters))
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "language": language}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"c{index}",
                "metadata": {"tags": [tag]},
                "source": source,
                "outputs": [],
                "execution_count": None,
            }
            for index, (tag, source) in enumerate(cells)
        ],
    }


class Server:
    """A Jupyter server in a process of its own."""

    def __init__(self, root: Path, home: Path) -> None:
        places = {f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
             "--IdentityProvider.token=tok", f"--ServerApp.root_dir={root}",
             "--ServerApp.jpserver_extensions={'jupyter_zflow': True}"],
            env={**os.environ, **places, "JUPYTER_NO_CONFIG": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = ""
        for _ in range(600):
            found = list((home / "RUNTIME").glob(f"jpserver-{self.process.pid}.json"))
            if found and (text := found[0].read_text()).endswith("}"):
                self.url = json.loads(text)["url"]
                with suppress(urllib.error.URLError):  # it is written before anybody listens
                    self.ask("GET", "status")
                    return
            assert self.process.poll() is None
            time.sleep(0.1)
        raise AssertionError("the server did not start")

    def ask(self, verb: str, path: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}zflow/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=verb,
            headers={"Authorization": "token tok"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content: dict[str, Any] = json.load(answer)
            return content

    def until(self, path: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(600):
            content = self.ask("GET", path)
            if holds(content):
                return content
            time.sleep(0.1)
        raise AssertionError(content)


@contextmanager
def _served(root: Path, home: Path) -> Iterator[Server]:
    server = Server(root, home)
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def served() -> Callable[[Path, Path], Any]:
    """Run a real server on a root, with its own configuration in another folder."""
    return _served
