"""Run cells in processes of their own: forked from this one, with everything heavy imported.

Each line of standard input is a list of jobs as JSON, each line of standard output their results.
A job is one kernel: cells that run in a fresh namespace, in a working directory of their own. With
a ``stage`` it can load and save what other jobs of the same line left. A job that fails ends the
line, for those behind it may need what it would have saved.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import io
import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

from jupyter_zflow.artifacts import namespace
from jupyter_zflow.runtime import context, watch

WARM = """
    IPython numpy.random jupyter_zflow.runtime.handover jupyter_zflow.runtime.states.directory
    jupyter_zflow.runtime.states.environment jupyter_zflow.runtime.states.numpy_random
    jupyter_zflow.runtime.states.random_ jupyter_zflow.runtime.states.warnings_
"""
"""What every job would import else."""

PATIENCE = 2
"""Seconds of computing for one job; a program that never ends ends here."""
MEMORY = 4 << 30


def main() -> None:
    """Serve until standard input ends."""
    for module in WARM.split():
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    with tempfile.TemporaryDirectory() as top:
        for number, line in enumerate(sys.stdin):
            folder = Path(top) / str(number)
            results: list[dict[str, Any]] = []
            for job in json.loads(line):
                results.append(run(job, folder, len(results)))
                if results[-1]["error"] is not None:
                    break
            shutil.rmtree(folder, ignore_errors=True)
            sys.stdout.write(f"{json.dumps(results)}\n")
            sys.stdout.flush()


def run(job: dict[str, Any], folder: Path, number: int) -> dict[str, Any]:
    """Run a job in a forked process."""
    # Paths of working directories have one length, as those of stages do.
    workdir = folder / f"zflow-{number:016x}"
    scratch = folder / f"scratch-{number}"
    for path in (workdir, scratch, folder / "execution"):
        path.mkdir(parents=True, exist_ok=True)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGVTALRM, give_up)
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        result = become(job, folder, workdir, scratch)
        with os.fdopen(writing, "w", encoding="utf-8") as out:
            json.dump(result, out)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        text = told.read()
    _, status = os.waitpid(child, 0)
    if not text:
        return {"printed": [], "cell": None, "line": None, "error": f"died with status {status}"}
    found: dict[str, Any] = json.loads(text)
    return found


def give_up(number: int, frame: object) -> None:
    """End a program that never ends."""
    message = f"more than {PATIENCE} seconds"
    raise TimeoutError(message)


def become(job: dict[str, Any], folder: Path, workdir: Path, scratch: Path) -> dict[str, Any]:
    """Run the cells here; return what each printed, and the error that ended them."""
    os.chdir(workdir)
    # Forked processes would all draw alike.
    random.seed()
    sys.modules["numpy"].random.seed()
    kernel = types.ModuleType("__main__")
    sys.modules["__main__"] = kernel
    if "stage" in job:
        context.Context(
            execution=str(folder / "execution"),
            state=job["stage"],
            stage=job["stage"],
            workdir=str(workdir),
            scratch=str(scratch),
        ).write(scratch / "context.json")
        os.environ[context.VARIABLE] = str(scratch / "context.json")
        context.begin()
        watch.begin()
        namespace.watch_classes()
    printed: list[tuple[int, str]] = []
    for cell, source in job["cells"]:
        out = io.StringIO()
        # Like ipykernel's: a folder for the process, a name for the text.
        digest = hashlib.sha256(source.encode()).hexdigest()[:8]
        filename = f"kernel-{os.getpid()}/{digest}.py"
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
                code = compile(source, filename, "exec", dont_inherit=True)
                exec(code, kernel.__dict__)
        except BaseException as error:  # noqa: BLE001  whatever the cell raises
            text = f"{type(error).__name__}: {error}"
            return {"printed": printed, "cell": cell, "line": _line(error, filename), "error": text}
        printed.append((cell, out.getvalue()))
    return {"printed": printed, "error": None}


def _line(error: BaseException, filename: str) -> int:
    """Return the line of the cell, at its top level, that an error came out of."""
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if (code.co_filename, code.co_name) == (filename, "<module>"):
            return trace.tb_lineno
        trace = trace.tb_next
    return getattr(error, "lineno", None) or 1


if __name__ == "__main__":
    main()
