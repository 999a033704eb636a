"""``check``: analyse a notebook and say what its pipeline would be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.observed import described
from jupyter_zflow.actions.prepare import Prepared, prepare
from jupyter_zflow.notebook.document import read

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What is known about a notebook without running it."""

    prepared: Prepared

    @property
    def analysis(self) -> Analysis:
        """The stages and what flows between them."""
        return self.prepared.analysis

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, those of the state machine included."""
        return self.prepared.findings

    @property
    def refused(self) -> bool:
        """Whether there are errors."""
        return self.prepared.refused

    def graph(self) -> str:
        """Return the pipeline as a Mermaid graph; empty when there is none."""
        from jupyter_zflow.export.graph import mermaid

        return "" if self.prepared.pipeline is None else mermaid(self.prepared.pipeline)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        from jupyter_zflow.synth.checks.budgets import DEFINITION

        definition = self.prepared.definition
        return {
            "pipeline": self.analysis.name,
            "refused": self.refused,
            "findings": [finding.model_dump() for finding in self.findings],
            "stages": [self._stage(stage) for stage in self.analysis.stages],
            "edges": described(self.analysis.edges, self.analysis),
            "relieved": [edge.model_dump() for edge in self.analysis.relieved],
            "links": self._links(),
            "parameters": [parameter.model_dump() for parameter in self.analysis.parameters],
            "parameters_cell": self.analysis.parameters_cell,
            "settings": self.analysis.settings.model_dump(exclude_unset=True),
            "size": {
                "definition": None if definition is None else len(definition.encode()),
                "limit": DEFINITION,
            },
        }

    def _links(self) -> list[dict[str, Any]]:
        """Return the edges, one entry for each producer, consumer and kind."""
        names: dict[tuple[str, str, str], dict[str, None]] = {}
        for edge in self.analysis.edges:
            found = names.setdefault((edge.producer, edge.consumer, edge.kind), {})
            if edge.name:
                found[edge.name] = None
        return [
            {"producer": producer, "consumer": consumer, "kind": kind, "names": list(found)}
            for (producer, consumer, kind), found in names.items()
        ]

    def _stage(self, stage: AnalysedStage) -> dict[str, Any]:
        content: dict[str, Any] = {
            "name": stage.name,
            "cells": list(stage.cells),
            "replays": list(stage.replays),
            "reads": list(stage.reads),
            "writes": list(stage.writes),
            "saves": list(stage.saves),
            "after": list(stage.after),
            "relies": [found.model_dump() for found in stage.relies],
            "settings": stage.settings.model_dump(exclude_unset=True),
        }
        if self.prepared.pipeline is not None:
            made = self.prepared.pipeline.stage(stage.name)
            content |= {"kind": made.kind, "compute": made.compute.model_dump(exclude_none=True)}
        return content


def check(path: Path) -> CheckResult:
    """Analyse a notebook file."""
    return check_document(read(path))


def check_document(document: NotebookDocument) -> CheckResult:
    """Analyse a notebook that was read already, saved or not."""
    return CheckResult(prepare(document))
