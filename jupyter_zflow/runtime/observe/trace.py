"""Which lines of a cell ran, which names its code used, which files were opened meanwhile.

Lines come from ``sys.settrace``, for frames of the notebook only, and not at all when a debugger
or a coverage tool has it. Files come from Python's audit events; what a library opens in C is
not seen.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CodeType, FrameType

_MANY = 20_000
"""Line events of one function call, after which it is no longer followed: a hot loop."""
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_current: Trace | None = None
_listening = False


@dataclass(slots=True)
class Trace:
    """What happens while one cell runs."""

    namespace: dict[str, Any]
    lines: set[int] = field(default_factory=set)
    codes: set[CodeType] = field(default_factory=set)
    read: dict[str, None] = field(default_factory=dict)
    written: dict[str, None] = field(default_factory=dict)
    _thread: int = 0
    _traces: bool = False

    def begin(self) -> None:
        """Start to listen."""
        global _current, _listening  # noqa: PLW0603  a process has one audit trail
        if not _listening:
            sys.addaudithook(_hear)  # it stays, and does nothing between cells
            _listening = True
        self._thread = threading.get_ident()
        _current = self
        if sys.gettrace() is None:
            self._traces = True
            sys.settrace(self._enter)

    def end(self) -> None:
        """Listen no more."""
        global _current  # noqa: PLW0603
        _current = None
        if self._traces:
            sys.settrace(None)

    @property
    def names(self) -> set[str]:
        """Global names that the code mentions which ran."""
        found: set[str] = set()
        todo = list(self.codes)
        while todo:
            code = todo.pop()
            found.update(code.co_names)
            todo += [value for value in code.co_consts if hasattr(value, "co_names")]
        return found

    def _enter(self, frame: FrameType, event: str, details: Any) -> Any:  # noqa: ARG002
        if frame.f_globals is not self.namespace:
            return None
        code = frame.f_code
        if code.co_filename.startswith(("<string>", "<stdin>")):
            return None
        self.codes.add(code)
        if code.co_name != "<module>" and not code.co_name.startswith("<cell"):
            return None
        return self._follow(code)

    def _follow(self, code: CodeType) -> Any:
        count = 0

        def line(frame: FrameType, event: str, details: Any) -> Any:  # noqa: ARG001
            nonlocal count
            if event == "line" and frame.f_code is code:
                self.lines.add(frame.f_lineno)
                count += 1
            if count > _MANY:
                frame.f_trace_lines = False
            return line

        return line

    def hear(self, path: str, *, writes: bool) -> None:
        """Note a file that is opened."""
        if threading.get_ident() == self._thread:
            (self.written if writes else self.read)[path] = None


def _hear(event: str, details: tuple[Any, ...]) -> None:
    if event != "open" or _current is None:
        return
    path, mode, flags = details
    if not isinstance(path, (str, bytes)):
        return
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else flags & _WRITES
    _current.hear(os.path.abspath(os.fsdecode(path)), writes=bool(writes))  # noqa: PTH100


def shown(paths: dict[str, None], *, home: str) -> list[str]:
    """Return the files that concern the notebook; those below its folder as relative paths."""
    inside = f"{home}{os.sep}"
    found = set()
    for path in paths:
        if "__pycache__" in path or f"{os.sep}site-packages{os.sep}" in path:
            continue
        if path.startswith(inside):
            found.add(path.removeprefix(inside).replace(os.sep, "/"))
        elif not path.startswith(_elsewhere()):
            found.add(path)
    return sorted(path for path in found if not path.startswith((".zflow/", ".ipynb_checkpoints/")))


def _elsewhere() -> tuple[str, ...]:
    """Return folders whose files belong to the system or to Python, not to the notebook."""
    places = [
        "/dev", "/proc", "/sys", "/etc", "/usr", "/lib", "/opt", sys.prefix, sys.base_prefix,
        tempfile.gettempdir(),
    ]  # fmt: skip
    return (*(f"{place}{os.sep}" for place in places), f"{Path.home()}{os.sep}.")
