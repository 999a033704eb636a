"""The two cells around the user's: load before, save after."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.artifacts.store import open_store
from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.model.names import state_name
from jupyter_zflow.runtime import context, files, items, states, watch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jupyter_zflow.artifacts.manifest import Manifest
    from jupyter_zflow.artifacts.store import Store

OUTPUTS = "outputs.json"
_OUTPUT_LIMIT = 16_384
"""Characters of JSON that one variable may take in the result."""
_TYPES = ("type", "ABCMeta", "EnumType", "EnumMeta", "function")

_laid: dict[str, tuple[int, int]] = {}
"""Files that earlier stages wrote and that were laid here, as they were then."""


def load_all(
    variables: Mapping[str, Iterable[str]],
    wanted_states: Mapping[str, Iterable[str]],
    file_stages: tuple[str, ...],
) -> None:
    """Bring what earlier stages left into this kernel."""
    try:
        _load(
            {stage: tuple(names) for stage, names in variables.items()},
            {stage: tuple(kinds) for stage, kinds in wanted_states.items()},
            file_stages,
        )
    except ArtifactError as error:
        raise plainly(error) from None


def save_all(
    names: tuple[str, ...], kinds: tuple[str, ...], *, files: bool, everything: bool
) -> None:
    """Keep what later stages need of this kernel."""
    try:
        _save(names, kinds, with_files=files, everything=everything)
    except ArtifactError as error:
        raise plainly(error) from None


def _load(
    variables: dict[str, tuple[str, ...]],
    wanted_states: dict[str, tuple[str, ...]],
    file_stages: tuple[str, ...],
) -> None:
    stage = context.current()
    context.baseline()
    store = open_store(stage.execution)
    variables = _load_gathered(store, stage.workdir, variables)
    manifests: dict[str, Manifest] = {}
    for name in [*file_stages, *variables, *wanted_states]:
        if name not in manifests:
            manifests[name] = manifest.read(store, state_name(name))
    workdir = Path(stage.workdir)
    before = files.listing(workdir) if file_stages else {}
    for name in file_stages:
        files.lay(manifests[name].files, workdir, store)
    if file_stages:
        after = files.listing(workdir)
        _laid.update({path: stat for path, stat in after.items() if before.get(path) != stat})
        for path in before.keys() - after.keys():
            _laid[path] = (-2, 0)
        note = json.dumps(_laid, separators=(",", ":"))
        (Path(stage.scratch) / files.LAID).write_text(note, encoding="utf-8")
    _load_values(store, stage.workdir, manifests, variables, wanted_states)


def _load_gathered(
    store: Store, workdir: str, variables: dict[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Bind what stages left that ran for each item; return what is left to load."""
    left = {}
    for name, names in variables.items():
        found = items.read(store, state_name(name))
        if found is None:
            left[name] = names
        else:
            values = items.gathered(found, store, state_name(name), names, workdir=workdir)
            sys.modules["__main__"].__dict__.update(values)
    return left


def _load_values(
    store: Store,
    workdir: str,
    manifests: dict[str, Manifest],
    variables: dict[str, tuple[str, ...]],
    wanted_states: dict[str, tuple[str, ...]],
) -> None:
    names_of = {
        stage: tuple(manifests[stage].variables) if "*" in names else names
        for stage, names in variables.items()
    }
    jobs: list[tuple[bool, str, str]] = []
    for stage in dict.fromkeys([*variables, *wanted_states]):
        described = manifests[stage]
        names = names_of.get(stage, ())
        for digest in exchange.plan(described, names, wanted_states.get(stage, ())):
            # Definitions that were asked for come last, so that they decide over the copies
            # that other values bring along.
            defines = any(
                described.variables[name].type.endswith(_TYPES)
                for name in names
                if name in described.variables and described.variables[name].group == digest
            )
            jobs.append((defines, stage, digest))
    asked = {name for names in names_of.values() for name in names}
    loaded: dict[tuple[str, str], dict[str, Any]] = {}
    with exchange.expecting(asked):
        for _, stage, digest in sorted(jobs, key=lambda job: job[0]):
            loaded[stage, digest] = exchange.load_group(
                manifests[stage], digest, store, workdir=workdir
            )
    names_here = sys.modules["__main__"].__dict__
    # All that one stage saved comes first: what is loaded by name was bound after it.
    for stage in sorted(names_of, key=lambda stage: "*" not in variables[stage]):
        for name in names_of[stage]:
            variable = manifests[stage].variables.get(name)
            if variable is None:
                names_here.pop(name, None)
            else:
                names_here[name] = loaded[stage, variable.group][name]
    for stage, kinds in wanted_states.items():
        for kind in kinds:
            values = loaded[stage, manifests[stage].states[kind]]
            states.restore(kind, values[_key(kind)])


