"""``predict`` of a stage over HTTP, as SageMaker calls a model's container.

The last cell of a stage that serves calls :func:`serve`, in the kernel where the stage's cells have
run: ``predict`` sees the same names, files and state as in the notebook. Threads speak HTTP; the
kernel's main thread calls ``predict``, one request after the other, because that is how the
notebook calls it. Nothing listens before the cells have run.

=========================  ======================================================
``GET /ping``              200 as long as the stage serves
``POST /invocations``      what ``predict`` makes of the body; see ``bodies``
=========================  ======================================================

An error is a status and one sentence; the traceback is printed for the log. SageMaker's guide, "Use
Your Own Inference Code with Batch Transform", describes the contract.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import traceback
from concurrent.futures import Future
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from jupyter_zflow.errors import UsageError
from jupyter_zflow.runtime.bodies import BodyError, decoded, encoded

FUNCTION = "predict"
ANNOUNCED = "zflow serves at "
"""How the line begins that says where, once the stage is ready."""
SOURCE = f"__import__({__name__!r}, fromlist=['serve']).serve({{0!r}})"
"""The cell that serves; it binds no name."""
_LARGEST = 100 << 20
"""Bytes of a body: what SageMaker sends at most (CreateTransformJob, ``MaxPayloadInMB``)."""
_PATIENCE = 60.0
"""Seconds that a connection may be silent."""
_SHOWN = 1_000
"""Characters of a sentence."""

_Job = tuple[bytes, str, str, "Future[tuple[bytes, str]]"]


def serve(address: str) -> None:
    """Answer requests until the kernel is interrupted.

    Parameters
    ----------
    address
        ``HOST:PORT``; port 0 is any that is free.

    Raises
    ------
    UsageError
        The stage defines no ``predict``, or nobody can listen at the address.
    """
    names = sys.modules["__main__"].__dict__
    if not callable(names.get(FUNCTION)):
        message = f"the stage serves, but defines no function {FUNCTION!r}."
        raise UsageError(message, remedy=f"Define {FUNCTION}(data) in one of its cells.")
    host, _, port = address.rpartition(":")
    jobs: queue.Queue[_Job] = queue.Queue()
    try:
        server = _Server((host, int(port)), jobs)
    except (OSError, ValueError, OverflowError) as error:
        message = f"nobody can listen at {address!r}: {error}."
        raise UsageError(message, remedy="Choose another address.") from None
    thread = threading.Thread(target=server.serve_forever, name="zflow-serve", daemon=True)
    thread.start()
    print(f"{ANNOUNCED}http://{host}:{server.server_port}", flush=True)
    began, counted, failed = time.monotonic(), 0, 0
    try:
        while True:
            job = jobs.get()
            counted += 1
            failed += not _done(names, *job)
    except KeyboardInterrupt:
        pass
    finally:
        server.shutdown()
        server.server_close()
        seconds = time.monotonic() - began
        print(f"zflow served {counted} requests, {failed} failed, {seconds:.1f} s", flush=True)


def _done(
    names: dict[str, Any],
    body: bytes,
    content_type: str,
    accept: str,
    answer: Future[tuple[bytes, str]],
) -> bool:
    """Answer a request; return whether it went well."""
    try:
        data = decoded(body, content_type)
        # Looked up each time: the user's function may replace itself.
        value = names[FUNCTION](data)
        answer.set_result(encoded(value, accept))
    except BodyError as error:
        print(f"zflow: {error.status} {error}", flush=True)
        answer.set_exception(error)
    except Exception as error:  # noqa: BLE001  whatever the user's function raises
        traceback.print_exc(file=sys.stdout)
        first = (str(error).strip().splitlines() or [""])[0]
        sentence = f"{FUNCTION} raised {type(error).__name__}{first and ': '}{first}"
        answer.set_exception(BodyError(500, sentence[:_SHOWN]))
    except BaseException:
        answer.set_exception(BodyError(503, "the stage was stopped."))
        raise
    return answer.exception() is None


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], jobs: queue.Queue[_Job]) -> None:
        self.jobs = jobs
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a caller that hangs up is no error of the stage."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"

    def do_GET(self) -> None:
        """Answer ``/ping``."""
        if self.path == "/ping":
            self._send(200, b"", "text/plain")
        else:
            self._unknown()

    def do_POST(self) -> None:
        """Answer ``/invocations``."""
        if self.path != "/invocations":
            self._unknown()
            return
        try:
            body = self.rfile.read(self._length())
            content_type = self.headers.get("Content-Type", "application/octet-stream")
            # The first choice counts; any type means that of the request.
            accept = self.headers.get("Accept", "*/*").partition(",")[0].strip()
            wanted = content_type if "*" in accept or not accept else accept
            answer: Future[tuple[bytes, str]] = Future()
            self.server.jobs.put((body, content_type, wanted, answer))
            self._send(200, *answer.result())
        except BodyError as error:
            self._refuse(error.status, str(error))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: a transform sends a request for each record."""

    def _length(self) -> int:
        try:
            length = int(self.headers["Content-Length"])
        except (TypeError, ValueError):
            raise BodyError(411, "the request does not say how long its body is.") from None
        if not 0 <= length <= _LARGEST:
            raise BodyError(413, f"the body has {length} bytes; {_LARGEST} are allowed.")
        return length

    def _unknown(self) -> None:
        self._refuse(404, f"there is no {self.path}; known are /ping and /invocations.")

    def _refuse(self, status: int, sentence: str) -> None:
        # The body may be unread, so the connection cannot be used again.
        self.close_connection = True
        self._send(status, f"{sentence}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status, HTTPStatus(status).phrase)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
