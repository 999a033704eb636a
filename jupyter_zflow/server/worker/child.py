"""The child's end: read a request, do it, answer.

It is started as ``python -P -m jupyter_zflow.server.worker.child``; with ``-P`` no folder of the
user is on the search path. Whatever a task prints goes to standard error, so it cannot be taken
for an answer. SIGUSR1 gives up the present request.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import RefusedError, ZflowError
from jupyter_zflow.server.worker.tasks import TASKS, warm_up

if TYPE_CHECKING:
    from collections.abc import Callable

WARM = "--warm"
"""Serve one request after the other; without it one, and then end."""
ABORTED = "AbortedError"
INTERNAL = "InternalError"


class GivenUp(BaseException):
    """The server no longer wants the answer; no ``except Exception`` may keep it."""


def main(arguments: list[str]) -> int:
    """Serve requests until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    busy = [False]

    def give_up(_number: int, _frame: object) -> None:
        if busy[0]:
            busy[0] = False
            raise GivenUp

    signal.signal(signal.SIGUSR1, give_up)
    if WARM in arguments:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the server

    def say(**content: Any) -> None:
        with contextlib.suppress(OSError):  # the server is gone; the work goes on
            answers.write(json.dumps(content) + "\n")

    if WARM in arguments:
        warm_up()
        say(ready=True)
    for line in sys.stdin:
        try:
            busy[0] = True
            reply = _serve(json.loads(line), say)
            busy[0] = False
        except GivenUp:
            reply = {"error": {"reason": ABORTED, "message": "It was given up."}}
        say(**reply)
        if WARM not in arguments:
            break
    return 0


def _serve(request: dict[str, Any], say: Callable[..., None]) -> dict[str, Any]:
    try:
        task = TASKS[request["task"]]
        return {"result": task(request["arguments"], lambda event: say(event=event))}
    except ZflowError as error:
        return {"error": described(error)}
    except RecursionError:
        message = "The notebook is nested too deeply."
        return {"error": {"reason": "NotebookError", "message": message}}
    except Exception as error:  # noqa: BLE001  a broken task must not end the child
        traceback.print_exc()
        message = f"{type(error).__name__}: {error}"
        return {"error": {"reason": INTERNAL, "message": message}}


def described(error: ZflowError) -> dict[str, Any]:
    """Return an error as the routes answer it."""
    findings = error.findings if isinstance(error, RefusedError) else ()
    return {
        "message": str(error),
        "remedy": error.remedy,
        "reason": type(error).__name__,
        "findings": [finding.model_dump() for finding in findings],
    }


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
