"""What the conditions and loops of stages read, and which loops mean something.

A condition asks for values as they are right before the first cell of its stage: the last cell
above that has a hand in a name decides which stage's result it is. A loop runs the stage's cells
once for each item, each time on its own: what later stages get of it are the lists that these runs
made, one after the other, so a stage that changes what it was given, draws from a generator that
later stages use, or hands on files cannot be one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.transform import parse
from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.analysis import Edge, Place
from jupyter_zflow.model.condition import Reference, parse_condition, parse_loop
from jupyter_zflow.model.finding import Finding
from jupyter_zflow.model.names import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jupyter_zflow.analysis.connect import Connector, Traffic
    from jupyter_zflow.model.analysis import AnalysedStage
    from jupyter_zflow.model.condition import Loop
    from jupyter_zflow.model.parameter import Parameter
    from jupyter_zflow.notebook.layout import Layout, StageCells

METRIC_CALL: Final = "log_metric"
"""The function that logs a metric."""
CODE = "ZF230"


class _UnclearError(Exception):
    """A name whose value cannot be known; with the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


@dataclass(slots=True)
class Decisions:
    """What conditions and loops read of which stage."""

    outputs: dict[str, set[str]] = field(default_factory=dict)
    metrics: dict[str, set[str]] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def applied(self, stages: Iterable[AnalysedStage]) -> tuple[AnalysedStage, ...]:
        """Return the stages with what others ask of them."""
        asked = self.outputs.keys() | self.metrics.keys() | self.sources.keys()
        return tuple(
            stage
            if stage.name not in asked
            else stage.model_copy(
                update={
                    "outputs": tuple(sorted(self.outputs.get(stage.name, ()))),
                    "metrics": tuple(sorted(self.metrics.get(stage.name, ()))),
                    "sources": self.sources.get(stage.name, {}),
                }
            )
            for stage in stages
        )


def decide(layout: Layout, connector: Connector, parameters: tuple[Parameter, ...]) -> Decisions:
    """Find what conditions and loops read, and add the edges that follow."""
    reader = _Reader(layout, connector, {parameter.name for parameter in parameters})
    reader.decisions.metrics = {name: set(found) for name, found in reader.metrics.items()}
    for stage in layout.stages:
        if stage.settings.when is not None or stage.settings.for_each is not None:
            reader.read(stage)
    return reader.decisions


