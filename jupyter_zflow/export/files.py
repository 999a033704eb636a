"""The author's own files that travel: declared inputs and local modules.

They keep their paths relative to the notebook, below ``files/``, so that the stage finds them
where the notebook found them.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jupyter_zflow.export.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jupyter_zflow.model.analysis import AnalysedStage
    from jupyter_zflow.model.finding import Finding

_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", ".git"}


def travelling(stage: AnalysedStage, folder: Path) -> tuple[dict[str, Path], tuple[Finding, ...]]:
    """Return the stage's files as path below ``files/`` -> file here."""
    found: dict[str, Path] = {}
    findings: list[Finding] = []
    for path in (*stage.inputs, *stage.modules):
        if not _inside(path):
            findings.append(
                finding(
                    "ZF403",
                    f"stage {stage.name!r} needs {path!r}, which is outside the notebook's folder.",
                    remedy="Copy it beside the notebook, or read it from a source.",
                )
            )
            continue
        here = folder / path
        if not here.exists():
            findings.append(
                finding(
                    "ZF402",
                    f"stage {stage.name!r} needs {path!r}, which is not beside the notebook.",
                    remedy=f"Put it into {folder}.",
                )
            )
        for file in _files(here):
            found[file.relative_to(folder).as_posix()] = file
    return dict(sorted(found.items())), tuple(findings)


def _inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts


def _files(path: Path) -> Iterator[Path]:
    """Yield the file, or all files below the folder."""
    if path.is_file():
        yield path
    elif path.is_dir():
        for file in sorted(path.rglob("*")):
            if file.is_file() and not _skipped(file.relative_to(path).parts):
                yield file


def _skipped(parts: Sequence[str]) -> bool:
    return any(part in _LEFT_BEHIND for part in parts) or parts[-1].endswith(".pyc")