def _save(
    names: tuple[str, ...], kinds: tuple[str, ...], *, with_files: bool, everything: bool
) -> None:
    stage = context.current()
    store = open_store(stage.execution)
    names_here = sys.modules["__main__"].__dict__
    wanted = dict.fromkeys([*names, *(own_names(names_here) if everything else ())])
    values = {name: names_here[name] for name in wanted if name in names_here}
    captured = {_key(kind): states.capture(kind) for kind in kinds}
    saved, stored, refused = exchange.save_variables({**values, **captured}, store, stage.state)
    for name, reason in refused.items():
        if name in captured:
            kind = name.removeprefix("state ")
            raise ArtifactError(
                f"the state {kind!r} of stage {stage.stage!r} cannot leave its process: {reason}.",
                remedy="Set it in a setup cell, or merge the stages.",
            )
        if name in names:
            described = exchange.type_name(names_here[name])
            raise exchange.refusal(name, described, stage.stage, reason)
    written: tuple[manifest.StoredFile, ...] = ()
    if with_files:
        changed, gone = _changed_files(stage)
        written = files.store_files(Path(stage.workdir), changed, gone, store, stage.state)
    result = manifest.Manifest(
        stage=stage.stage,
        workdir=stage.workdir,
        variables={name: variable for name, variable in saved.items() if name in values},
        groups=stored,
        absent=tuple(name for name in names if name not in names_here),
        refused=refused,
        everything=everything,
        states={kind: saved[_key(kind)].group for kind in kinds},
        files=written,
    )
    store.write(f"{stage.state}/{manifest.FILE}", result.to_json().encode())
    outputs = {name: value for name, value in values.items() if _is_output(value)}
    text = json.dumps(outputs, default=_number, separators=(",", ":"))
    (Path(stage.scratch) / OUTPUTS).write_text(text, encoding="utf-8")


def _changed_files(stage: context.Context) -> tuple[list[str], list[str]]:
    watch.flush()
    before = {**stage.inputs, **_laid}
    before = {path: stat for path, stat in before.items() if stat != (-2, 0)}
    outside = watch.written_outside(stage.workdir)
    changed, gone = files.changes(Path(stage.workdir), before, outside)
    return changed, [*gone, *watch.removed_outside(stage.workdir)]


def own_names(names_here: dict[str, Any]) -> list[str]:
    """Return the user's own names: not IPython's, not the history's."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    hidden = set() if shell is None else set(shell.user_ns_hidden)
    return [
        name
        for name in names_here
        if name not in hidden and not (name.startswith("__") and name.endswith("__"))
        and name != "_zflow" and not _is_history(name)
    ]  # fmt: skip


def _is_history(name: str) -> bool:
    return name in {"_", "_i", "__", "___", "_ii", "_iii", "_ih", "_oh", "_dh", "In", "Out"} or (
        name.startswith("_") and name.lstrip("_i").isdigit()
    )


def _key(kind: str) -> str:
    return f"state {kind}"


def _is_output(value: object) -> bool:
    """Return whether conditions and loops of the state machine can use the value."""
    if not isinstance(value, (str, int, float, bool, list, dict, type(None))):
        return hasattr(value, "item") and type(value).__module__ == "numpy" and _fits(value)
    return _fits(value)


def _fits(value: object) -> bool:
    if isinstance(value, float) and not math.isfinite(value):
        return False
    if isinstance(value, (str, list, dict)) and len(value) > _OUTPUT_LIMIT:
        return False
    try:
        return len(json.dumps(value, default=_number, allow_nan=False)) <= _OUTPUT_LIMIT
    except (TypeError, ValueError, RecursionError):
        return False


def _number(value: Any) -> Any:
    if getattr(value, "shape", None) == () and type(value).__module__ == "numpy":
        return value.item()
    raise TypeError


def plainly(error: ArtifactError) -> ArtifactError:
    """Return the error so that IPython shows its message and none of our frames."""

    class PlainArtifactError(ArtifactError):
        def _render_traceback_(self) -> list[str]:
            return [f"ArtifactError: {self}"]

    PlainArtifactError.__name__ = PlainArtifactError.__qualname__ = "ArtifactError"
    PlainArtifactError.__module__ = ArtifactError.__module__
    return PlainArtifactError(error.message, remedy=error.remedy)
