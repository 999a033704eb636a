"""Which values of the two runs belong together.

At the end of a stage: what it binds, changes, takes and hands on, against the straight run at the
end of the stage's last cell. At the very end: every variable of the straight run, against the last
stage that writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jupyter_zflow.artifacts import manifest
from jupyter_zflow.artifacts.store import open_store
from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.model.names import state_name
from jupyter_zflow.runtime import snapshot
from jupyter_zflow.verify.notebooks import END, border, border_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_zflow.artifacts.manifest import Manifest
    from jupyter_zflow.model.analysis import AnalysedStage, Analysis

_UNSEEN = "no stage needs it, so none has it"


@dataclass(frozen=True, slots=True)
class Pair:
    """One comparison to be made, or the reason why it cannot be made."""

    name: str
    stage: str
    at: Literal["border", "end"]
    straight: str
    """Label of the straight run's snapshot."""
    isolated: str
    """Label of the stages' snapshot."""
    reason: str = ""


def pairs(analysis: Analysis, straight: Path, isolated: Path) -> tuple[Pair, ...]:
    """Return all comparisons, in the order of the notebook.

    Parameters
    ----------
    straight, isolated
        The folders of the two runs; what a run did not reach is left out.
    """
    found: list[Pair] = []
    stages = sorted(analysis.stages, key=lambda stage: max(stage.cells))
    theirs = {stage.name: _read(isolated, state_name(stage.name)) for stage in stages}
    for stage in stages:
        ours, its = _read(straight, border(stage.name)), theirs[stage.name]
        if ours is not None and its is not None:
            found += _at_border(stage, analysis, ours, its)
    end = _read(straight, END)
    if end is not None:
        found += _at_end(stages, end, theirs, {(pair.name, pair.stage) for pair in found}, straight)
    return tuple(found)


def _at_border(
    stage: AnalysedStage, analysis: Analysis, ours: Manifest, its: Manifest
) -> Iterator[Pair]:
    names = dict.fromkeys([*border_names(stage), *(_names(ours) if stage.saves_everything else ())])
    for name in names:
        mine, theirs = name in _names(ours), name in _names(its)
        if not mine and not theirs:
            continue
        if not theirs and name not in stage.saves:
            continue  # the stage could have bound it, and did not
        between = _between(stage, name, analysis)
        reason = f"stage {between!r} writes it between the cells of this stage" if between else ""
        yield Pair(name, stage.name, "border", border(stage.name), state_name(stage.name), reason)


def _at_end(
    stages: list[AnalysedStage],
    end: Manifest,
    theirs: dict[str, Manifest | None],
    done: set[tuple[str, str]],
    straight: Path,
) -> Iterator[Pair]:
    for name in _names(end):
        holders = [stage for stage in stages if (its := theirs[stage.name]) and name in _names(its)]
        writers = [stage for stage in holders if name in stage.writes]
        if not holders and any(its is None for its in theirs.values()):
            continue  # a stage that did not come to its end may have had it
        # Whoever should have bound it, when nobody did, is asked for it.
        should = [stage for stage in stages if name in stage.writes]
        homes = writers or holders or should
        if not homes:
            yield Pair(name, "", "end", END, "", _UNSEEN)
            continue
        home = homes[-1]
        if (name, home.name) in done and _unchanged(name, home, end, straight):
            continue
        yield Pair(name, home.name, "end", END, state_name(home.name))


def _unchanged(name: str, home: AnalysedStage, end: Manifest, straight: Path) -> bool:
    """Return whether the straight run ended with what it had where the stage ends."""
    before = _read(straight, border(home.name))
    one, other = end.variables.get(name), before.variables.get(name) if before else None
    return one is not None and other is not None and one.group == other.group


def _between(stage: AnalysedStage, name: str, analysis: Analysis) -> str | None:
    first, last = min(stage.cells), max(stage.cells)
    for other in analysis.stages:
        inside = any(first < cell < last for cell in other.cells)
        if other.name != stage.name and inside and name in other.writes:
            return other.name
    return None


def _names(found: Manifest) -> dict[str, None]:
    return dict.fromkeys([*found.variables, *found.refused])


def _read(run: Path, label: str) -> Manifest | None:
    try:
        return manifest.read(open_store(str(run / snapshot.FOLDER)), label)
    except ArtifactError:
        return None
