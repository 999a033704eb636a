"""What a kernel knows about the stage that it runs, and how the process looked at the start."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from jupyter_zflow.errors import ArtifactError

VARIABLE = "ZFLOW_CONTEXT"
"""The environment variable that leads a kernel to its context."""


@dataclass(frozen=True)
class Context:
    """One run of one stage."""

    execution: str
    """URI of the execution's folder."""
    state: str
    stage: str
    workdir: str
    scratch: str
    """A folder for messages between the kernel and the process that started it."""
    attempt: int = 0
    inputs: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Files of the working directory at the start: size and time of change."""

    def write(self, path: Path) -> None:
        """Write the context where a kernel can read it."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass(frozen=True)
class Baseline:
    """The ambient state of a kernel before any cell ran."""

    environment: dict[str, str]
    path: tuple[str, ...]
    loggers: dict[str, Any] = field(default_factory=dict)


_context: Context | None = None
_baseline: Baseline | None = None


def begin() -> None:
    """Read the context that the environment leads to, and note how the process looks."""
    global _context, _baseline  # noqa: PLW0603  one kernel, one stage
    location = os.environ.pop(VARIABLE, None)
    if location is not None:
        data = json.loads(Path(location).read_text(encoding="utf-8"))
        data["inputs"] = {path: tuple(stat) for path, stat in data.get("inputs", {}).items()}
        _context = Context(**data)
    if _baseline is None:
        from jupyter_zflow.runtime.states.logging_ import snapshot

        _baseline = Baseline(dict(os.environ), tuple(sys.path), snapshot())


def current() -> Context:
    """Return the context of this kernel.

    Raises
    ------
    ArtifactError
        The kernel does not run a stage.
    """
    if _context is None:
        begin()
    if _context is None:
        raise ArtifactError(
            "this notebook is one stage of a pipeline, and there is no execution here.",
            remedy="Run it with `jupyter zflow run`.",
        )
    return _context


def baseline() -> Baseline:
    """Return how the process looked before any cell ran."""
    if _baseline is None:
        begin()
    assert _baseline is not None
    return _baseline
