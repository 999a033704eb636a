"""``run``: execute a notebook's state machine on this machine, or that of an exported folder.

What runs is the definition's text, character by character what a template carries; its digest is
in the result, so that anybody can compare.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.about import About, running
from jupyter_zflow.actions.declared import declared_parameters
from jupyter_zflow.actions.executions import ExecutionFolder, new_execution
from jupyter_zflow.actions.prepare import accepted, prepare
from jupyter_zflow.actions.script import templates
from jupyter_zflow.actions.template import the_machine
from jupyter_zflow.errors import RefusedError, UsageError
from jupyter_zflow.model.names import slug, state_name
from jupyter_zflow.notebook.document import read
from jupyter_zflow.notebook.parameters import parse_assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jupyter_zflow.export.bundle import Content
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.parameter import Parameter
    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.local import ExecutionResult
    from jupyter_zflow.runner.stages import StageRun

    Observer = Callable[[dict[str, Any]], None]

SUCCEEDED = "SUCCEEDED"
NOT_RUN = "NOT_RUN"
"""The status of a stage that never began because the execution ended before."""


@dataclass(frozen=True, slots=True)
class RunResult:
    """How an execution ended."""

    pipeline: str
    execution: ExecutionResult
    stages: tuple[dict[str, Any], ...]
    parameters: dict[str, Json]
    folder: Path
    continues: Path | None
    findings: tuple[Finding, ...]

    @property
    def status(self) -> str:
        """``SUCCEEDED``, ``FAILED``, ``TIMED_OUT`` or ``ABORTED``."""
        return self.execution.status

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "status": self.status,
            "execution": self.execution.execution,
            "pipeline": self.pipeline,
            "parameters": self.parameters,
            "stages": list(self.stages),
            "outputs": self.execution.outputs,
            "error": self.execution.error,
            "seconds": self.execution.seconds,
            "folder": str(self.folder),
            "continues": None if self.continues is None else str(self.continues),
            "definition_sha256": self.execution.definition_sha256,
            "findings": [finding.model_dump() for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class _Target:
    """What is to be run, from a notebook or from a folder."""

    pipeline: str
    place: Path
    definition: str
    parameters: tuple[Parameter, ...]
    stages: tuple[str, ...] = ()
    files: Mapping[str, Content] | None = None
    """What has to be laid down first; ``None`` when the place is the bundle."""
    findings: tuple[Finding, ...] = ()


def run(
    target: Path,
    *,
    assignments: Sequence[str] = (),
    output_dir: Path | None = None,
    start: str | None = None,
    only: str | None = None,
    jobs: int = 0,
    home: Path | None = None,
    on_begin: Callable[[ExecutionFolder], None] = lambda _execution: None,
    on_event: Observer = lambda _event: None,
) -> RunResult:
    """Execute a notebook or an exported folder and wait for the end.

    Parameters
    ----------
    assignments
        ``name=value`` for each parameter that differs from its default.
    output_dir
        Where the executed notebooks are left, too, each as soon as its stage has ended.
    start
        The stage to continue from; results of the latest execution are taken for the others.
    only
        The one stage to run.
    home
        The folder that holds ``zflow_executions``; by default where the target is.
    on_begin
        Told where the execution is kept, before anything runs.
    on_event
        Told what happens while it happens.

    Raises
    ------
    RefusedError
        When the analysis found errors.
    ParameterError
        When a parameter is unknown or has the wrong type.
    UsageError
        When there is nothing to run.
    """
    found = _folder_target(target) if target.is_dir() else _notebook_target(target)
    given = dict(parse_assignment(text, found.parameters) for text in assignments)
    if start and only:
        raise UsageError("--from and --only exclude each other.")
    wanted = {name: _known_stage(name, found.stages) for name in (start, only) if name}
    execution = new_execution(
        found.place if home is None else home,
        slug(found.pipeline) or "pipeline",
        continue_latest=bool(wanted),
    )
    bundle = found.place
    if found.files is not None:
        from jupyter_zflow.export.bundle import write_files

        bundle = execution.bundle
        write_files(found.files, bundle)
    about = About(
        target=str(target.absolute()),
        pipeline=found.pipeline,
        stages=found.stages,
        parameters={item.name: item.default for item in found.parameters} | given,
        start=start,
        only=only,
        bundle=str(bundle.absolute()),
    )
    with running(execution.path, about):
        on_begin(execution)
        result = _execute(
            found.definition,
            bundle,
            execution,
            given=given,
            start=wanted.get(start or ""),
            only=wanted.get(only or ""),
            jobs=jobs,
            on_event=_leaving_notebooks(output_dir, on_event),
        )
    return RunResult(
        pipeline=found.pipeline,
        execution=result,
        stages=_stages(found.stages, result, output_dir),
        parameters=about.parameters,
        folder=execution.run,
        continues=execution.continues,
        findings=found.findings,
    )


def _notebook_target(path: Path) -> _Target:
    from jupyter_zflow.export.bundle import build_bundle

    prepared = prepare(read(path))
    pipeline, definition = accepted(prepared)
    bundle = build_bundle(prepared.document, prepared.analysis)
    findings = (*prepared.findings, *bundle.findings)
    if any(finding.severity == "error" for finding in bundle.findings):
        raise RefusedError(findings)
    return _Target(
        pipeline=pipeline.name,
        place=path.absolute().parent,
        definition=definition,
        parameters=pipeline.parameters,
        stages=tuple(stage.name for stage in pipeline.stages),
        files=bundle.files,
        findings=findings,
    )


def _folder_target(folder: Path) -> _Target:
    from jupyter_zflow.runner.definition import read as read_definition
    from jupyter_zflow.runner.selection import stage_names

    found = templates(folder)
    if not found:
        raise UsageError(
            f"{folder} has no template.",
            remedy=f"Write one with `jupyter zflow synth {folder}`, or name a notebook.",
        )
    machine = the_machine(found[0])
    stages = tuple(stage_names(read_definition(machine.definition)))
    return _Target(
        pipeline=machine.pipeline,
        place=folder.absolute(),
        definition=machine.definition,
        parameters=declared_parameters(machine.definition, folder),
        stages=stages,
    )


def _known_stage(name: str, stages: Sequence[str]) -> str:
    """Return the state of a stage that the author names."""
    from difflib import get_close_matches

    for stage in stages:
        if name in (stage, state_name(stage)):
            return state_name(stage)
    close = get_close_matches(name, stages, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"There is no stage {name!r}.{hint}", remedy=f"Stages: {', '.join(stages)}.")


def _execute(
    definition: str,
    bundle: Path,
    execution: ExecutionFolder,
    *,
    given: dict[str, Json],
    start: str | None,
    only: str | None,
    jobs: int,
    on_event: Observer,
) -> ExecutionResult:
    from jupyter_zflow.runner.local import RunSettings, run_local

    try:
        return run_local(
            definition,
            bundle=bundle,
            folder=execution.run,
            input=given,
            settings=RunSettings(start=start, only=only, jobs=jobs, name=execution.name),
            on_event=on_event,
        )
    except BaseException:
        # Nothing ran: leave no trace that a later --from could take for an execution.
        if not (execution.run / "events.jsonl").exists() or execution.continues is not None:
            shutil.rmtree(execution.path, ignore_errors=True)
        raise


def _leaving_notebooks(output_dir: Path | None, on_event: Observer) -> Observer:
    """Return an observer that also copies each executed notebook as soon as there is one."""
    if output_dir is None:
        return on_event
    try:
        output_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{output_dir} cannot be written: {error}.") from None

    def observe(event: dict[str, Any]) -> None:
        notebook = event.get("notebook")
        if event.get("event") == "stage_finished" and notebook:
            left = _left(notebook, output_dir)
            draft = left.with_name(f".{left.name}.part")
            shutil.copyfile(notebook, draft)
            draft.replace(left)
            event = {**event, "notebook": str(left)}
        on_event(event)

    return observe


def _left(notebook: str, output_dir: Path) -> Path:
    return output_dir / Path(notebook).name


def _stages(
    names: Sequence[str], result: ExecutionResult, output_dir: Path | None
) -> tuple[dict[str, Any], ...]:
    """Return how each stage ended, those that never began included."""
    runs = {stage.name: stage for stage in result.stages}
    return tuple(_stage(name, runs.get(state_name(name)), output_dir) for name in names)


def _stage(name: str, run: StageRun | None, output_dir: Path | None) -> dict[str, Any]:
    if run is None:
        blank = dict.fromkeys(("attempt", "seconds", "notebook", "error"))
        return {"name": name, "status": NOT_RUN, **blank, "outputs": {}, "metrics": {}}
    notebook = run.notebook
    if notebook is not None and output_dir is not None:
        notebook = str(_left(notebook, output_dir))
    return {
        "name": name,
        "status": run.status,
        "attempt": run.attempt,
        "seconds": run.seconds,
        "notebook": notebook,
        "error": run.error,
        "outputs": run.outputs,
        "metrics": run.metrics,
    }
