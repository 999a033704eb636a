"""The author's own files that travel: declared inputs and local modules.

They keep their paths relative to the notebook, below ``files/``, so that the stage finds them
where the notebook found them; for those above its folder see `jupyter_zflow.model.above`.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.reach import reach
from jupyter_zflow.export.rules import finding
from jupyter_zflow.model.above import levels, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jupyter_zflow.model.analysis import AnalysedStage
    from jupyter_zflow.model.finding import Finding

_LEFT_BEHIND = {"__pycache__", ".ipynb_checkpoints", ".git"}


def travelling(stage: AnalysedStage, folder: Path) -> tuple[dict[str, Path], tuple[Finding, ...]]:
    """Return the stage's files as path below ``files/`` -> file here."""
    found: dict[str, Path] = {}
    findings: list[Finding] = []
    for path in (*stage.inputs, *stage.modules):
        if not _inside(path) and (path[:1] == "/" or reach(folder, path).reason):
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
            below = file.relative_to(here).as_posix()
            found[stored(path if below == "." else f"{path}/{below}")] = file
    return dict(sorted(found.items())), tuple(findings)


def place_of(stages: Iterable[AnalysedStage], folder: Path) -> str:
    """Return the folders between the notebook and the highest one that a stage reads from.

    Stages work in folders of these names, so that a relative path leads where it led the author.
    """
    depth = max((levels(path) for stage in stages for path in stage.inputs), default=0)
    return "/".join(folder.parts[len(folder.parts) - depth :])


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
