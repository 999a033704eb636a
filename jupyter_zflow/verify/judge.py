"""``python -m jupyter_zflow.verify.judge PLAN``: load both sides and compare them.

The only process that unpickles what the runs left. It runs on the interpreter of the notebook's
kernel, imports nothing but the standard library and what the values themselves need, and says one
JSON line for each comparison, so that what it said before it died still counts. When it died, what
is missing is judged by a child for each value.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

_STACK = 1 << 29
_DEPTH = 200_000


def main(plan_path: str) -> int:
    """Judge all batches of a plan."""
    plan = json.loads(Path(plan_path).read_text(encoding="utf-8"))
    with Path(plan["result"]).open("w", encoding="utf-8") as result:
        # Values may be nested deeper than the stack of a main thread is.
        threading.stack_size(_STACK)
        sys.setrecursionlimit(_DEPTH)
        finished: list[bool] = []
        thread = threading.Thread(target=_judge_all, args=(plan, result, finished))
        thread.start()
        thread.join()
    return 0 if finished else 1


def _judge_all(plan: dict[str, Any], result: Any, finished: list[bool]) -> None:
    for batch in plan["batches"]:
        if not plan["apart"]:
            _judge_batch(batch, plan, result)
        elif child := os.fork():
            os.waitpid(child, 0)
        else:
            _judge_batch(batch, plan, result)
            os._exit(0)
    finished.append(True)


def _judge_batch(batch: dict[str, Any], plan: dict[str, Any], result: Any) -> None:
    for line in _judge(batch, tolerance=plan["tolerance"]):
        print(json.dumps(line), file=result, flush=True)


def _judge(batch: dict[str, Any], *, tolerance: float) -> list[dict[str, Any]]:
    from jupyter_zflow.verify.loading import load

    names = [pair["name"] for pair in batch["pairs"]]
    (uri, label), (other_uri, other_label) = batch["straight"], batch["isolated"]
    one, other = load(uri, label, names), load(other_uri, other_label, names)
    lines = []
    for pair in batch["pairs"]:
        said = _said(pair["name"], one, other, tolerance=tolerance)
        lines.append({"key": pair["key"], **said})
    return lines


def _said(name: str, one: Any, other: Any, *, tolerance: float) -> dict[str, Any]:
    from jupyter_zflow.verify.equality import compare
    from jupyter_zflow.verify.equality.brief import brief

    for side in (one, other):
        if name in side.reasons:
            return {"verdict": "not compared", "detail": side.reasons[name]}
    bound = name in one.values, name in other.values
    texts = {
        "straight": brief(one.values[name]) if bound[0] else "not bound",
        "isolated": brief(other.values[name]) if bound[1] else "not bound",
    }
    if bound != (True, True):
        return {"verdict": "different" if any(bound) else "unbound", "path": name, **texts}
    try:
        found = compare(one.values[name], other.values[name], tolerance=tolerance)
    except (Exception, RecursionError) as error:  # noqa: BLE001  the value's own code may raise
        reason = f"{type(error).__name__} while comparing: {error}"
        return {"verdict": "not compared", "detail": reason, **texts}
    left_out = ", ".join(found.left_out[:3])
    if found.difference is not None:
        said = found.difference
        texts = {"straight": said.straight, "isolated": said.isolated}
        return {
            "verdict": "different", "path": f"{name}{said.path}", "detail": said.more, **texts,
        }  # fmt: skip
    if not found.whole:
        return {"verdict": "not compared", "detail": left_out.partition(": ")[2], **texts}
    detail = f"apart from {left_out}, which cannot be compared" if left_out else ""
    return {"verdict": "equal", "detail": detail, **texts}


if __name__ == "__main__":
    sys.stdout.flush()
    status = main(sys.argv[1])
    # Threads and exit handlers that loading a value may have left have nothing to say.
    sys.stdout.flush()
    os._exit(status)
