"""The differences of two versions, each a fact that an author or a reviewer can judge."""

from __future__ import annotations

import difflib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.changes.facts import Facts, PipelineFacts
from jupyter_zflow.model.names import state_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jupyter_zflow.changes.machine import StageFacts

Kind = Literal["added", "removed", "changed"]
Area = Literal[
    "pipeline",
    "stage",
    "compute",
    "setting",
    "order",
    "cell",
    "code",
    "parameter",
    "schedule",
    "permission",
    "resource",
]
_OURS = {"zflow-load": "what it loads", "zflow-save": "what it hands on"}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    kind: Kind
    area: Area
    name: str
    """What it is about: a stage, a field, a file, a permission."""
    before: Any = None
    after: Any = None
    pipeline: str = ""
    stage: str = ""
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the change as JSON."""
        return asdict(self)


def compare(before: Facts, now: Facts) -> tuple[Change, ...]:
    """Return what changed, in the order in which an author thinks of it: stage by stage."""
    stages = [
        (name, stage)
        for facts in (now, before)
        for name, pipeline in facts.pipelines.items()
        for stage in pipeline.stages
    ]
    place = {stage: number for number, stage in reversed(list(enumerate(stages)))}
    changes = (
        *_pipelines(before, now),
        *_files(before, now),
        *_mapping("parameter", before.settings, now.settings, detail="of the stack"),
        *_permissions(before, now),
        *_resources(before, now),
    )
    return tuple(
        sorted(
            changes, key=lambda c: place.get((c.pipeline, c.stage), -1 if c.stage else len(place))
        )
    )


def _pipelines(before: Facts, now: Facts) -> Iterator[Change]:
    for name in _names(before.pipelines, now.pipelines):
        old, new = before.pipelines.get(name), now.pipelines.get(name)
        if old is None or new is None:
            yield Change("added" if old is None else "removed", "pipeline", name, pipeline=name)
        yield from _pipeline(name, old or PipelineFacts(), new or PipelineFacts())


def _pipeline(name: str, old: PipelineFacts, new: PipelineFacts) -> Iterator[Change]:
    for stage in _names(old.stages, new.stages):
        yield from _stage(name, stage, old.stages.get(stage), new.stages.get(stage))
    yield from _mapping("parameter", old.parameters, new.parameters, pipeline=name)
    if old.schedule != new.schedule:
        kind: Kind = "changed"
        if not old.schedule or not new.schedule:
            kind = "removed" if old.schedule else "added"
        yield Change(
            kind, "schedule", "schedule", _when(old.schedule), _when(new.schedule), pipeline=name
        )


def _stage(
    pipeline: str, name: str, old: StageFacts | None, new: StageFacts | None
) -> Iterator[Change]:
    known = new or old
    assert known is not None
    if old is None or new is None:
        what = [
            known.kind,
            *(str(known.compute[k]) for k in ("instance type",) if k in known.compute),
        ]
        kind: Kind = "added" if old is None else "removed"
        yield Change(
            kind, "stage", name, pipeline=pipeline, stage=name, detail=", ".join(filter(None, what))
        )
        return
    if old.kind != new.kind:
        yield Change("changed", "stage", "kind", old.kind, new.kind, pipeline, name)
    yield from _mapping("compute", old.compute, new.compute, pipeline=pipeline, stage=name)
    yield from _mapping("setting", old.settings, new.settings, pipeline=pipeline, stage=name)
    if old.within != new.within:
        yield Change("changed", "order", "runs", list(old.within), list(new.within), pipeline, name)
    if old.after != new.after:
        yield Change("changed", "order", "after", list(old.after), list(new.after), pipeline, name)


def _mapping(
    area: Area,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    pipeline: str = "",
    stage: str = "",
    detail: str = "",
    silent: bool = False,
) -> Iterator[Change]:
    """Yield a change for each key.

    Parameters
    ----------
    silent
        Leave the values out, because they are long.
    """
    for name in _names(old, new):
        if name in old and name in new and _same(old[name], new[name]):
            continue
        kind: Kind = "changed" if name in old and name in new else "added"
        kind = "removed" if name not in new else kind
        values = (None, None) if silent else (old.get(name), new.get(name))
        yield Change(kind, area, name, *values, pipeline, stage, detail)


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _when(schedule: Mapping[str, Any]) -> str | None:
    if not schedule:
        return None
    given = "" if schedule.get("input") in (None, "{}") else f", input {schedule['input']}"
    return f"{schedule['expression']} ({schedule['timezone']}){given}"


def _resources(before: Facts, now: Facts) -> Iterator[Change]:
    """Yield changes of further resources, but for those that come or go with their pipeline."""
    for change in _mapping("resource", before.others, now.others, silent=True):
        if change.kind == "changed" or not change.name.startswith("StateMachine "):
            yield change


def _permissions(before: Facts, now: Facts) -> Iterator[Change]:
    for whose in _names(before.permissions, now.permissions):
        old = before.permissions.get(whose, frozenset())
        new = now.permissions.get(whose, frozenset())
        for line in sorted(old - new):
            yield Change("removed", "permission", line, detail=whose)
        for line in sorted(new - old):
            yield Change("added", "permission", line, detail=whose)


def _files(before: Facts, now: Facts) -> Iterator[Change]:
    """Yield changes of the code: cell by cell where both versions are at hand."""
    if not before.digests or not now.digests:
        return
    homes = {
        state_name(stage): (name, stage)
        for facts in (before, now)
        for name, pipeline in facts.pipelines.items()
        for stage in pipeline.stages
    }
    library = False
    for path in _names(before.digests, now.digests):
        old, new = before.digests.get(path), now.digests.get(path)
        if old == new:
            continue
        part, _, rest = path.partition("/")
        if part == "lib":
            library = True
            continue
        pipeline, stage = homes.get(rest.rpartition(".")[0], ("", ""))
        if part not in {"stages", "requirements"}:
            pipeline = stage = ""
        kind: Kind = "changed" if old and new else "added" if new else "removed"
        if (kind != "changed" and stage) or _is_new(stage, before, now):
            continue  # the stage itself is new or gone
        texts = before.texts.get(path), now.texts.get(path)
        if texts[0] is None or texts[1] is None:
            yield Change(kind, "code", path, pipeline=pipeline, stage=stage)
        elif part == "stages":
            yield from _cells(texts[0], texts[1], pipeline, stage)
        else:
            yield from _lines(path, texts[0], texts[1], pipeline, stage)
    if library and any(path.startswith("lib/") for path in before.digests):
        yield Change("changed", "code", "the runtime of jupyter-zflow")


def _is_new(stage: str, before: Facts, now: Facts) -> bool:
    places = [[s for p in facts.pipelines.values() for s in p.stages] for facts in (before, now)]
    return bool(stage) and any(stage not in place for place in places)


def _cells(old: str, new: str, pipeline: str, stage: str) -> Iterator[Change]:
    """Yield the cells of a stage that differ, the author's by their number in the notebook."""
    cells_before, cells_now = _read_cells(old), _read_cells(new)
    told = False
    for own_id in _names(cells_before, cells_now):
        number_before, source_before = cells_before.get(own_id, (None, ""))
        number_now, source_now = cells_now.get(own_id, (None, ""))
        if own_id in cells_before and own_id in cells_now and source_before == source_now:
            continue
        kind: Kind = "changed"
        if own_id not in cells_before or own_id not in cells_now:
            kind = "added" if own_id in cells_now else "removed"
        number = number_now if number_now is not None else number_before
        name = _OURS.get(own_id.rstrip("-"), "") if number is None else f"cell {number + 1}"
        told = True
        yield Change(
            kind,
            "cell",
            name or own_id,
            source_before or None,
            source_now or None,
            pipeline,
            stage,
            _counted(source_before, source_now),
        )
    if not told:
        yield Change("changed", "code", "settings of the notebook", None, None, pipeline, stage)


