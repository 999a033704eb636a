"""From the records of cells to stages: what each one loads, saves, replays and waits for.

Every use of something that another stage's cell left behind becomes an edge. A stage loads once,
before its first cell, and saves once, after its last; where that cannot give each cell the very
version that it saw in the notebook, there is a finding and no pipeline.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis import early
from jupyter_zflow.analysis.record import overlap
from jupyter_zflow.model.analysis import Edge, EdgeKind, Place
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jupyter_zflow.analysis.homes import Homes
    from jupyter_zflow.analysis.record import CellRecord

CARRIED_STATES: Final = frozenset(
    "random numpy.random torch.random os.environ cwd sys.path warnings logging pandas.options "
    "numpy.options matplotlib decimal locale".split()
)
"""Kinds of ambient state that the runtime can carry; ``module:...`` is another."""


@dataclass(slots=True)
class Traffic:
    """What enters and leaves one stage."""

    name: str
    cells: tuple[int, ...]
    replays: set[int] = field(default_factory=set)
    imports: dict[str, int] = field(default_factory=dict)
    """Import statement -> the cell that it comes from."""
    loads: dict[str, set[str]] = field(default_factory=dict)
    saves: set[str] = field(default_factory=set)
    loads_states: dict[str, set[str]] = field(default_factory=dict)
    saves_states: set[str] = field(default_factory=set)
    loads_files: set[str] = field(default_factory=set)
    saves_files: bool = False
    saves_everything: bool = False
    versions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Name -> cell whose version is loaded or replayed, and the first cell that reads it."""


