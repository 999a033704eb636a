"""A mistake in ``pipeline.py`` is shown as its line and what is wrong, not as our stack."""

from __future__ import annotations

import sys
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING

from jupyter_zflow.errors import ZflowError

if TYPE_CHECKING:
    from types import TracebackType


def report_errors_briefly() -> None:
    """Let Python end a script with our message and exit status, where nobody else does."""
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _report


def script_folder() -> Path:
    """Return the folder of the running script; in a kernel or a console the working directory."""
    path = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(path).resolve().parent if path else Path.cwd()


def _report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if type(error).__module__.startswith("pydantic"):
        # A value that the script made itself, such as a Retry.
        from pydantic import ValidationError

        from jupyter_zflow.dsl.values import complaint

        if isinstance(error, ValidationError):
            error = complaint(error.title, error)
    if not isinstance(error, ZflowError):
        sys.__excepthook__(kind, error, trace)
        return
    sys.stderr.write(f"{_place(trace)}{error}\n")
    raise SystemExit(error.exit_status)


def _place(trace: TracebackType | None) -> str:
    """Return the last line of the script that was under way."""
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    lines = [line for frame, line in walk_tb(trace) if frame.f_code.co_filename == script]
    return f"{Path(script).name}, line {lines[-1]}: " if script and lines else ""
