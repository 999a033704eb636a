"""Metrics: a line on standard output for CloudWatch, and an entry in the stage's result."""

from __future__ import annotations

import json
import math
from pathlib import Path

from jupyter_zflow.errors import ArtifactError, UsageError

FILE = "metrics.jsonl"


def record(name: str, value: float) -> None:
    """Print a metric and note it for the result."""
    from jupyter_zflow.runtime import context

    number = float(value)
    if not name or not name.isprintable() or "=" in name or " " in name:
        message = f"a metric cannot be called {name!r}."
        raise UsageError(message, remedy="Use letters, digits and - _ . : /")
    print(f"zflow_metric {name}={number!r}", flush=True)
    try:
        scratch = context.current().scratch
    except ArtifactError:
        return  # outside a pipeline the printed line is all there is
    with (Path(scratch) / FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps([name, number], separators=(",", ":")) + "\n")


def recorded(scratch: Path) -> dict[str, float]:
    """Return the last value of each metric; those that JSON cannot hold are left out."""
    try:
        lines = (scratch / FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {name: value for name, value in map(json.loads, lines) if math.isfinite(value)}
