"""Run cells in kernels: processes forked from this one, with everything heavy imported.

Each line of standard input is a list of jobs as JSON, each line of standard output their results.
A job is cells that run in a fresh namespace, in a working directory of their own. With a ``stage``
it can load and save what other jobs of the same line left. A job that fails ends the line, for
those behind it may need what it would have saved; one that is ``patient`` leaves the statement out
that failed, goes on, and tells all that it left out.

To fork costs more than most jobs do, so kernels are used again: the jobs go round, no kernel gets
two of one program, and between two jobs everything is put back that a program can reach. A job
that is ``fresh`` gets a kernel that nobody used before, and nobody after it.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import gc
import hashlib
import importlib
import io
import json
import linecache
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import types
import warnings
from pathlib import Path
from typing import Any

from jupyter_zflow.artifacts import namespace
from jupyter_zflow.runtime import context, watch

WARM = """
    IPython numpy.random jupyter_zflow.runtime.handover jupyter_zflow.runtime.states.directory
    jupyter_zflow.runtime.states.environment jupyter_zflow.runtime.states.numpy_random
    jupyter_zflow.runtime.states.random_ jupyter_zflow.runtime.states.warnings_
    jupyter_zflow.runtime.states.logging_ jupyter_zflow.model.names slugify
"""
"""What every job would import else."""

FAST = Path("/dev/shm")
"""Where Linux keeps files in memory."""

PATIENCE = 2
"""Seconds of computing for one job; a program that never ends ends here."""
MEMORY = 4 << 30


KERNELS = 16
"""More than one program has jobs."""
LIFE = 200
"""Jobs that one kernel runs."""


class Kernel:
    """A forked process that runs one job after the other."""

    def __init__(self) -> None:
        self.jobs = 0
        to_read, self._to_write = os.pipe()
        self._from_read, from_write = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            try:
                # Who holds an end of another kernel's pipe would keep it alive.
                low, high = sorted((to_read, from_write))
                os.closerange(3, low)
                os.closerange(low + 1, high)
                os.closerange(high + 1, 1024)
                live(to_read, from_write)
            finally:
                os._exit(1)
        os.close(to_read)
        os.close(from_write)
        self._told = os.fdopen(self._from_read, encoding="utf-8")

    def run(self, job: dict[str, Any], folder: Path, number: int) -> dict[str, Any]:
        """Run a job and return its result."""
        self.jobs += 1
        # Paths of working directories have one length, as those of stages do.
        workdir = folder / f"zflow-{number:016x}"
        scratch = folder / f"scratch-{number}"
        for path in (workdir, scratch, folder / "execution"):
            path.mkdir(parents=True, exist_ok=True)
        asked = json.dumps([job, str(folder), str(workdir), str(scratch)])
        os.write(self._to_write, f"{asked}\n".encode())
        text = self._told.readline()
        if text:
            found: dict[str, Any] = json.loads(text)
            return found
        return {"printed": [], "left_out": [], "error": f"died with status {self.end()}"}

    def end(self) -> int:
        """End the process; return its status."""
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            os.close(self._to_write)
            self._told.close()
            _, status = os.waitpid(self._child, 0)
            self._child = 0
            return status
        return 0


def main() -> None:
    """Serve until standard input ends."""
    for module in WARM.split():
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    kernels: list[Kernel] = []
    with tempfile.TemporaryDirectory(dir=FAST if FAST.is_dir() else None) as top:
        for number, line in enumerate(sys.stdin):
            folder = Path(top) / str(number)
            results: list[dict[str, Any]] = []
            for job in json.loads(line):
                kernel = Kernel() if len(kernels) < KERNELS or job.get("fresh") else kernels.pop(0)
                results.append(kernel.run(job, folder, len(results)))
                if job.get("fresh") or kernel.jobs == LIFE or _is_spoilt(results[-1]):
                    kernel.end()
                else:
                    kernels.append(kernel)
                if results[-1]["error"] is not None:
                    break
            shutil.rmtree(folder, ignore_errors=True)
            sys.stdout.write(f"{json.dumps(results)}\n")
            sys.stdout.flush()
    for kernel in kernels:
        kernel.end()


def _is_spoilt(result: dict[str, Any]) -> bool:
    """Return whether an error may have come at any place of the kernel's own code."""
    return any(word in (result["error"] or "") for word in ("Timeout", "Memory", "died"))


