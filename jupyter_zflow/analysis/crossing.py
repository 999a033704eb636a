"""Values that a run saw cross a border between stages: what they are, and what they weigh.

The analysis knows of some values that they cannot leave their process. A record of a run knows it
of all that it saw, and their sizes, so that ``check`` can warn before a stage fails or drags.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_zflow.model.analysis import Crossing
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_zflow.analysis.observed import Observed, SeenValue
    from jupyter_zflow.model.analysis import Edge
    from jupyter_zflow.model.finding import Severity
    from jupyter_zflow.notebook.layout import Layout

_THOUSAND: Final = 1000
LARGE: Final = 1 << 30
"""Bytes from which handing a value on costs seconds on any backend."""


def crossings(edges: Sequence[Edge], layout: Layout, observed: Observed) -> Iterator[Crossing]:
    """Return what is known of the values behind the edges."""
    if not observed.cells and not observed.handed:
        return
    for edge in edges:
        if edge.kind != "variable" or edge.name == "*" or edge.written is None:
            continue
        found = _seen(edge, layout, observed)
        if found is not None:
            value, fresh = found
            yield Crossing(
                producer=edge.producer,
                consumer=edge.consumer,
                name=edge.name,
                type=value.type,
                size=value.size,
                because=value.because,
                fresh=fresh,
            )


def _seen(edge: Edge, layout: Layout, observed: Observed) -> tuple[SeenValue, bool] | None:
    """Return the value, and whether no cell above was edited since it was seen."""
    assert edge.written is not None
    above = [cell for cell in sorted(layout.code) if cell <= edge.written.cell]
    for cell in reversed(above):
        seen = observed.of(layout.code[cell].text)
        if seen is None:
            break
        if edge.name in seen.values:
            fresh = all(
                not layout.code[other].text.strip() or observed.of(layout.code[other].text)
                for other in above
            )
            return seen.values[edge.name], fresh
    handed = observed.handed.get((edge.producer, edge.name))
    return None if handed is None else (handed, False)


def findings(
    found: Sequence[Crossing], edges: Sequence[Edge], known: Sequence[Finding]
) -> Iterator[Finding]:
    """Warn of values that cannot cross, or hardly."""
    by_key = {
        (edge.producer, edge.consumer, edge.name): edge for edge in edges if edge.kind == "variable"
    }
    told: set[tuple[str, str]] = set()
    for crossing in found:
        edge = by_key[crossing.producer, crossing.consumer, crossing.name]
        if (edge.producer, edge.name) in told:
            continue
        if crossing.size is None and not _refused(edge, known):
            told.add((edge.producer, edge.name))
            yield _stuck(crossing, edge)
        elif crossing.size is not None and crossing.size >= LARGE:
            told.add((edge.producer, edge.name))
            yield _heavy(crossing, edge)


def _refused(edge: Edge, known: Sequence[Finding]) -> bool:
    return any(
        finding.code == "ZF203"
        and edge.read is not None
        and finding.cell == edge.read.cell
        and repr(edge.name) in finding.message
        for finding in known
    )


def _stuck(crossing: Crossing, edge: Edge) -> Finding:
    # A use that is only feared, or a record that an edit above may have outdated, refuses nothing.
    certain = crossing.fresh and not edge.reason
    severity: Severity = "error" if certain else "warning"
    why = f" ({crossing.because})" if crossing.because else ""
    return Finding(
        code="ZF228",
        severity=severity,
        cell=None if edge.read is None else edge.read.cell,
        line=None if edge.read is None else edge.read.line,
        message=f"Stage {edge.consumer!r} takes {edge.name!r} from stage {edge.producer!r}; in the "
        f"observed run it was a {crossing.type}, which could not leave its process{why}.",
        remedy=f"Create {edge.name!r} in the stage that uses it, merge the two stages, or hand on "
        "the data instead. If that is out of date, observe the notebook again.",
    )


def _heavy(crossing: Crossing, edge: Edge) -> Finding:
    return Finding(
        code="ZF229",
        severity="warning",
        cell=None if edge.read is None else edge.read.cell,
        line=None if edge.read is None else edge.read.line,
        message=f"Stage {edge.consumer!r} takes {edge.name!r} from stage {edge.producer!r}; it was "
        f"a {crossing.type} of {size_text(crossing.size or 0)}.",
        remedy="Hand on only what is needed, or merge the stages.",
    )


def size_text(size: int) -> str:
    """Return a number of bytes as people say it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < _THOUSAND or unit == "GB":
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= _THOUSAND
    raise AssertionError
