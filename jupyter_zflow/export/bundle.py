"""What a run needs: stage notebooks, requirements and the author's files.

A bundle is a mapping of relative paths to contents; writing it is all that is left to do.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.pipeline import notebook_path
from jupyter_zflow.export.files import travelling
from jupyter_zflow.export.notebooks import stage_notebook
from jupyter_zflow.export.requirements import Environment, ThisEnvironment, requirements
from jupyter_zflow.model.names import state_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.model.finding import Finding
    from jupyter_zflow.notebook.document import NotebookDocument

Content = str | Path
"""Text, or a file to copy."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a run by their path, and what is wrong with them."""

    files: Mapping[str, Content]
    findings: tuple[Finding, ...] = ()


def build_bundle(
    document: NotebookDocument, analysis: Analysis, *, environment: Environment | None = None
) -> Bundle:
    """Return all that the stages of a notebook need to run."""
    folder = (document.path or Path("notebook.ipynb")).absolute().parent
    files: dict[str, Content] = {}
    findings: list[Finding] = []
    pinned, found = requirements(analysis, environment=environment or ThisEnvironment())
    findings += found
    for stage in analysis.stages:
        own, found = travelling(stage, folder)
        findings += found
        files[notebook_path(stage.name)] = stage_notebook(
            document, analysis, stage, files=tuple(own)
        )
        files[f"requirements/{state_name(stage.name)}.txt"] = pinned[stage.name]
        files |= {f"files/{path}": file for path, file in own.items()}
    return Bundle(files, tuple(dict.fromkeys(findings)))


def write_files(files: Mapping[str, Content], folder: Path) -> None:
    """Write a bundle's files into a folder that nobody else looks at yet."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copy(content, target)
        else:
            target.write_text(content, encoding="utf-8", newline="\n")
