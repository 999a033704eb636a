"""The entry point of a model's container: ``/ping`` and ``/invocations`` of a stage.

The container's environment says what to serve: ``ZFLOW_BUNDLE`` (a folder or an S3 prefix),
``ZFLOW_STAGE``, ``ZFLOW_EXECUTION`` and ``ZFLOW_ATTEMPT``. There are two ways to get here:

* An image with a server of its own, as SageMaker Distribution: it imports this module, takes
  ``handler`` once before it listens, and calls it for each request. The stage runs in a process
  beside it. Such a server knows one status for all errors, 500, and logs the sentence.
* An image whose entry point is ``python3 /opt/ml/model/serve_stage.py``: this program listens
  itself, at port 8080 or ``SAGEMAKER_BIND_TO_PORT``. SageMaker adds the word ``serve``.

As in ``run_stage``, only the standard library is used until the packages are there.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import subprocess
import sys
import threading
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))

run_stage: Any = import_module("run_stage")

PORT = "8080"
"""Where SageMaker asks."""
_ANNOUNCED = "zflow serves at http://"
_OK = 200
_TYPES = ("Content-Type", "Accept")


class ServingError(Exception):
    """The stage did not answer."""


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM, and return the exit status."""
    address = f"0.0.0.0:{os.environ.get('SAGEMAKER_BIND_TO_PORT') or PORT}"
    if arguments[:1] == ["--address"]:
        address = arguments[1]
    try:
        given = [
            *("--bundle", _variable("ZFLOW_BUNDLE"), "--stage", _variable("ZFLOW_STAGE")),
            *("--execution", _variable("ZFLOW_EXECUTION")),
            *("--attempt", os.environ.get("ZFLOW_ATTEMPT") or "0", "--serve", address),
        ]
    except run_stage.NotReadyError as error:
        print(f"serve_stage: {error}", file=sys.stderr, flush=True)
        return 2
    status: int = run_stage.main(given)
    return status


def __getattr__(name: str) -> Any:
    """Return the handler; it is asked for once, before the image's server listens."""
    if name != "handler":
        raise AttributeError(name)
    handler = _handler(_started())
    globals()["handler"] = handler
    return handler


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise run_stage.NotReadyError(f"the environment has no {name}.")
    return value


def _started() -> str:
    """Start the stage beside this process; return where it listens, once it does."""
    program = [sys.executable, str(Path(__file__).resolve()), "--address", "127.0.0.1:0"]
    process = subprocess.Popen(
        program,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    atexit.register(process.terminate)
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        _, found, place = line.partition(_ANNOUNCED)
        if found:
            threading.Thread(target=_pass_on, args=(process.stdout,), daemon=True).start()
            return place.strip()
        last = line.strip() or last
    raise ServingError(last or "the stage ended before it served.")


def _pass_on(stream: Any) -> None:
    for line in stream:
        print(line, end="", flush=True)


def _handler(place: str) -> Callable[[Any], Any]:
    async def handler(request: Any) -> bytes:
        """Answer a request that has ``body`` and ``headers``."""
        headers = {name: request.headers[name] for name in _TYPES if name in request.headers}
        # In a thread, so that the image's server answers /ping meanwhile.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _asked, place, request.body, headers)

    return handler


def _asked(place: str, body: bytes, headers: dict[str, str]) -> bytes:
    connection = HTTPConnection(place)
    try:
        connection.request("POST", "/invocations", body=body, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    except OSError as error:
        raise ServingError(f"the stage does not answer: {error}") from None
    finally:
        connection.close()
    if answer.status != _OK:
        raise ServingError(f"{answer.status} {content.decode(errors='replace').strip()}")
    return content


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