def _read_cells(text: str) -> dict[str, tuple[int | None, str]]:
    try:
        return {
            str(cell.get("id", place)): (
                cell.get("metadata", {}).get("zflow", {}).get("cell"),
                "".join(cell.get("source", ())),
            )
            for place, cell in enumerate(json.loads(text)["cells"])
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return {"": (None, text)}


def _lines(path: str, old: str, new: str, pipeline: str, stage: str) -> Iterator[Change]:
    """Yield what changed in a stage's requirements, one for each package."""
    pins_before, pins_now = _pins(old), _pins(new)
    for package in _names(pins_before, pins_now):
        values = pins_before.get(package), pins_now.get(package)
        if values[0] == values[1]:
            continue
        kind: Kind = "changed" if values[0] and values[1] else "added" if values[1] else "removed"
        yield Change(kind, "code", f"package {package}", *values, pipeline, stage, path)


def _pins(text: str) -> dict[str, str]:
    lines = (line.strip() for line in text.splitlines())
    pairs = (line.partition("==") for line in lines if line and line[0] != "#")
    return {name: version or "any" for name, _, version in pairs}


def _counted(old: str, new: str) -> str:
    marks = [line[0] for line in difflib.ndiff(old.splitlines(), new.splitlines())]
    return f"+{marks.count('+')} -{marks.count('-')}"


def _names(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return the names of both, those of today first and in their order."""
    return list(dict.fromkeys([*new, *old]))
