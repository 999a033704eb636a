"""Puts the analysis together from the layout and the records of the cells."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from jupyter_zflow.analysis import checks, crossing
from jupyter_zflow.analysis.conditions import METRIC_CALL, decide
from jupyter_zflow.analysis.connect import Connector, find_cycle
from jupyter_zflow.analysis.homes import find_homes
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.reliances import findings as reliance_findings
from jupyter_zflow.analysis.reliances import reliances
from jupyter_zflow.analysis.serving import waits_for
from jupyter_zflow.analysis.settled import settled
from jupyter_zflow.model.analysis import AnalysedStage, Analysis, Edge
from jupyter_zflow.model.finding import Finding
from jupyter_zflow.model.stage import StageSettings
from jupyter_zflow.notebook.parameters import read_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jupyter_zflow.analysis.connect import Traffic
    from jupyter_zflow.analysis.modules import LocalModules
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.parameter import Parameter
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.notebook.layout import Layout


def assemble(
    document: NotebookDocument,
    layout: Layout,
    records: dict[int, CellRecord],
    modules: LocalModules,
    observed: Observed = NOTHING,
) -> Analysis:
    """Return the analysis."""
    records = settled(records)
    homes = find_homes(layout, records)
    connector = Connector(homes, records)
    connector.connect()
    parameters, parameter_findings = _parameters(layout)
    decisions = decide(layout, connector, parameters)
    order = {stage.name: waits_for(stage, layout) for stage in layout.stages}
    edges = [*connector.edges, *_order_edges(order)]
    laid_out = {stage.name: stage for stage in layout.stages}
    producers = connector.producers()
    for name, before in order.items():
        producers[name].update(before)
    place = {name: number for number, name in enumerate(connector.stages)}

    def ordered(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted((name for name in names if name in place), key=place.__getitem__))

    stages = decisions.applied(
        _stage(
            traffic,
            settings=laid_out[name].settings if name in laid_out else StageSettings(),
            after=ordered(producers[name]),
            ordered=ordered,
            records=records,
            modules=modules,
        )
        for name, traffic in connector.stages.items()
    )
    findings = [
        *layout.findings,
        *parameter_findings,
        *(found for record in records.values() for found in record.findings),
        *checks.undefined_names(document, layout, records),
        *homes.findings,
        *decisions.findings,
        *connector.findings,
        *checks.history(homes, records),
        *_cycles(stages, edges),
        *checks.files(records, modules),
        *checks.hidden_state(document),
        *checks.assumptions(connector.edges),
        *reliance_findings(stages),
    ]
    found = tuple(crossing.crossings(edges, layout, observed))
    findings += crossing.findings(found, edges, findings)
    return Analysis(
        name=layout.name,
        settings=layout.pipeline,
        parameters=parameters,
        parameters_cell=layout.parameters_cell,
        stages=stages,
        edges=tuple(edges),
        findings=tuple(dict.fromkeys(findings)),
        crossings=found,
    )


def apart_from_records(document: NotebookDocument, layout: Layout) -> object:
    """Return what an analysis is made of besides the records, for comparison.

    An edit that leaves this and all records as they were leaves the analysis as it was.
    """
    shared = [*layout.setup]
    if layout.parameters_cell is not None:
        shared.append(layout.parameters_cell)
    return (
        replace(layout, code={}),
        [(cell, layout.code[cell].text) for cell in shared],
        [document.cells[cell].source for cell in layout.skipped],
        [code.text for code in layout.code.values() if METRIC_CALL in code.text],
        [(cell.kind, cell.execution_count) for cell in document.cells],
    )


def _parameters(layout: Layout) -> tuple[tuple[Parameter, ...], tuple[Finding, ...]]:
    if layout.parameters_cell is None:
        return (), ()
    cell = layout.parameters_cell
    return read_parameters(layout.code[cell].text, cell=cell)


def _order_edges(order: dict[str, tuple[str, ...]]) -> list[Edge]:
    return [
        Edge(producer=producer, consumer=consumer, kind="order", name="")
        for consumer, producers in order.items()
        for producer in producers
    ]


def _stage(
    traffic: Traffic,
    *,
    settings: StageSettings,
    after: tuple[str, ...],
    ordered: Callable[[Iterable[str]], tuple[str, ...]],
    records: Mapping[int, CellRecord],
    modules: LocalModules,
) -> AnalysedStage:
    own = [records[cell] for cell in (*sorted(traffic.replays), *traffic.cells)]
    packages = {name for record in own for name in record.packages}
    for statement in traffic.imports:
        packages.add(_package(statement))
    local = {path for record in own for path in record.modules}
    for statement, cell in traffic.imports.items():
        if statement in records[cell].own_imports:
            local.update(modules.files_of(_package(statement)))

    def by_stage(table: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
        return {name: tuple(sorted(table[name])) for name in ordered(table)}

    return AnalysedStage(
        name=traffic.name,
        settings=settings,
        cells=traffic.cells,
        replays=tuple(sorted(traffic.replays)),
        imports=tuple(sorted(traffic.imports, key=lambda text: (traffic.imports[text], text))),
        reads=tuple(sorted({name for found in traffic.loads.values() for name in found} - {"*"})),
        writes=tuple(sorted({name for cell in traffic.cells for name in records[cell].writes})),
        after=after,
        loads=by_stage(traffic.loads),
        saves=tuple(sorted(traffic.saves - {"*"})),
        relies=tuple(reliances(traffic, records)),
        saves_everything=traffic.saves_everything,
        loads_states=by_stage(traffic.loads_states),
        saves_states=tuple(sorted(traffic.saves_states)),
        loads_files=ordered(traffic.loads_files),
        saves_files=traffic.saves_files,
        inputs=tuple(
            sorted({path for record in own for path in checks.inputs_of(record, modules)})
        ),
        modules=tuple(sorted(local)),
        packages=tuple(
            sorted(
                name
                for name in packages
                if name and name not in sys.stdlib_module_names and not modules.files_of(name)
            )
        ),
    )


def _package(statement: str) -> str:
    words = statement.split()
    if words[0] in {"%load_ext", "import", "from"} and len(words) > 1:
        return words[1].partition(".")[0]
    return ""


def _cycles(stages: tuple[AnalysedStage, ...], edges: list[Edge]) -> list[Finding]:
    after = {stage.name: set(stage.after) for stage in stages}
    cycle = find_cycle([stage.name for stage in stages], lambda name: after.get(name, set()))
    if not cycle or all(edge.kind == "order" for edge in edges):
        return []
    if not any(
        edge.kind != "order" and edge.producer in cycle and edge.consumer in cycle for edge in edges
    ):
        return []
    parts, cell = [], None
    for consumer, producer in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        edge = next(e for e in edges if e.producer == producer and e.consumer == consumer)
        what = f"{edge.name!r}" if edge.name else "its `after`"
        parts.append(f"{consumer!r} needs {what} of {producer!r}")
        if edge.read is not None:
            cell = edge.read.cell
    return [
        Finding(
            code="ZF205",
            severity="error",
            cell=cell,
            message=f"Stages wait for each other in a circle: {', '.join(parts)}.",
            remedy="Merge them, or split the one whose cells stand on both sides of the other.",
        )
    ]
