"""One verification from beginning to end: lay out, run both sides, compare, run again if needed."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.export.bundle import write_files
from jupyter_zflow.model.names import state_name
from jupyter_zflow.runner.local import RunSettings, run_local, to_the_end
from jupyter_zflow.runner.stages import PlainStarter
from jupyter_zflow.runner.warm import WarmStarter
from jupyter_zflow.runtime.observe import PLACE
from jupyter_zflow.runtime.stage import NOTEBOOK
from jupyter_zflow.verify.beside import Beside, Straight
from jupyter_zflow.verify.causes import first_cause
from jupyter_zflow.verify.compare import compare
from jupyter_zflow.verify.notebooks import STATE, observed, straight_notebook
from jupyter_zflow.verify.outputs import compare_outputs, judged_again
from jupyter_zflow.verify.pairs import Pair, pairs
from jupyter_zflow.verify.surroundings import survey
from jupyter_zflow.verify.verdict import VariableRow, Verification, beside_chance

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jupyter_zflow.export.bundle import Bundle
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.value import Json
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.runner.stages import StageRun

    Observer = Callable[[dict[str, Any]], None]

_HASH_SEEDS = 4_294_967_295


@dataclass(frozen=True)
class Case:
    """What is to be verified."""

    document: NotebookDocument
    analysis: Analysis
    definition: str
    bundle: Bundle
    given: Mapping[str, Json]
    """Parameters that differ from their defaults."""
    tolerance: float = 0.0
    jobs: int = 0
    without: tuple[Path, ...] = ()
    """Folders beside the notebook that do not belong to it."""
    record: Path | None = None
    """Where the straight run's kernel notes what the cells do."""

    @property
    def folder(self) -> Path:
        """The notebook's folder."""
        return (self.document.path or Path("notebook.ipynb")).absolute().parent

    @property
    def parameters(self) -> dict[str, Json]:
        """All parameters of the run."""
        return {item.name: item.default for item in self.analysis.parameters} | dict(self.given)


@dataclass(frozen=True)
class _Places:
    top: Path

    @property
    def bundle(self) -> Path:
        return self.top / "bundle"

    @property
    def isolated(self) -> Path:
        return self.top / "isolated"

    def straight(self, number: int) -> Straight:
        return Straight(self.top / f"straight-{number}")


def verify(case: Case, scratch: Path, *, on_event: Observer) -> Verification:
    """Run a notebook straight and in stages, and compare.

    Parameters
    ----------
    scratch
        An empty folder; nothing is kept elsewhere.
    on_event
        Told what happens while it happens.
    """
    began = time.monotonic()
    places = _Places(scratch)
    notes = _lay_out(case, places)
    found, aborted = _run_both(case, places, on_event)
    if aborted:
        return found
    rows = pairs(case.analysis, places.straight(1).run, places.isolated)
    variables = _without_echoes(_compared(case, places, rows, places.isolated))
    outputs = compare_outputs(
        case.analysis.stages,
        _executed(places.straight(1).run, STATE),
        _executed_stages(case, places),
    )
    machines = {finding.cell for finding in case.analysis.findings if finding.code == "ZF231"}
    outputs = tuple(replace(row, machine=row.cell in machines) for row in outputs)
    found = replace(found, variables=variables, outputs=outputs)
    ended = found.straight is not None and found.straight.status == "SUCCEEDED"
    if ended and any(row.counts for row in found.rows):
        found = _again(case, places, rows, found, on_event)
    return replace(
        found,
        cause=first_cause(found.variables, case.analysis),
        notes=(*notes, *found.notes),
        seconds=round(time.monotonic() - began, 3),
    )


def _lay_out(case: Case, places: _Places) -> tuple[str, ...]:
    """Write both bundles; return what people have to know about them."""
    files = dict(case.bundle.files)
    stage_notebooks = []
    for stage in case.analysis.stages:
        path = f"stages/{state_name(stage.name)}.ipynb"
        text = files[path]
        assert isinstance(text, str)
        stage_notebooks.append(json.loads(text))
        files[path] = observed(text, stage.name)
    write_files(files, places.bundle)
    declared = [path.removeprefix("files/") for path in files if path.startswith("files/")]
    around = survey(case.folder, declared, without=case.without)
    notebook = straight_notebook(case.document, case.analysis, stage_notebooks, files=around.paths)
    for number in (1, 2):
        places.straight(number).lay(notebook, case.folder, case.parameters, case.analysis.name)
    notes = [
        f"Stage {stage.name!r} answers requests: its cells are compared, its answers are not, for "
        "the notebook asks for none."
        for stage in case.analysis.stages
        if stage.settings.kind == "transform"
    ]
    if not around.complete:
        notes.append(
            "The notebook's folder is large: the straight run saw the declared files alone."
        )
    return tuple(notes)


