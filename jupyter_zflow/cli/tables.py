"""Results for people: tables on a terminal, plain columns in a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

    from jupyter_zflow.model.finding import Finding

_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}
_RANK = {"error": 0, "warning": 1, "info": 2}
_PIPE_WIDTH = 160
"""Columns where nobody looks; wide enough that tables do not wrap words."""


def console(*, stderr: bool = False) -> Console:
    """Return a console that keeps to the terminal's width, and never cuts in a pipe."""
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made.width = _PIPE_WIDTH
    return made


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of texts; nothing in them is read as markup."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings on standard error, the worst first."""
    from rich.text import Text

    out = console(stderr=True)
    for finding in sorted(findings, key=lambda found: _RANK[found.severity]):
        head = Text(f"{finding.code} {finding.severity}", style=_COLOURS[finding.severity])
        place = f" {finding.where}:" if finding.where else ""
        out.print(Text.assemble(head, f"{place} {finding.message}"), soft_wrap=True)
        if finding.remedy:
            out.print(Text(f"      {finding.remedy}", style="dim"), soft_wrap=True)


def counted(findings: Sequence[Finding]) -> str:
    """Return ``2 errors, 1 warning`` or ``no findings``."""
    parts = []
    for severity in _RANK:
        number = sum(finding.severity == severity for finding in findings)
        if number:
            noun = severity if severity == "info" or number == 1 else f"{severity}s"
            parts.append(f"{number} {noun}")
    return ", ".join(parts) or "no findings"
