"""The model's container: its archive, its own server, and a server that calls the handler."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from jupyter_zflow.bundle import read_bundle, write_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# As SageMaker Distribution's server does: load the module by its path, take its handler once,
# then call it with what has a body and headers.
_SERVER = """
import asyncio, importlib.util, json, sys, types
place = sys.argv[1]
spec = importlib.util.spec_from_file_location("serve_stage.py", place + "/serve_stage.py")
sys.path.insert(0, place)
module = spec.loader.load_module("serve_stage.py")
assert hasattr(module, "handler") and asyncio.iscoroutinefunction(module.handler)
for body in (b"1,2\\n", b'"'):
    request = types.SimpleNamespace(body=body, headers={"Content-Type": "text/csv"})
    try:
        print("answer", asyncio.run(module.handler(request)))
    except Exception as error:
        print("answer", type(error).__name__, error)
"""


@pytest.fixture
def model(folder: Path, tmp_path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Unpack the model's archive; return where, and the container's environment."""
    notebook = json.loads((folder / "stages/fit.ipynb").read_text())
    notebook["cells"][0]["source"] = "def predict(frame):\n    return frame * 2"
    (folder / "stages/fit.ipynb").write_text(json.dumps(notebook))
    (folder / "requirements/fit.txt").unlink()
    bundle = write_bundle(read_bundle(folder), tmp_path / "bundle")
    execution = tmp_path / "execution"
    execution.mkdir()
    (execution / "execution.json").write_text('{"parameters": {}}')
    place = tmp_path / "model"
    with tarfile.open(bundle / "lib/model.tar.gz") as archive:
        archive.extractall(place, filter="data")
    return place, {
        **os.environ,
        "ZFLOW_BUNDLE": str(bundle),
        "ZFLOW_STAGE": "fit",
        "ZFLOW_EXECUTION": str(execution),
        "ZFLOW_REQUIREMENTS": "missing",
        "SAGEMAKER_BIND_TO_PORT": "0",
    }  # fmt: skip


def test_it_listens_itself(model: tuple[Path, dict[str, str]]) -> None:
    place, environment = model
    program = [sys.executable, str(place / "serve_stage.py"), "serve"]
    answers = []
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            (port,) = re.findall(r"zflow serves at http://0.0.0.0:(\d+)", process.stdout.readline())
            connection = HTTPConnection("127.0.0.1", int(port))
            for method, path, body, kind in (
                ("GET", "/ping", None, ""),
                ("POST", "/invocations", "1,2\n3,4\n", "text/csv"),
                ("POST", "/invocations", "[1]", "application/json"),
                ("POST", "/invocations", '{"a": "b"}', "application/json"),
                ("POST", "/invocations", "{", "application/json"),
                ("GET", "/", None, ""),
                ("POST", "/invocations", None, "chunked"),
            ):
                headers = {"Content-Type": kind}
                if kind == "chunked":
                    # The answer comes before any chunk is sent.
                    headers = {"Content-Type": "text/csv", "Transfer-Encoding": kind}
                connection.request(method, path, body=body, headers=headers)
                answer = connection.getresponse()
                answers.append((answer.status, answer.read().decode()))
        finally:
            process.terminate()
            process.communicate(timeout=30)

    assert answers[:3] == [(200, ""), (200, "2,4\n6,8\n"), (200, "[1,1]")]
    assert [status for status, _ in answers[3:]] == [500, 400, 404, 411]
    assert [text.count("\n") for _, text in answers[3:]] == [1, 1, 1, 1]
    assert answers[3][1] == (
        "predict raised TypeError: unsupported operand type(s) for *: 'dict' and 'int'\n"
    )
    assert process.returncode == 0


def test_a_server_of_the_image_calls_it(model: tuple[Path, dict[str, str]]) -> None:
    place, environment = model
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SERVER, str(place)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    answers = [line for line in done.stdout.splitlines() if line.startswith("answer")]
    assert answers[0] == "answer b'2,4\\n'", done.stderr
    assert answers[1].startswith("answer ServingError 400 the body is no text/csv: ")
    assert "Traceback" not in done.stderr


def test_it_says_why_it_cannot_begin(model: tuple[Path, dict[str, str]]) -> None:
    place, environment = model
    del environment["ZFLOW_STAGE"]
    program = [sys.executable, str(place / "serve_stage.py"), "serve"]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (
        2,
        "serve_stage: the environment has no ZFLOW_STAGE.\n",
    )


def test_the_archive_has_the_same_bytes_each_time(folder: Path) -> None:
    program = (
        "from jupyter_zflow.bundle import read_bundle; from pathlib import Path; import sys; "
        "print(read_bundle(Path(sys.argv[1])).files['lib/model.tar.gz'].sha256)"
    )
    command = [sys.executable, "-c", program, str(folder)]

    assert len({subprocess.check_output(command) for _ in range(2)}) == 1
