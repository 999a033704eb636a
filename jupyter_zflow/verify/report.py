"""The report for people: one HTML file with both runs side by side, and nothing fetched."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import UsageError
from jupyter_zflow.verify.failures import failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.verify.verdict import OutputRow, VariableRow, Verification

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #2a7d3f; --bad: #b3261e; --odd: #8a6d00; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 2rem; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left;
  vertical-align: top; }
code, pre { overflow-wrap: anywhere; }
pre { margin: 0; white-space: pre-wrap; font: 13px/1.4 ui-monospace, monospace; }
.good { color: var(--good); } .bad { color: var(--bad); } .odd { color: var(--odd); }
mark { background: #fd05; color: inherit; }
td.side { width: 42%; }
.cause { border-left: 4px solid var(--bad); padding: .2rem 1rem; }
"""
_LIMIT = 20_000
"""Characters of one output that are shown."""


def write_report(
    path: Path, found: Verification, analysis: Analysis, *, parameters: Mapping[str, Any]
) -> None:
    """Write the report; the file appears whole.

    Raises
    ------
    UsageError
        When the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        draft.write_text(render(found, analysis, parameters=parameters), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {os.strerror(error.errno or 0)}.") from None


def render(found: Verification, analysis: Analysis, *, parameters: Mapping[str, Any]) -> str:
    """Return the report."""
    title = f"{analysis.name}: {found.word}"
    failed = failure(found)
    parts = [
        f'<h1 class="{"good" if found.equal else "bad"}">{escape(title)}</h1>',
        f"<p>{escape(_summary(found))}</p>",
        *(f"<p>{escape(note)}</p>" for note in found.notes),
        f'<section class="cause"><p>{escape(failed)}</p></section>' if failed else "",
        _cause(found),
        _parameters(parameters),
        _runs(found),
        _variables(found),
        _outputs(found),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _summary(found: Verification) -> str:
    unstable = sum(row.unstable for row in found.rows)
    text = (
        f"{len(found.compared)} variables and {len(found.outputs)} outputs compared, "
        f"{len(found.not_compared)} variables not compared, in {found.seconds:.1f} s."
    )
    if unstable:
        text += f" {unstable} differ between two straight runs as well and do not count."
    return text


def _cause(found: Verification) -> str:
    printed = next((row for row in found.outputs if row.counts), None)
    if found.cause is None and printed is not None:
        return (
            f'<section class="cause"><h2>First difference</h2><p>Stage '
            f"<b>{escape(printed.stage)}</b>, output of cell {printed.cell + 1}, "
            f"{escape(printed.said)}. Every variable that was compared is equal.</p></section>"
        )
    if found.cause is None:
        return ""
    row = found.cause.row
    edges = "".join(
        f"<li>{escape(edge.kind)} <code>{escape(edge.name)}</code> from stage "
        f"{escape(edge.producer)} {escape(edge.reason)}</li>"
        for edge in found.cause.edges
    )
    return (
        f'<section class="cause"><h2>First difference</h2><p>Stage <b>{escape(row.stage)}</b>, '
        f"<code>{escape(row.path)}</code>: {escape(found.cause.reason)}</p>"
        f"{f'<ul>{edges}</ul>' if edges else ''}</section>"
    )


def _parameters(parameters: Mapping[str, Any]) -> str:
    if not parameters:
        return ""
    rows = ([_code(name), _code(repr(value))] for name, value in parameters.items())
    return "<h2>Parameters</h2>" + _table(("parameter", "value"), rows)


def _runs(found: Verification) -> str:
    rows = []
    for run in (*([found.straight] if found.straight else []), *found.stages):
        error = run.error or {}
        said = f"{error.get('name', '')}: {error.get('message', '')}" if error else ""
        good = "good" if run.status == "SUCCEEDED" else "bad"
        rows.append(
            [
                escape(run.name),
                f'<span class="{good}">{escape(run.status)}</span>',
                f"{run.seconds:.1f} s",
                escape(said),
            ]
        )
    return "<h2>Runs</h2>" + _table(("run", "status", "time", "error"), rows)


def _variables(found: Verification) -> str:
    rows = [
        [
            escape(row.stage),
            _code(row.path or row.name),
            _verdict(row),
            _code(row.straight),
            _code(row.isolated),
            escape(row.detail),
        ]
        for row in sorted(found.variables, key=_weight)
    ]
    columns = ("stage", "variable", "", "straight run", "stages", "")
    return "<h2>Variables</h2>" + _table(columns, rows)


def _weight(row: VariableRow) -> int:
    return {"different": 0, "not compared": 1, "equal": 2}[row.verdict] - row.counts


def _verdict(row: VariableRow) -> str:
    if row.unstable:
        return '<span class="odd">differs between straight runs, too</span>'
    if row.undecided:
        return '<span class="odd">undecided beside chance</span>'
    colour = {"equal": "good", "different": "bad", "not compared": "odd"}[row.verdict]
    place = " at the very end" if row.at == "end" and row.verdict == "different" else ""
    return f'<span class="{colour}">{escape(row.verdict)}{place}</span>'


def _outputs(found: Verification) -> str:
    if not found.outputs:
        return ""
    rows = []
    for row in sorted(found.outputs, key=lambda row: (not row.counts, row.equal)):
        odd = row.unstable or row.undecided or row.machine
        colour = "good" if row.equal else "odd" if odd else "bad"
        said = "equal" if row.equal else "undecided beside chance" if row.undecided else "different"
        said = "differs between straight runs, too" if row.unstable else said
        said = "shows the machine" if row.machine and not row.equal else said
        masked = f" apart from {', '.join(row.masked)}" if row.masked else ""
        rows.append(
            [
                f"{row.cell + 1}<br>{escape(row.stage)}",
                f'<span class="{colour}">{escape(said + masked)}</span>',
                *_sides(row),
            ]
        )
    head = ("cell", "", "straight run", "stages")
    return "<h2>Outputs</h2>" + _table(head, rows, side=(2, 3))


def _sides(row: OutputRow) -> list[str]:
    texts = (row.straight[:_LIMIT].splitlines(), row.isolated[:_LIMIT].splitlines())
    length = max(map(len, texts))
    left, right = (lines + [""] * (length - len(lines)) for lines in texts)
    return [_side(left, right, equal=row.equal), _side(right, left, equal=row.equal)]


def _side(lines: list[str], others: list[str], *, equal: bool) -> str:
    pairs = zip(lines, others, strict=True)
    return f"<pre>{chr(10).join(_line(one, other, equal=equal) for one, other in pairs)}</pre>"


def _line(text: str, other: str, *, equal: bool) -> str:
    return escape(text) if equal or text == other else f"<mark>{escape(text)}</mark>"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>" if text else ""


def _table(columns: Iterable[str], rows: Iterable[list[str]], *, side: tuple[int, ...] = ()) -> str:
    """Return a table; the cells are HTML already."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="side">{cell}</td>' if place in side else f"<td>{cell}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"