def live(asked: int, answers: int) -> None:
    """Run jobs in this process until there are no more."""
    signal.signal(signal.SIGVTALRM, give_up)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    watch.begin()
    initial = Initial()
    with os.fdopen(asked, encoding="utf-8") as lines, os.fdopen(answers, "w") as told:
        for line in lines:
            job, *folders = json.loads(line)
            initial.restore()
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
            result = become(job, *map(Path, folders))
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            told.write(f"{json.dumps(result)}\n")
            told.flush()


class Initial:
    """What programs and the runtime can change in a process, as it was at the start."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._filters = list(warnings.filters)
        self._modules = dict(sys.modules)
        self._names = {
            name: (module, dict(module.__dict__))
            for name, module in self._modules.items()
            if name in OPEN or name.startswith("jupyter_zflow.")
        }
        self._contents = [
            (value, copy.copy(value))
            for _, names in self._names.values()
            for name, value in names.items()
            if type(value) in {dict, list, set} and not name.startswith("__")
        ]

    def restore(self) -> None:
        """Put everything back."""
        if dict(os.environ) != self._environment:
            os.environ.clear()
            os.environ.update(self._environment)
        warnings.filters[:] = self._filters  # type: ignore[index]
        warnings._filters_mutated()  # type: ignore[attr-defined]
        sys.modules.clear()
        sys.modules.update(self._modules)
        linecache.clearcache()
        for module, names in self._names.values():
            for name in module.__dict__.keys() - names.keys():
                del module.__dict__[name]
            module.__dict__.update(names)
        for value, content in self._contents:
            value.clear()
            value.extend(content) if isinstance(value, list) else value.update(content)


OPEN = frozenset(
    "collections contextlib copy copyreg dataclasses functools io json math os random types "
    "warnings weakref pathlib numpy".split()
)
"""Modules that programs use."""


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
        namespace.watch_classes()
    printed: list[tuple[int, str]] = []
    left_out: list[tuple[int, int]] = []
    error: str | None = None
    for cell, source in job["cells"]:
        out = io.StringIO()
        # Like ipykernel's: a folder for the process, a name for the text.
        digest = hashlib.sha256(source.encode()).hexdigest()[:8]
        filename = f"kernel-{os.getpid()}/{digest}.py"
        code: ast.Module | str = source
        while code is not None:
            failed = _execute(code, filename, kernel.__dict__, out)
            if failed is None:
                break
            line, error = failed
            left_out.append((cell, line))
            goes_on = job.get("patient") and not error.startswith("TimeoutError")
            rest = _behind(source, line) if goes_on else None
            if rest is None:
                return {"printed": printed, "cell": cell, "left_out": left_out, "error": error}
            code = rest
        printed.append((cell, out.getvalue()))
    return {"printed": printed, "left_out": left_out, "error": error}


def _execute(
    source: ast.Module | str, filename: str, names: dict[str, Any], out: io.StringIO
) -> tuple[int, str] | None:
    """Run code; return the line where it failed, and how."""
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(source, filename, "exec", dont_inherit=True), names)
    except BaseException as error:  # noqa: BLE001  whatever the cell raises
        return _line(error, filename), f"{type(error).__name__}: {error}"
    return None


def _behind(source: str, line: int) -> ast.Module | None:
    """Return the statements behind the one at a line; None where the text does not compile."""
    try:
        tree = ast.parse(source)
        compile(source, "", "exec", dont_inherit=True)
    except SyntaxError:
        return None
    tree.body = [statement for statement in tree.body if _first(statement) > line]
    return tree


def _first(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(part.lineno for part in decorators)])


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
