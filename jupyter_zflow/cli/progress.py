"""Live progress on standard error: a line for each stage, cell k of n."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

    Observer = Callable[[dict[str, Any]], None]

_MARKS = {"SUCCEEDED": "✓", "REUSED": "=", "SKIPPED": "-"}


@contextlib.contextmanager
def progress() -> Iterator[Observer]:
    """Yield an observer that shows events: bars on a terminal, lines elsewhere."""
    if not sys.stderr.isatty():
        yield _print_line
        return
    from rich.console import Console

    with bars_on(Console(stderr=True)) as observe:
        yield observe


@contextlib.contextmanager
def bars_on(console: Console) -> Iterator[Observer]:
    """Yield an observer that draws a bar for each stage on a console."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bars = Progress(
        TextColumn("{task.fields[mark]} {task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
        console=console,
    )
    with bars:
        yield _Bars(bars)


class _Bars:
    """A bar for each stage."""

    def __init__(self, bars: Any) -> None:
        self._bars = bars
        self._tasks: dict[str, Any] = {}

    def __call__(self, event: dict[str, Any]) -> None:
        """Show one event."""
        stage = event.get("stage")
        if stage is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=None, mark=" ")
        task = self._tasks[stage]
        if event["event"] == "cell":
            # A cell that runs is not done yet.
            self._bars.update(task, total=event["of"], completed=event["cell"] - 1)
        elif event["event"] == "stage_finished":
            mark = _MARKS.get(event["status"], "✗")
            if mark == "✓":
                total = self._bars.tasks[task].total or 1
                self._bars.update(task, completed=total, total=total)
            self._bars.update(task, mark=mark)
            self._bars.stop_task(task)


def _print_line(event: dict[str, Any]) -> None:
    """Print what matters in a log: beginnings and ends."""
    if event["event"] == "stage_started":
        again = f", attempt {event['attempt'] + 1}" if event.get("attempt") else ""
        click.echo(f"{event['stage']}: started{again}", err=True)
    elif event["event"] == "stage_finished":
        seconds = f" in {event['seconds']:.1f} s" if event.get("seconds") else ""
        click.echo(f"{event['stage']}: {event['status']}{seconds}", err=True)