def _run_both(case: Case, places: _Places, on_event: Observer) -> tuple[Verification, bool]:
    together = _cores() > 1 and case.jobs != 1
    noted = {} if case.record is None else {PLACE: str(case.record)}
    beside = Beside(
        WarmStarter(),
        replace(places.straight(1), environment=noted),
        observe=on_event,
        together=together,
    )

    failed = False

    def observe(event: dict[str, Any]) -> None:
        nonlocal failed
        status = event.get("status") if event.get("event") == "stage_finished" else None
        failed = failed or status == "FAILED"
        if status == "ABORTED" and not failed:
            # By the user; a stage that ends because another failed leaves the straight run be.
            beside.stop()
        on_event(event)

    result = run_local(
        case.definition,
        bundle=places.bundle,
        folder=places.isolated,
        input=case.given,
        settings=RunSettings(jobs=case.jobs, name=f"verify-{secrets.token_hex(3)}"),
        on_event=observe,
        starter=beside,
    )
    made = Verification(straight=beside.result, stages=result.stages, status=result.status)
    return made, result.status == "ABORTED" and beside.result is None


def _again(
    case: Case,
    places: _Places,
    rows: tuple[Pair, ...],
    found: Verification,
    on_event: Observer,
) -> Verification:
    """Run straight once more, and mark what differs there, too."""
    ended = to_the_end(_second(places.straight(2), on_event))
    if ended.status != "SUCCEEDED":
        return found
    wanted = {(row.name, row.stage, row.at) for row in found.variables if row.counts}
    again = tuple(
        replace(pair, isolated=pair.straight)
        for pair in rows
        if (pair.name, pair.stage, pair.at) in wanted
    )
    unstable = {
        (row.name, row.stage, row.at)
        for row in _compared(case, places, again, places.straight(2).run)
        if row.verdict == "different"
    }
    variables = tuple(
        replace(row, unstable=(row.name, row.stage, row.at) in unstable) for row in found.variables
    )
    runs = [_executed(places.straight(number).run, STATE) for number in (1, 2)]
    return beside_chance(found.seen_again(variables, judged_again(found.outputs, *runs)))


async def _second(straight: Straight, on_event: Observer) -> StageRun:
    # Another order of sets: what depends on it is not computed by the notebook alone.
    seed = str(secrets.randbelow(_HASH_SEEDS) + 1)
    return await straight.execute(PlainStarter(), on_event, environment={"PYTHONHASHSEED": seed})


def _compared(
    case: Case, places: _Places, rows: tuple[Pair, ...], other: Path
) -> tuple[VariableRow, ...]:
    straight = places.straight(1)
    return compare(
        rows,
        straight=straight.run,
        isolated=other,
        scratch=places.top / f"judge-{secrets.token_hex(3)}",
        sources=(straight.run / STATE / "files", case.folder),
        kernel=case.document.kernel_name,
        tolerance=case.tolerance,
    )


def _without_echoes(rows: tuple[VariableRow, ...]) -> tuple[VariableRow, ...]:
    """Leave out what says at the end what a border said already."""
    borders = {(row.name, row.stage): row.verdict for row in rows if row.at == "border"}
    return tuple(
        row
        for row in rows
        if row.at == "border" or borders.get((row.name, row.stage)) != row.verdict
    )


def _executed_stages(case: Case, places: _Places) -> dict[str, Path]:
    return {
        stage.name: _executed(places.isolated, state_name(stage.name))
        for stage in case.analysis.stages
    }


def _executed(run: Path, state: str) -> Path:
    return run / state / NOTEBOOK


def leave_notebooks(found: Verification, scratch: Path, folder: Path) -> dict[str, str]:
    """Copy the executed notebooks to where people look; return them by stage."""
    folder.mkdir(parents=True, exist_ok=True)
    places = _Places(scratch)
    left: dict[str, str] = {}
    sources = {run.name: _executed(places.isolated, run.name) for run in found.stages}
    sources[f"{STATE} run"] = _executed(places.straight(1).run, STATE)
    for name, source in sources.items():
        if source.exists():
            target = folder / f"{name}.ipynb"
            draft = target.with_name(f".{target.name}.part")
            shutil.copyfile(source, draft)
            draft.replace(target)
            left[name] = str(target)
    return left


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1
