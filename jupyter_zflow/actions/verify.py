"""``verify``: run straight and as stages, and compare."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.observed import keep_record
from jupyter_zflow.actions.prepare import accepted, prepare
from jupyter_zflow.errors import RefusedError, UsageError
from jupyter_zflow.notebook.document import read
from jupyter_zflow.notebook.parameters import parse_assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.stages import StageRun
    from jupyter_zflow.verify.verdict import Verification

    Observer = Callable[[dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What a verification found out."""

    analysis: Analysis
    found: Verification
    parameters: dict[str, Json]
    tolerance: float
    findings: tuple[Finding, ...]
    notebooks: dict[str, str]
    report: Path | None = None
    observed: Path | None = None
    """Where it is noted what the cells of the straight run did."""

    @property
    def equal(self) -> bool:
        """Whether the pipeline computes what the notebook computes."""
        return self.found.equal

    @property
    def aborted(self) -> bool:
        """Whether the user ended it."""
        return self.found.status == "ABORTED"

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        from jupyter_zflow.verify.failures import failure

        found = self.found
        return {
            "equal": found.equal,
            "verdict": found.word,
            "failure": failure(found) or None,
            "pipeline": self.analysis.name,
            "status": found.status,
            "straight": _run(found.straight),
            "stages": [_run(run) for run in found.stages],
            "variables": [row.to_json() for row in found.compared],
            "not_compared": [
                {"name": row.name, "stage": row.stage, "at": row.at, "detail": row.detail}
                for row in found.not_compared
            ],
            "outputs": [row.to_json() for row in found.outputs],
            "first_difference": None if found.cause is None else found.cause.to_json(),
            "straight_runs": 2 if found.again else 1,
            "notes": list(found.notes),
            "parameters": self.parameters,
            "tolerance": self.tolerance,
            "seconds": found.seconds,
            "notebooks": self.notebooks,
            "report": None if self.report is None else str(self.report),
            "observed": None if self.observed is None else str(self.observed),
            "findings": [finding.model_dump() for finding in self.findings],
        }


def verify(
    path: Path,
    *,
    assignments: Sequence[str] = (),
    tolerance: float = 0.0,
    jobs: int = 0,
    output_dir: Path | None = None,
    html: Path | None = None,
    observe: bool = False,
    on_event: Observer = lambda _event: None,
) -> VerifyResult:
    """Run a notebook straight and as isolated stages, and compare what they compute.

    Parameters
    ----------
    assignments
        ``name=value`` for each parameter that differs from its default.
    tolerance
        How far floats may be apart; 0 means that they are equal.
    output_dir
        Where the executed notebooks are left.
    html
        Where the report is written.
    observe
        Note beside the notebook what the cells of the straight run do.

    Raises
    ------
    RefusedError
        When the analysis found errors.
    ParameterError
        When a parameter is unknown or has the wrong type.
    UsageError
        When something cannot be written.
    """
    from jupyter_zflow.export.bundle import build_bundle
    from jupyter_zflow.synth import definition_text
    from jupyter_zflow.verify.report import write_report
    from jupyter_zflow.verify.session import Case, leave_notebooks
    from jupyter_zflow.verify.session import verify as run_and_compare

    # An earlier record may be out of date, and must not stand in the way of a new one.
    prepared = prepare(read(path), observed=not observe)
    pipeline, _ = accepted(prepared)
    # The notebook runs every cell once, whatever the conditions and loops of the pipeline say.
    pipeline = pipeline.unconditional()
    definition = definition_text(pipeline)
    bundle = build_bundle(prepared.document, prepared.analysis)
    findings = (*prepared.findings, *bundle.findings)
    if any(finding.severity == "error" for finding in bundle.findings):
        raise RefusedError(findings)
    given = dict(parse_assignment(text, pipeline.parameters) for text in assignments)
    case = Case(
        document=prepared.document,
        analysis=prepared.analysis,
        definition=definition,
        bundle=bundle,
        given=given,
        tolerance=tolerance,
        jobs=jobs,
        without=() if output_dir is None else (output_dir,),
    )
    _writable(html, output_dir)
    with tempfile.TemporaryDirectory(prefix="zflow-verify-", ignore_cleanup_errors=True) as scratch:
        if observe:
            case = replace(case, record=Path(scratch) / "observed.json")
        found = run_and_compare(case, Path(scratch), on_event=on_event)
        left = {} if output_dir is None else leave_notebooks(found, Path(scratch), output_dir)
        noted = None if case.record is None else keep_record(prepared.document, case.record)
    result = VerifyResult(
        analysis=prepared.analysis,
        found=found,
        parameters=case.parameters,
        tolerance=tolerance,
        findings=findings,
        notebooks=left,
        report=html,
        observed=noted,
    )
    if html is not None:
        write_report(html, found, prepared.analysis, parameters=case.parameters)
    return result


def _writable(*places: Path | None) -> None:
    """Find out before everything ran what could not be written afterwards."""
    for place in places:
        if place is None:
            continue
        parent = place.absolute().parent
        if not parent.is_dir():
            raise UsageError(f"{place} cannot be written: there is no folder {parent}.")


def _run(run: StageRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "name": run.name,
        "status": run.status,
        "seconds": run.seconds,
        "error": run.error,
    }