class _Reader:
    def __init__(self, layout: Layout, connector: Connector, parameters: set[str]) -> None:
        self._layout = layout
        self._connector = connector
        self._parameters = parameters
        self.metrics = {
            name: set(_metrics(layout, traffic)) for name, traffic in connector.stages.items()
        }
        """What each stage logs by a literal name."""
        self.decisions = Decisions()

    def read(self, stage: StageCells) -> None:
        """Read what a stage's settings say."""
        settings = stage.settings
        try:
            if settings.when is not None:
                condition = parse_condition(settings.when)
                for reference in condition.references:
                    self._refer(stage, reference)
                for word in condition.asked:
                    self._order(stage, self._stage_called(stage, word))
            if settings.for_each is not None:
                loop = parse_loop(settings.for_each)
                self._refer(stage, loop.items)
                self._check_loop(stage, loop)
        except SettingsError as error:
            self._refuse(stage, error.message, error.remedy)
        except _UnclearError as error:
            self._refuse(stage, str(error), error.remedy)

    def _refer(self, stage: StageCells, reference: Reference) -> None:
        """Find the stage that a name's value comes from; none means a parameter."""
        name = reference.name
        if reference.stage is not None:
            producer: str | None = self._stage_called(stage, reference.stage)
            if producer not in {self._last_writer(stage, name), None}:
                assert producer is not None
                if name not in self.metrics[producer]:
                    raise _UnclearError(
                        f"{reference} is not what {name!r} is right before the stage.",
                        f"Write {name} alone, or give the two values two names.",
                    )
        else:
            producer = self._last_writer(stage, name)
        if producer is None and name in self._parameters:
            return
        if producer is None or name not in self._written(producer):
            producer = producer or self._last_logger(stage, name)
            if producer is None or name not in self.metrics[producer]:
                raise self._unknown(stage, reference)
        else:
            self.decisions.outputs.setdefault(producer, set()).add(name)
            if self._settings_loop(producer):
                raise _UnclearError(
                    f"{name!r} comes from stage {producer!r}, which has one for each item.",
                    "Let a stage between them make one value of it.",
                )
        self.decisions.sources.setdefault(stage.name, {})[str(reference)] = producer
        edge = Edge(
            kind="variable",
            producer=producer,
            consumer=stage.name,
            name=name,
            read=Place(cell=stage.cells[0]),
            reason="",
        )
        if edge not in self._connector.edges:
            self._connector.edges.append(edge)

    def _last_writer(self, stage: StageCells, name: str) -> str | None:
        """Return the stage whose cell last had a hand in the name above a stage."""
        first = stage.cells[0]
        records = self._connector.records
        last: int | None = None
        for cell in sorted(records):
            if cell >= first:
                break
            record = records[cell]
            if record.dynamic_writes:
                raise _UnclearError(
                    f"cell {cell + 1} may bind any name, so {name!r} cannot be known.",
                    "Bind the name below that cell.",
                )
            if name in record.writes and cell != self._layout.parameters_cell:
                last = cell
        if last is None:
            return None
        home = self._connector.home.get(last)
        if home is None:
            raise _UnclearError(
                f"{name!r} is bound by the setup cell {last + 1}, which every stage replays.",
                "Bind it in the parameters cell, or in a stage.",
            )
        later = [
            cell
            for cell in self._connector.stages[home].cells
            if cell > last and name in records[cell].writes
        ]
        if later or home == stage.name:
            raise _UnclearError(
                f"{name!r} is bound by cell {last + 1}, but "
                + (
                    f"cell {later[0] + 1} of the same stage changes it below."
                    if later
                    else "that is a cell of the stage itself."
                ),
                "Split the stage.",
            )
        return home

    def _written(self, stage: str) -> set[str]:
        cells = self._connector.stages[stage].cells
        return {name for cell in cells for name in self._connector.records[cell].writes}

    def _last_logger(self, stage: StageCells, name: str) -> str | None:
        """Return the last stage above that logs a metric of the name."""
        first = stage.cells[0]
        found = [
            other
            for other, traffic in self._connector.stages.items()
            if name in self.metrics[other] and traffic.cells and traffic.cells[-1] < first
        ]
        return max(found, key=lambda other: self._connector.stages[other].cells[-1], default=None)

    def _stage_called(self, stage: StageCells, word: str) -> str:
        above = [
            name
            for name, traffic in self._connector.stages.items()
            if name != stage.name and traffic.cells and traffic.cells[0] < stage.cells[0]
        ]
        for name in above:
            if identifier(name) == word:
                return name
        known = [identifier(name) for name in above]
        near = get_close_matches(word, known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise _UnclearError(
            f"{word!r} is no stage above it.",
            f"{hint}Stages above are {', '.join(known) or 'none'}.",
        )

    def _order(self, stage: StageCells, other: str) -> None:
        edge = Edge(kind="order", producer=other, consumer=stage.name, name="")
        if edge not in self._connector.edges:
            self._connector.edges.append(edge)

    def _settings_loop(self, stage: str) -> bool:
        return any(s.name == stage and s.settings.for_each for s in self._layout.stages)

    def _unknown(self, stage: StageCells, reference: Reference) -> _UnclearError:
        first = stage.cells[0]
        known = set(self._parameters)
        for name, traffic in self._connector.stages.items():
            if traffic.cells and traffic.cells[0] < first:
                known |= self.metrics[name] | self._written(name)
        near = get_close_matches(reference.name, sorted(known), n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        return _UnclearError(
            f"{str(reference)!r} is no parameter, no variable and no metric above the stage.",
            f"{hint}Bind it in a stage above, or in the parameters cell.",
        )

    def _check_loop(self, stage: StageCells, loop: Loop) -> None:
        for message, remedy in self._wrong_with(stage, loop):
            self._refuse(stage, message, remedy)

    def _wrong_with(self, stage: StageCells, loop: Loop) -> Iterator[tuple[str, str]]:
        variable, traffic = loop.variable, self._connector.stages[stage.name]
        parameters_cell = self._layout.parameters_cell
        if variable not in self._parameters:
            yield (
                f"each item goes to {variable!r}, which is no parameter.",
                "Give it a value in the parameters cell: the notebook runs with that one.",
            )
            return
        if parameters_cell not in traffic.replays:
            yield f"its cells do not use {variable!r}.", "Use it, or remove for_each."
        for other, cell in self._others_that_read(variable, stage.name):
            yield (
                f"cell {cell + 1} of stage {other!r} uses {variable!r}, too, as its default.",
                "Use another name in one of them.",
            )
        if variable in {name for names in traffic.loads.values() for name in names}:
            yield (
                f"an earlier stage binds {variable!r}, so an item would not arrive.",
                "Give the loop's parameter a name of its own.",
            )
        loaded = {name for names in traffic.loads.values() for name in names}
        for name in sorted(traffic.saves & loaded):
            yield (
                f"its cells change {name!r} for later stages, but each item has a copy of its own.",
                f"Hand on a new list of what one item contributes instead of {name}.",
            )
        if traffic.saves_everything:
            yield "a later stage may use any of its names.", "Name what it uses."
        for kind in sorted(traffic.saves_states):
            yield (
                f"later stages go on with {kind} as it leaves it, and each item leaves another.",
                "Use an object of its own, such as numpy.random.default_rng(seed).",
            )
        if traffic.saves_files:
            yield (
                "later stages read files that it writes.",
                "Hand on what is in them as a list.",
            )

    def _others_that_read(self, variable: str, stage: str) -> Iterator[tuple[str, int]]:
        for name, traffic in self._connector.stages.items():
            if name == stage:
                continue
            for cell in (*sorted(traffic.replays), *traffic.cells):
                read = self._connector.records[cell].reads.get(variable)
                if read is not None and read.cell == self._layout.parameters_cell:
                    looped = self._loops_over(name, variable)
                    if not looped:
                        yield name, cell

    def _loops_over(self, stage: str, variable: str) -> bool:
        for other in self._layout.stages:
            if other.name == stage and other.settings.for_each is not None:
                try:
                    return parse_loop(other.settings.for_each).variable == variable
                except SettingsError:
                    return False
        return False

    def _refuse(self, stage: StageCells, message: str, remedy: str) -> None:
        self.decisions.findings.append(
            Finding(
                code=CODE,
                severity="error",
                cell=stage.cells[0] if stage.cells else None,
                message=f"Stage {stage.name!r}: {message}",
                remedy=remedy,
            )
        )


def _metrics(layout: Layout, traffic: Traffic) -> Iterator[str]:
    """Yield the metrics that a stage's cells log by a literal name."""
    for cell in traffic.cells:
        text = layout.code[cell].text
        for node in ast.walk(parse(text).tree) if METRIC_CALL in text else ():
            match node:
                case ast.Call(
                    func=ast.Name(id="log_metric") | ast.Attribute(attr="log_metric"),
                    args=[ast.Constant(value=str(name)), *_],
                ):
                    yield name
