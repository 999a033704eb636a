"""What stages rely on because an observed run showed it, where another stage would notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.model.analysis import Reliance
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jupyter_zflow.analysis.connect import Traffic
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.analysis import AnalysedStage, Edge


def reliances(stage: Traffic, records: Mapping[int, CellRecord]) -> Iterator[Reliance]:
    """Return what a stage has to check when it runs."""
    cells = stage.cells
    present = {name for names in stage.loads.values() for name in names}
    present.update(name for cell in (*stage.replays, *cells) for name in records[cell].writes)
    for cell in cells:
        record = records[cell]
        if not record.relied and not record.relied_states:
            continue
        elsewhere = [records[c] for c in records if c not in cells]
        variables = {
            name
            for other in elsewhere
            for name in record.relied
            if name in other.reads or name in other.writes or other.dynamic is not None
        }
        states = {
            kind
            for other in elsewhere
            if other.index > cell
            for kind in record.relied_states.keys() & other.state_reads
        }
        if not variables and not states:
            continue
        # A change of one may be a change of another that only the later stage has.
        variables = {*record.relied} if variables else set()
        if "*" not in present:
            variables &= present
        later = {name for c in cells if c > cell for name in records[c].writes}
        calls = [record.relied[name] for name in sorted(variables)]
        calls += [record.relied_states[kind] for kind in sorted(states)]
        yield Reliance(
            cell=cell,
            line=min(call.line for call in calls),
            reasons=tuple(dict.fromkeys(call.reason for call in calls)),
            variables=tuple(sorted(variables)),
            lasting=tuple(sorted(variables - later)),
            states=tuple(sorted(states)),
        )


def findings(stages: tuple[AnalysedStage, ...]) -> Iterator[Finding]:
    """Say what is relied on."""
    for stage in stages:
        for found in stage.relies:
            things = [*map(repr, found.variables), *(f"the state {kind}" for kind in found.states)]
            yield Finding(
                code="ZF227",
                severity="info",
                cell=found.cell,
                line=found.line,
                message=f"{_sentence(found.reasons)}; that it does not change {', '.join(things)} "
                f"is what an observed run showed. Stage {stage.name!r} checks it and fails when "
                "it is otherwise.",
                remedy="",
            )


def relieved(without: Iterable[Edge], with_record: Iterable[Edge]) -> tuple[Edge, ...]:
    """Return the edges that the record of a run took away."""
    left = {(edge.kind, edge.name, edge.producer, edge.consumer) for edge in with_record}
    return tuple(
        edge for edge in without if (edge.kind, edge.name, edge.producer, edge.consumer) not in left
    )


def _sentence(reasons: tuple[str, ...]) -> str:
    text = ", ".join(reasons)
    return text[:1].upper() + text[1:]
