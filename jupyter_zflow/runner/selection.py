"""``--from`` and ``--only``: which stages run, and which results of before are taken."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import UsageError
from jupyter_zflow.runner import definition
from jupyter_zflow.runtime import items
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


_SKIPPED = re.compile(
    r"""\{% \$merge\(\[\$states\.input, \{('[^']*'|"(?:[^"\\]|\\.)*"): 'skipped'\}\]\) %\}"""
)


def left_out(machine: Machine) -> dict[str, str]:
    """Return the states that leave a stage out, with the stage's name."""
    found: dict[str, str] = {}
    for name, state in machine["States"].items():
        noted = _SKIPPED.fullmatch(str(state.get("Output", "")))
        if state["Type"] == "Pass" and noted:
            text = noted[1]
            found[name] = text[1:-1] if text[0] == "'" else json.loads(text)
        for part in definition.inner(state):
            found |= left_out(part)
    return found


def without_guards(machine: Machine, stages: frozenset[str]) -> Machine:
    """Return the machine with nothing to decide before some stages, which are not run anyway.

    What their conditions and loops would read is not there.
    """
    states: dict[str, State] = dict(machine["States"])
    led: dict[str, str] = {}
    for stage in stages & states.keys():
        guards = _guards_of(stage, states)
        led |= dict.fromkeys(guards, stage)
        if states[stage]["Type"] == "Map":
            counted = dict.fromkeys(states[stage].get("Assign", {}), 0)
            looped = states[stage]
            link: State = {key: looped[key] for key in ("Next", "End") if key in looped}
            states[stage] = {"Type": "Pass", "Assign": counted, **link}
    for name in led:
        del states[name]
    kept = {name: _led(_inside(state, stages), led) for name, state in states.items()}
    return {**machine, "StartAt": led.get(machine["StartAt"], machine["StartAt"]), "States": kept}


def _inside(state: State, stages: frozenset[str]) -> State:
    if "Branches" not in state:
        return state
    return {**state, "Branches": [without_guards(part, stages) for part in state["Branches"]]}


def _led(state: State, led: dict[str, str]) -> State:
    """Return a state whose links lead past what was removed."""
    changed: State = {
        key: led.get(state[key], state[key]) for key in ("Next", "Default") if key in state
    }
    for key in ("Choices", "Catch"):
        if key in state:
            changed[key] = [_led(rule, led) for rule in state[key]]
    return {**state, **changed}


def _guards_of(stage: str, states: dict[str, State]) -> set[str]:
    """Return the states right before a stage that only decide whether and for what it runs."""
    found: set[str] = set()
    goals = {stage}
    while goals:
        before = {
            name
            for name, state in states.items()
            if name not in found and _is_guard(state) and goals & set(definition.successors(state))
        }
        found |= before
        goals = before
    return found


def _is_guard(state: State) -> bool:
    if state["Type"] == "Choice":
        return True
    key = str(state.get("Arguments", {}).get("Key", ""))
    return (state["Type"] == "Task" and "/result.json'" in key) or "/items.json'" in key


def _starts_stage(state: State) -> bool:
    """Return whether the state is a stage, as the command line in it tells."""
    if state["Type"] == "Map":
        return True
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
    failed = [run for run in _results(folder, stage) if run.get("status") != "SUCCEEDED"]
    return len(failed) <= int(_read(folder / stage / items.FILE).get("tolerated", 0))


def _results(folder: Path, stage: str) -> list[dict[str, Any]]:
    """Return what a stage left, once or for each item; an empty result where one is missing."""
    listed = _read(folder / stage / items.FILE)
    if not listed:
        return [_read(folder / stage / RESULT)]
    places = [items.place(stage, number) for number in range(len(listed["items"]))]
    return [_read(folder / place / RESULT) for place in places]


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return content


def _check_usable(stage: str, *, bundle: Path, folder: Path) -> None:
    remedy = f"Run the whole pipeline, or use --from {stage!r}."
    if not _succeeded(folder, stage):
        message = f"stage {stage!r}, which comes before, has not succeeded in {folder}."
        raise UsageError(message, remedy=remedy)
    notebook = bundle / "stages" / f"{stage}.ipynb"
    ran = {result.get("source") for result in _results(folder, stage)} - {None}
    if notebook.exists() and ran - {source_digest(notebook)}:
        message = f"stage {stage!r}, which comes before, has changed since it ran."
        raise UsageError(message, remedy=remedy)
