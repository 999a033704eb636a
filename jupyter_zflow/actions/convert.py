"""``convert``: write a notebook or a pipeline of another tool in our words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.actions.output import check_free, write_text
from jupyter_zflow.errors import NotebookError, UsageError
from jupyter_zflow.notebook.document import read

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_zflow.convert.report import Entry
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding

Tool = Literal["kale", "soorgeon", "elyra"]


@dataclass(frozen=True, slots=True)
class ConvertResult:
    """What was written, what has no counterpart, and what ``check`` says about it."""

    tool: Tool
    written: Path
    """The notebook, or the pipeline folder."""
    analysis: Analysis
    report: tuple[Entry, ...]
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> bool:
        """Whether the result has errors; it is written all the same, so that they can be mended."""
        return any(finding.severity == "error" for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON."""
        return {
            "from": self.tool,
            "written": str(self.written),
            "pipeline": self.analysis.name,
            "stages": [
                {"name": stage.name, "cells": list(stage.cells), "after": list(stage.after)}
                for stage in self.analysis.stages
            ],
            "report": [entry.to_json() for entry in self.report],
            "findings": [finding.model_dump() for finding in self.findings],
        }


def convert(
    source: Path, *, tool: Tool, output: Path | None = None, force: bool = False
) -> ConvertResult:
    """Convert a file of another tool.

    Parameters
    ----------
    output
        What to write; by default a notebook named ``NAME-zflow.ipynb`` beside the source, or a
        pipeline folder named like the pipeline.
    force
        Overwrite what is there.

    Raises
    ------
    NotebookError
        When the source cannot be read, or is not of that tool.
    ConflictError
        When something is there already.
    """
    if tool == "elyra":
        from jupyter_zflow.actions.convert_pipeline import convert_pipeline

        return convert_pipeline(source, output=output, force=force)
    target = output or source.with_name(f"{source.stem}-zflow.ipynb")
    _check_suffix(source, tool)
    read(source)  # says what is wrong with the file itself
    check_free(target, force=force)
    text = source.read_bytes().decode("utf-8-sig")
    if tool == "kale":
        from jupyter_zflow.convert.kale import from_kale as converter
    else:
        from jupyter_zflow.convert.soorgeon import from_soorgeon as converter
    made = converter(text, path=source, output=target)
    write_text(target, made.text)
    return ConvertResult(tool, target, made.analysis, made.entries, made.analysis.findings)


def _check_suffix(source: Path, tool: Tool) -> None:
    if source.suffix == ".pipeline":
        raise NotebookError(
            f"{source} is a pipeline of Elyra, not a notebook of {tool.capitalize()}.",
            remedy="Use --from elyra.",
        )
    if source.is_dir():
        raise UsageError(f"{source} is a folder, not a notebook.")
