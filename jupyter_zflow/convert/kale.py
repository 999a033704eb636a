"""A notebook tagged for Kale becomes a notebook tagged for us.

Only tags and metadata change. The notebook itself, run from top to bottom, is what the pipeline
has to compute; where Kale would have computed something else the report says so.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from jupyter_zflow.analysis import analyse
from jupyter_zflow.convert.kale_settings import (
    METADATA,
    default_tags,
    is_lost,
    lost_tag,
    pipeline_settings,
    stage_settings,
)
from jupyter_zflow.convert.kale_tags import KaleCell, read_kale
from jupyter_zflow.convert.report import ConvertedNotebook, Entry, in_order
from jupyter_zflow.errors import NotebookError
from jupyter_zflow.notebook.document import parse
from jupyter_zflow.notebook.rewrite import rewrite
from jupyter_zflow.notebook.source import without_magics

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jupyter_zflow.model.analysis import Analysis, Edge
    from jupyter_zflow.notebook.document import NotebookDocument

_SHOWN = 4
METRICS = "metrics"
"""The stage of Kale's metrics, where no single stage makes all that they print."""


def from_kale(text: str, *, path: Path, output: Path) -> ConvertedNotebook:
    """Convert a Kale notebook.

    Parameters
    ----------
    path, output
        Where it is and where it will be; its local files are looked for beside the latter.

    Raises
    ------
    NotebookError
        When it is no Kale notebook, or one that Kale refuses, too.
    """
    document = parse(text, path=path)
    cells = read_kale(document)
    settings, entries = _settings(document, cells)
    parameters, sources, dropped = _parameters(document, cells)
    if dropped:
        entries.append(_combined(parameters, dropped))

    def made(metrics: str) -> tuple[str, NotebookDocument, Analysis]:
        tags = {cell.index: _tags(cell, parameters, metrics) for cell in cells}
        changed = {METADATA: None, "zflow": settings}
        converted = rewrite(text, tags=tags, metadata=changed, sources=sources, dropped=dropped)
        result = parse(converted, path=output)
        return converted, result, analyse(result)

    metrics = _metrics_stage(cells)
    converted, result, analysis = made(metrics)
    home = _home_of_metrics(analysis, metrics)
    if home is not None:
        together = made(home)
        if not together[2].errors:
            metrics, (converted, result, analysis) = home, together
    original = [cell.index for cell in document.cells if cell.index not in dropped]
    entries += [*_cells(cells, metrics, document), *_differences(analysis, cells, original)]
    return ConvertedNotebook(converted, result, analysis, in_order(entries))


def _tags(cell: KaleCell, parameters: int | None, metrics: str) -> tuple[str, ...]:
    if cell.role in {"skip", "none"}:
        return (*cell.foreign, "skip")
    if cell.role == "pipeline-parameters":
        return (*cell.foreign, "parameters") if cell.index == parameters else cell.foreign
    if cell.role in {"imports", "functions"}:
        return (*cell.foreign, "setup")
    if cell.role == "pipeline-metrics":
        return (*cell.foreign, f"stage:{metrics}")
    after = [f"after:{name}" for name in cell.previous] if cell.first else []
    return (*cell.foreign, f"stage:{cell.step}", *after)


def _settings(
    document: NotebookDocument, cells: Sequence[KaleCell]
) -> tuple[dict[str, Any], list[Entry]]:
    pipeline, entries = pipeline_settings(document.metadata)
    defaults = default_tags(document.metadata)
    entries += [lost_tag(tag, key=f"{METADATA}.steps_defaults") for tag in defaults if is_lost(tag)]
    stages: dict[str, Any] = {}
    for cell in cells:
        if cell.role != "step":
            continue
        if not cell.first:
            entries += [
                Entry(
                    kind="lost",
                    cell=cell.index,
                    message=f"{tag!r}: Kale reads this on the first cell of a step only, and so "
                    "does the conversion.",
                )
                for tag in (*cell.settings, *(f"prev:{name}" for name in cell.previous))
            ]
            continue
        found, said = stage_settings(cell.step, cell.settings, defaults=defaults, cell=cell.index)
        entries += said
        if found:
            stages[cell.step] = found
    settings: dict[str, Any] = {"version": 1}
    if pipeline:
        settings["pipeline"] = pipeline
    if stages:
        settings["stages"] = stages
    return settings, entries


def _cells(cells: Sequence[KaleCell], metrics: str, document: NotebookDocument) -> Iterable[Entry]:
    """Yield what has to be said about single cells."""
    for cell in cells:
        if cell.role == "none" and document.cells[cell.index].source.strip():
            yield Entry(
                kind="changed",
                cell=cell.index,
                message="no tag stands on or above this cell, so Kale never runs it; it is tagged "
                "'skip'.",
                remedy="Tag it 'setup' when the stages need it.",
            )
        if cell.role == "pipeline-metrics":
            yield Entry(
                kind="changed",
                cell=cell.index,
                message=f"Kale records what this cell prints as metrics; here stage {metrics!r} "
                "prints it.",
                remedy="To record a metric: "
                "`from jupyter_zflow.runtime import log_metric; log_metric('name', value)`.",
            )