class Connector:
    """Builds the traffic of all stages."""

    def __init__(self, homes: Homes, records: dict[int, CellRecord]) -> None:
        self.homes = homes
        self.records = records
        self.home = homes.home
        self.stages = {name: Traffic(name, cells) for name, cells in homes.stages.items()}
        used = {text for record in records.values() for text in record.used_imports}
        self.acting_imports = [
            (cell, statement)
            for cell, record in records.items()
            for statement in record.own_imports
            if statement not in used
        ]
        """Cells and imports in them whose names nobody uses: they act by being imported."""
        self.edges: list[Edge] = []
        self._seen: set[tuple[EdgeKind, str, str, str]] = set()
        self.findings: list[Finding] = []

    def connect(self) -> None:
        """Follow every use of every cell of every stage."""
        for stage in self.stages.values():
            for cell in stage.cells:
                self._variables(stage, self.records[cell])
                self._states(stage, self.records[cell])
                self._files(stage, self.records[cell])
                self._imports(stage, self.records[cell])
                self._origins(stage, self.records[cell])
            self._unused_imports(stage)
        for stage in self.stages.values():
            self._check_replayed_versions(stage)
            self.findings += early.repeated(stage, self.records)
            self.findings += early.overwritten(stage, self.records)
            self.findings += early.files(stage, self.stages, self.records)
        self._check_walks()

    # -- variables ---------------------------------------------------------------------------

    def _variables(self, stage: Traffic, record: CellRecord) -> None:
        if record.dynamic is not None:
            # It may ask for any name, and whether a name is bound at all.
            for cell in sorted(self.homes.replayed):
                if cell < record.index:
                    self._replay(stage, cell)
        for name, read in record.reads.items():
            if self._replay(stage, read.cell):
                self._one_version(stage, name, read.cell, record.index, read.line)
                continue
            producer = self.home.get(read.cell)
            if producer is None or producer == stage.name:
                continue
            self._one_version(stage, name, read.cell, record.index, read.line)
            self._last_version(stage, name, read.cell, record.index, read.line)
            stage.loads.setdefault(producer, set()).add(name)
            self.stages[producer].saves.add(name)
            if name == "*":
                self.stages[producer].saves_everything = True
            written = self.records[read.cell].writes.get(name)
            self._edge(
                Edge(
                    kind="variable",
                    producer=producer,
                    consumer=stage.name,
                    name=name,
                    written=Place(cell=read.cell, line=written.line if written else None),
                    read=Place(cell=record.index, line=read.line),
                    reason=read.reason or (written.reason if written else ""),
                )
            )
            if name in record.bound:
                place = Place(cell=record.index, line=read.line)
                self._cannot_leave(stage, name, producer, place, record.bound[name])

    def _cannot_leave(
        self, stage: Traffic, name: str, producer: str, place: Place, why: str
    ) -> None:
        self.findings.append(
            Finding(
                code="ZF203",
                severity="error",
                cell=place.cell,
                line=place.line,
                message=f"Stage {stage.name!r} uses {name!r} of stage {producer!r}, but it is "
                f"{why} and cannot leave its process.",
                remedy=f"Create {name!r} in the stage that uses it, merge the two stages, or hand "
                "on the data instead.",
            )
        )

    def _origins(self, stage: Traffic, record: CellRecord) -> None:
        """Refuse to ask what an array looks at when another process made that."""
        for cell, line in record.origins.items():
            producer = self.home.get(cell, stage.name)
            if producer != stage.name:
                self.findings.append(
                    Finding(
                        code="ZF203",
                        severity="error",
                        cell=record.index,
                        line=line,
                        message="This asks for the base of an array, and what the array looks at "
                        f"was made in stage {producer!r}, in another process.",
                        remedy="Use `np.shares_memory`, or merge the two stages.",
                    )
                )
                return

    def _one_version(self, stage: Traffic, name: str, cell: int, reader: int, line: int) -> None:
        """Refuse when a stage would need two versions of what it loads once."""
        version, _ = stage.versions.setdefault(name, (cell, reader))
        own = [
            c
            for c in stage.cells
            if c < cell and (self._wrote(c, name) or early.missed(self.records[c], name))
        ]
        if version != cell or own:
            self.findings.append(
                Finding(
                    code="ZF204",
                    severity="error",
                    cell=reader,
                    line=line,
                    message=f"Stage {stage.name!r} needs {name!r} both before and after cell "
                    f"{cell + 1} changes it, and a stage loads its values once.",
                    remedy=f"Split stage {stage.name!r} at this cell.",
                )
            )

    def _last_version(self, stage: Traffic, name: str, cell: int, reader: int, line: int) -> None:
        """Refuse when the producer goes on to change what it saves at its end."""
        producer = self.stages[self.home[cell]]
        later = [c for c in producer.cells if c > cell and self._wrote(c, name)]
        if later:
            self.findings.append(
                Finding(
                    code="ZF204",
                    severity="error",
                    cell=reader,
                    line=line,
                    message=f"Stage {stage.name!r} reads {name!r} as cell {cell + 1} left it, but "
                    f"cell {later[0] + 1} of the same stage {producer.name!r} changes it later.",
                    remedy=f"Split stage {producer.name!r} before cell {later[0] + 1}.",
                )
            )

    def _wrote(self, cell: int, name: str) -> bool:
        return name in self.records[cell].writes

    def _check_replayed_versions(self, stage: Traffic) -> None:
        """Refuse when a replayed cell further down would overwrite what another one defined."""
        for name, (cell, reader) in stage.versions.items():
            if cell not in self.homes.replayed:
                continue
            later = [c for c in stage.replays if c > cell and self._wrote(c, name)]
            if later and reader < later[0]:
                self.findings.append(
                    Finding(
                        code="ZF204",
                        severity="error",
                        cell=later[0],
                        message=f"This setup cell binds {name!r} again, which cell {reader + 1} of "
                        f"stage {stage.name!r} uses as cell {cell + 1} bound it.",
                        remedy="Give the second one another name.",
                    )
                )

    def _check_walks(self) -> None:
        """Refuse to walk one set in two stages: it has another order in another process."""
        seen: dict[int, str] = {}
        for stage in self.stages.values():
            for cell in (*sorted(stage.replays), *stage.cells):
                for site, line in self.records[cell].walked.items():
                    if seen.setdefault(site, stage.name) == stage.name:
                        continue
                    self.findings.append(
                        Finding(
                            code="ZF226",
                            severity="error",
                            cell=cell,
                            line=line,
                            message=f"Stages {seen[site]!r} and {stage.name!r} both walk this set, "
                            "and a set has another order in another process.",
                            remedy="Walk `sorted(...)` of it, or keep a list.",
                        )
                    )

    # -- replays and imports -------------------------------------------------------------------

    def _replay(self, stage: Traffic, cell: int) -> bool:
        """Replay a cell, and all that it needs, at the top of the stage."""
        if cell not in self.homes.replayed:
            return False
        if cell not in stage.replays:
            stage.replays.add(cell)
            record = self.records[cell]
            for read in (*record.reads.values(), *record.state_reads.values()):
                self._replay(stage, read.cell)
            self._imports(stage, record)
        return True

    def _imports(self, stage: Traffic, record: CellRecord) -> None:
        for statement, (cell, _) in record.imports.items():
            if not self._replay(stage, cell) and self.home.get(cell) != stage.name:
                stage.imports.setdefault(statement, cell)

    def _unused_imports(self, stage: Traffic) -> None:
        """Repeat imports above the stage that act by being imported."""
        last = stage.cells[-1] if stage.cells else -1
        for cell, statement in self.acting_imports:
            if cell > last or self.home.get(cell) == stage.name:
                continue
            if not self._replay(stage, cell):
                stage.imports.setdefault(statement, cell)

    # -- ambient state ---------------------------------------------------------------------------

    def _states(self, stage: Traffic, record: CellRecord) -> None:
        for kind, read in record.state_reads.items():
            if self._replay(stage, read.cell):
                continue
            producer = self.home.get(read.cell)
            if producer is None or producer == stage.name:
                continue
            key = f"state {kind}"
            self._state_version(stage, kind, read.cell, record.index, read.line)
            stage.versions.setdefault(key, (read.cell, record.index))
            stage.loads_states.setdefault(producer, set()).add(kind)
            self.stages[producer].saves_states.add(kind)
            written = self.records[read.cell].state_writes.get(kind)
            self._edge(
                Edge(
                    kind="state",
                    producer=producer,
                    consumer=stage.name,
                    name=kind,
                    written=Place(cell=read.cell, line=written.line if written else None),
                    read=Place(cell=record.index, line=read.line),
                    reason=read.reason,
                )
            )
            if kind not in CARRIED_STATES and not kind.startswith("module:"):
                self.findings.append(
                    Finding(
                        code="ZF223",
                        severity="error",
                        cell=read.cell,
                        line=written.line if written else None,
                        message=f"This may change {kind}, and stage {stage.name!r}, which uses the "
                        "same, would not see it.",
                        remedy="Move the statement to a setup cell, or merge the two stages.",
                    )
                )

    def _state_version(self, stage: Traffic, kind: str, cell: int, reader: int, line: int) -> None:
        producer = self.stages[self.home[cell]]
        later = [c for c in producer.cells if c > cell and kind in self.records[c].state_writes]
        own = [c for c in stage.cells if c < cell and early.feels(self.records[c], kind)]
        version, _ = stage.versions.get(f"state {kind}", (cell, reader))
        if later or own or version != cell:
            other = (later or own or [version])[0]
            self.findings.append(
                Finding(
                    code="ZF204",
                    severity="error",
                    cell=reader,
                    line=line,
                    message=f"Stage {stage.name!r} needs {kind} as cell {cell + 1} left it, but "
                    f"cell {other + 1} touches it too and the stages are interleaved.",
                    remedy="Set it in a setup cell, or split the stages where they interleave.",
                )
            )

    # -- files -------------------------------------------------------------------------------------

    def _files(self, stage: Traffic, record: CellRecord) -> None:
        for use in record.file_reads:
            for writer in use.writers:
                producer = self.home.get(writer)
                if producer is None or producer == stage.name:
                    continue
                stage.loads_files.add(producer)
                self.stages[producer].saves_files = True
                written = next(
                    (w for w in self.records[writer].file_writes if overlap(w.path, use.path)), None
                )
                self._edge(
                    Edge(
                        kind="file",
                        producer=producer,
                        consumer=stage.name,
                        name=use.path or "",
                        written=Place(cell=writer, line=written.line if written else None),
                        read=Place(cell=record.index, line=use.line),
                        reason="" if use.path else "the path is only known at run time",
                    )
                )

    # -- edges --------------------------------------------------------------------------------

    def _edge(self, edge: Edge) -> None:
        key = (edge.kind, edge.name, edge.producer, edge.consumer)
        if key not in self._seen:
            self._seen.add(key)
            self.edges.append(edge)

    def producers(self) -> dict[str, set[str]]:
        """Return the stages that each stage waits for because of data."""
        producers: dict[str, set[str]] = {name: set() for name in self.stages}
        for edge in self.edges:
            producers[edge.consumer].add(edge.producer)
        return producers


def find_cycle(stages: Iterator[str] | list[str], before: Callable[[str], set[str]]) -> list[str]:
    """Return stages that wait for each other in a circle, or nothing."""
    state: dict[str, int] = {}
    path: list[str] = []

    def visit(name: str) -> list[str]:
        state[name] = 1
        path.append(name)
        for other in sorted(before(name)):
            if state.get(other) == 1:
                return path[path.index(other) :]
            if other not in state:
                found = visit(other)
                if found:
                    return found
        path.pop()
        state[name] = 2
        return []

    for name in stages:
        if name not in state:
            found = visit(name)
            if found:
                return found
    return []
