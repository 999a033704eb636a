"""The way that all actions share: notebook -> analysis -> pipeline -> state machine.

Each form is judged before the next one is made. What a later form refuses becomes a finding,
too, so the author sees everything at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.actions.observed import read_observed
from jupyter_zflow.actions.rules import NO_PIPELINE, RULES
from jupyter_zflow.errors import RefusedError, ZflowError
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.notebook.document import NotebookDocument


@dataclass(frozen=True, slots=True)
class Prepared:
    """A notebook in all its forms; the later ones are missing when there are errors."""

    document: NotebookDocument
    analysis: Analysis
    findings: tuple[Finding, ...]
    pipeline: Pipeline | None = None
    definition: str | None = None

    @property
    def refused(self) -> bool:
        """Whether an error stops everything that follows."""
        return any(finding.severity == "error" for finding in self.findings)


def prepare(document: NotebookDocument, *, observed: bool = True) -> Prepared:
    """Analyse a notebook and derive its state machine, collecting all findings.

    Parameters
    ----------
    observed
        Use what earlier runs showed.
    """
    from jupyter_zflow.analysis import analyse
    from jupyter_zflow.analysis.observed import NOTHING
    from jupyter_zflow.analysis.pipeline import to_pipeline
    from jupyter_zflow.synth import definition_text

    analysis = analyse(document, read_observed(document) if observed else NOTHING)
    if analysis.errors:
        return Prepared(document, analysis, analysis.findings)
    try:
        pipeline = to_pipeline(analysis)
        definition = definition_text(pipeline)
    except ZflowError as error:
        found = Finding(
            code=NO_PIPELINE,
            severity=RULES[NO_PIPELINE].severity,
            message=error.message,
            remedy=error.remedy,
        )
        return Prepared(document, analysis, (*analysis.findings, found))
    return Prepared(document, analysis, analysis.findings, pipeline, definition)


def accepted(prepared: Prepared) -> tuple[Pipeline, str]:
    """Return pipeline and definition.

    Raises
    ------
    RefusedError
        When there are findings of severity error.
    """
    if prepared.refused or prepared.pipeline is None or prepared.definition is None:
        raise RefusedError(prepared.findings)
    return prepared.pipeline, prepared.definition
