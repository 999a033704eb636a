"""Which stage or edge the first difference comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.verify.verdict import Cause

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis, Edge
    from jupyter_zflow.verify.verdict import VariableRow


def first_cause(rows: Sequence[VariableRow], analysis: Analysis) -> Cause | None:
    """Return the difference from which the others may follow.

    Stages come in the notebook's order and what a stage takes comes before what it makes, so the
    first one that counts has nothing wrong before it.
    """
    stages = {stage.name: stage for stage in analysis.stages}
    counted = [row for row in rows if row.counts]
    if not counted:
        return None
    order = {name: place for place, name in enumerate(_order(analysis))}
    first = min(
        counted,
        key=lambda row: (
            row.at == "end",
            order.get(row.stage, len(order)),
            _makes(row, stages),
        ),
    )
    stage = stages.get(first.stage)
    return _explained(first, stage, analysis, rows) if stage else Cause(first, "")


def _explained(
    row: VariableRow, stage: AnalysedStage, analysis: Analysis, rows: Sequence[VariableRow]
) -> Cause:
    edges = tuple(edge for edge in analysis.edges if edge.consumer == stage.name)
    if row.at == "end":
        return Cause(row, _after(row, stage, analysis), None, _of(edges, row.name))
    producer = next((other for other, names in stage.loads.items() if row.name in names), None)
    if producer is not None and row.name not in stage.writes:
        return Cause(row, _on_arrival(row, producer, rows), producer, _of(edges, row.name))
    if row.isolated == "not bound":
        reason = f"stage {stage.name!r} never binds it when it runs alone."
        return Cause(row, reason, producer, _of(edges, row.name))
    wrong = [
        other.name
        for other in rows
        if other.stage == stage.name and other.unstable and other.name != row.name
    ]
    if wrong:
        reason = f"{', '.join(wrong)} of the same stage differs between straight runs, too."
        return Cause(row, reason, producer, edges)
    return Cause(row, _inside(stage, edges), producer, edges)


def _on_arrival(row: VariableRow, producer: str, rows: Sequence[VariableRow]) -> str:
    before = next((r for r in rows if r.stage == producer and r.name == row.name), None)
    if before is not None and before.verdict == "equal":
        return (
            f"it was right at the end of stage {producer!r} and is not what stage {row.stage!r} "
            "has: it changed on the way, or a stage that is not waited for changes it in between."
        )
    return f"it comes from stage {producer!r}."


def _inside(stage: AnalysedStage, edges: Sequence[Edge]) -> str:
    carried = sorted({edge.name for edge in edges if edge.kind in {"state", "file"}})
    known = f" It takes over {', '.join(carried)}." if carried else ""
    return (
        f"stage {stage.name!r} computes it from variables that are equal, so it depends on "
        "something that is not handed over: random state, a file, an option, the environment, or "
        f"an object that two variables share.{known}"
    )


def _after(row: VariableRow, stage: AnalysedStage, analysis: Analysis) -> str:
    last = max(stage.cells)
    later = [other.name for other in analysis.stages if max(other.cells) > last]
    names = ", ".join(repr(name) for name in later)
    return (
        f"it is equal at the end of stage {stage.name!r}, the last one that is known to write "
        f"{row.name}; a later stage changes it unseen{f' ({names})' if names else ''}."
    )


def _of(edges: Sequence[Edge], name: str) -> tuple[Edge, ...]:
    return tuple(edge for edge in edges if edge.name == name)


def _makes(row: VariableRow, stages: dict[str, AnalysedStage]) -> bool:
    stage = stages.get(row.stage)
    return stage is None or row.name in stage.writes


def _order(analysis: Analysis) -> list[str]:
    return [stage.name for stage in sorted(analysis.stages, key=lambda stage: max(stage.cells))]
