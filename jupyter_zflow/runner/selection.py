"""``--from`` and ``--only``: which stages run, and which results of before are taken."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError
from jupyter_zflow.runner import definition
from jupyter_zflow.runtime.source import source_digest
from jupyter_zflow.runtime.stage import RESULT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_zflow.runner.definition import Machine, State


@dataclass(frozen=True)
class Selection:
    """What a run does with the stages."""

    reuse: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()


def stage_names(machine: Machine) -> list[str]:
    """Return the stages of a definition, in the order in which it names them."""
    found: list[str] = []
    for name, state in machine["States"].items():
        if _starts_stage(state) and name not in found:
            found.append(name)
        else:
            found += [inside for part in definition.inner(state) for inside in stage_names(part)]
    return found


def select(
    machine: Machine, *, bundle: Path, folder: Path, start: str | None, only: str | None
) -> Selection:
    """Return what to re-use and what to leave out.

    Raises
    ------
    UsageError
        There is no such stage, or what it needs from before is missing or out of date.
    """
    wanted = start or only
    if wanted is None:
        return Selection()
    names = stage_names(machine)
    if start and only:
        raise UsageError("--from and --only cannot be used together.")
    if wanted not in names:
        raise UsageError(f"there is no stage {wanted!r}.", remedy=f"Stages: {', '.join(names)}.")
    after = set(_after(machine, wanted))
    before = {name for name in names if wanted in _after(machine, name)}
    for name in sorted(before, key=names.index):
        _check_usable(name, bundle=bundle, folder=folder)
    others = [name for name in names if name != wanted and name not in before | after]
    if only:
        return Selection(frozenset(before), frozenset({*others, *after}))
    usable = {name for name in others if _succeeded(folder, name)}
    return Selection(frozenset(before | usable))


def _starts_stage(state: State) -> bool:
    """Return whether the state is a stage, as the command line in it tells."""
    if state["Type"] == "Task":
        arguments = state.get("Arguments", {})
        program = arguments.get("AppSpecification") or arguments.get("AlgorithmSpecification") or {}
        return (
            "ContainerArguments" in program
            or "TransformJobName" in arguments
            or ({"bundle", "stage", "execution", "attempt"} <= arguments.keys())
        )
    if state["Type"] == "Parallel" and len(state["Branches"]) == 1:
        inside = state["Branches"][0]["States"].values()
        return any(one.get("Resource", "").endswith("http:invoke") for one in inside)
    return False


def _after(machine: Machine, stage: str) -> Iterator[str]:
    """Yield the stages that the machine reaches after a stage has ended."""
    states = machine["States"]
    for name, state in states.items():
        inside = [part for part in definition.inner(state) if not _starts_stage(state)]
        holding = [part for part in inside if stage in stage_names(part)]
        if name != stage and not holding:
            continue
        for part in holding:
            yield from _after(part, stage)
        for later in _reached(states, name):
            yield from stage_names({"States": {later: states[later]}})


def _reached(states: dict[str, State], name: str) -> Iterator[str]:
    seen = {name}
    waiting = list(definition.successors(states[name]))
    while waiting:
        following = waiting.pop()
        if following not in seen:
            seen.add(following)
            yield following
            waiting += definition.successors(states[following])


def _succeeded(folder: Path, stage: str) -> bool:
    try:
        result = json.loads((folder / stage / RESULT).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return False
    return bool(result["status"] == "SUCCEEDED")


def _check_usable(stage: str, *, bundle: Path, folder: Path) -> None:
    remedy = f"Run the whole pipeline, or use --from {stage!r}."
    if not _succeeded(folder, stage):
        message = f"stage {stage!r}, which comes before, has not succeeded in {folder}."
        raise UsageError(message, remedy=remedy)
    result = json.loads((folder / stage / RESULT).read_text(encoding="utf-8"))
    notebook = bundle / "stages" / f"{stage}.ipynb"
    if notebook.exists() and result.get("source") not in {None, source_digest(notebook)}:
        message = f"stage {stage!r}, which comes before, has changed since it ran."
        raise UsageError(message, remedy=remedy)