# -- parameters: Kale takes several cells, papermill one ---------------------------------------


def _parameters(
    document: NotebookDocument, cells: Sequence[KaleCell]
) -> tuple[int | None, dict[int, str], frozenset[int]]:
    """Return the cell of parameters, its new source where it takes in others, and those."""
    given = [
        cell.index
        for cell in cells
        if cell.role == "pipeline-parameters" and document.cells[cell.index].source.strip()
    ]
    if len(given) <= 1:
        return (given[0] if given else None), {}, frozenset()
    first, *others = given
    bound = set(_assigned(document, first))
    for other in others:
        names = _assigned(document, other)
        between = [cell for cell in cells if cell.index < other and cell.index not in given]
        clash = next((name for name in names if name in bound), None)
        if clash is None:
            clash = next(
                (name for cell in between for name in names if _mentions(document, cell, name)),
                None,
            )
        if not names or clash is not None:
            why = f"{clash!r} is used above it" if clash else "it does more than set plain values"
            listed = " and ".join(str(index + 1) for index in (first, other))
            raise NotebookError(
                f"Cells {listed} are both pipeline-parameters, a notebook has one `parameters` "
                f"cell, and they cannot be combined: {why}.",
                remedy=f"Move the parameters of cell {other + 1} into cell {first + 1}.",
            )
        bound |= set(names)
    joined = "\n".join(document.cells[index].source.rstrip("\n") for index in given)
    return first, {first: joined}, frozenset(others)


def _assigned(document: NotebookDocument, index: int) -> list[str]:
    """Return the names that a cell sets to plain values; none when it does anything else."""
    try:
        body = ast.parse(document.cells[index].source).body
    except SyntaxError:
        return []
    names = []
    for node in body:
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1):
            return []
        target = node.targets[0]
        try:
            ast.literal_eval(node.value)
        except (ValueError, TypeError, SyntaxError):
            return []
        if not isinstance(target, ast.Name):
            return []
        names.append(target.id)
    return names


def _mentions(document: NotebookDocument, cell: KaleCell, name: str) -> bool:
    text = without_magics(document.cells[cell.index].source)
    return cell.role != "skip" and re.search(rf"\b{re.escape(name)}\b", text) is not None


def _combined(parameters: int | None, dropped: frozenset[int]) -> Entry:
    listed = ", ".join(str(index + 1) for index in sorted(dropped))
    return Entry(
        kind="changed",
        cell=parameters,
        message=f"a notebook has one `parameters` cell: this one takes in cell {listed}.",
    )


# -- metrics -----------------------------------------------------------------------------------


def _metrics_stage(cells: Sequence[KaleCell]) -> str:
    taken = {cell.step for cell in cells}
    return METRICS if METRICS not in taken else f"pipeline-{METRICS}"


def _home_of_metrics(analysis: Analysis, metrics: str) -> str | None:
    """Return the one stage that makes all that the metrics print, so that they can be part of it.

    A process of their own would only load what another one has at hand.
    """
    stage = next((stage for stage in analysis.stages if stage.name == metrics), None)
    if stage is None or len(stage.after) != 1 or analysis.errors:
        return None
    return stage.after[0]


# -- where Kale would have computed something else ---------------------------------------------


def _differences(
    analysis: Analysis, cells: Sequence[KaleCell], original: Sequence[int]
) -> Iterable[Entry]:
    """Yield what the notebook hands on and Kale would not, and setup that runs only once."""
    before: dict[str, set[str]] = {}
    for cell in cells:
        if cell.first:
            near = set(cell.previous)
            before[cell.step] = near.union(*(before.get(name, set()) for name in near))
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in analysis.edges:
        known = before.get(edge.consumer)
        if known is not None and edge.producer in before and edge.producer not in known:
            pairs.setdefault((edge.producer, edge.consumer), []).append(edge)
    for (producer, consumer), edges in pairs.items():
        yield _beside(producer, consumer, edges, original)
    for finding in analysis.findings:
        if finding.code == "ZF218" and finding.cell is not None:
            yield Entry(
                kind="differs",
                cell=original[finding.cell],
                message=f"Kale repeats this cell in every step; here it runs once: "
                f"{finding.message.partition(': ')[2]}",
            )


def _beside(producer: str, consumer: str, edges: Sequence[Edge], original: Sequence[int]) -> Entry:
    certain = [edge for edge in edges if not edge.reason] or list(edges)
    first = certain[0]
    names = list(dict.fromkeys(repr(edge.name) if edge.name else "a file" for edge in certain))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    why = f", because {first.reason}" if first.reason else ""
    return Entry(
        kind="differs",
        cell=None if first.read is None else original[first.read.cell],
        message=f"{consumer!r} takes {', '.join(names[:_SHOWN])}{more} from {producer!r}{why}; "
        "Kale runs the two side by side, each with what the steps before both of them left.",
    )
