"""The record of an execution, written as it happens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner.clock import stamp

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jupyter_zflow.runner.clock import Clock

FILE = "events.jsonl"


class Recorder:
    """Append each event to ``events.jsonl`` and hand it on."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        execution: str,
        on_event: Callable[[dict[str, Any]], None],
    ) -> None:
        self._file = (folder / FILE).open("a", encoding="utf-8")
        self._clock = clock
        self._execution = execution
        self._on_event = on_event

    def __call__(self, event: dict[str, Any]) -> None:
        """Record an event."""
        full = {"time": stamp(self._clock.now()), "execution": self._execution, **event}
        self._file.write(f"{json.dumps(full)}\n")
        self._file.flush()
        self._on_event(full)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def read_events(folder: Path, execution: str | None = None) -> list[dict[str, Any]]:
    """Return the recorded events; a line that was cut off by a crash is left out."""
    events = []
    for line in (folder / FILE).read_text(encoding="utf-8").splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if execution in {None, event["execution"]}:
            events.append(event)
    return events
