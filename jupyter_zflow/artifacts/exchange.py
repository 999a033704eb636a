"""Save variables below a stage's key, load them from there."""

from __future__ import annotations

import pickle
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import container, groups, namespace
from jupyter_zflow.artifacts.manifest import StoredGroup, Variable
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.artifacts.manifest import Manifest
    from jupyter_zflow.artifacts.store import Store

_PRIVATE = re.compile(r"zflow-[0-9a-f]{16}")


def save_variables(
    variables: Mapping[str, Any], store: Store, state: str
) -> tuple[dict[str, Variable], dict[str, StoredGroup], dict[str, str]]:
    """Store variables; return them, their containers, and the refused names with reasons."""
    packed = groups.pack(variables)
    saved: dict[str, Variable] = {}
    stored: dict[str, StoredGroup] = {}
    for group in packed.groups:
        digest, entry = _store_group(group, store, state)
        stored[digest] = entry
        for name in group.names:
            saved[name] = Variable(digest, type_name(variables[name]), entry.size)
    return saved, stored, packed.refused


def _store_group(group: groups.Group, store: Store, state: str) -> tuple[str, StoredGroup]:
    folder = Path(store.uri) / state if Path(store.uri).is_dir() else None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".part-") as scratch:
        path = Path(scratch) / "container"
        written = container.write(path, group.payload, group.buffers)
        key = f"{state}/artifacts/{written.digest}.zf"
        if not store.exists(key):
            store.put(path, key)
    return written.digest, StoredGroup(key, written.size, group.names, store.stamp(key))


def load_group(manifest: Manifest, digest: str, store: Store, *, workdir: str = "") -> Any:
    """Load a container that the manifest lists.

    Parameters
    ----------
    workdir
        The working directory of this stage; paths into the producing stage's working directory
        are moved here. Empty: paths stay what they were.

    Raises
    ------
    ArtifactError
        The container is not listed, missing or damaged, or its values cannot be rebuilt.
    """
    entry = manifest.groups.get(digest)
    if entry is None:
        raise ArtifactError(f"the manifest of stage {manifest.stage!r} lists no {digest}.")
    opened = container.open_container(store.fetch(entry.key), digest, stamp=entry.stamp)
    payload: Any = opened.payload
    if workdir and manifest.workdir and workdir != manifest.workdir:
        payload = _moved(payload, manifest.workdir, workdir)
    try:
        # The digest was listed by the execution itself and has just been checked.
        return pickle.loads(payload, buffers=opened.buffers)
    except Exception as error:
        names = ", ".join(entry.names)
        raise ArtifactError(
            f"cannot rebuild {names} of stage {manifest.stage!r}: {type(error).__name__}: {error}.",
            remedy="Is everything installed that the stage had when it saved them?",
        ) from error


def plan(manifest: Manifest, names: tuple[str, ...], states: tuple[str, ...]) -> list[str]:
    """Return the digests of the containers that hold the names and states.

    Raises
    ------
    ArtifactError
        A name was refused or never saved, or a state was not captured.
    """
    digests: dict[str, None] = {}
    for name in names:
        variable = manifest.variables.get(name)
        if variable is not None:
            digests[variable.group] = None
        elif name in manifest.refused:
            raise refusal(name, "", manifest.stage, manifest.refused[name])
        elif name not in manifest.absent and not manifest.everything:
            raise ArtifactError(
                f"stage {manifest.stage!r} did not save a variable {name!r}.",
                remedy="Export the notebook again.",
            )
    for kind in states:
        if kind not in manifest.states:
            raise ArtifactError(
                f"stage {manifest.stage!r} did not save the state {kind!r}.",
                remedy="Export the notebook again.",
            )
        digests[manifest.states[kind]] = None
    return list(digests)


@contextmanager
def expecting(names: set[str]) -> Iterator[None]:
    """Let stored definitions of these names decide over what this kernel defined itself."""
    namespace.expect(names)
    try:
        yield
    finally:
        namespace.expect(set())


def refusal(name: str, kind: str, stage: str, reason: str) -> ArtifactError:
    """Return the error for a variable that cannot leave its process."""
    described = f"{name!r} ({kind})" if kind else repr(name)
    return ArtifactError(
        f"variable {described} of stage {stage!r} cannot leave its process: {reason}.",
        remedy="Create it in a setup cell, or merge the stages.",
    )


def type_name(value: object) -> str:
    """Return the type as a person would write it."""
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    return (
        kind.__qualname__ if module in {"builtins", "__main__"} else f"{module}.{kind.__qualname__}"
    )


def _moved(payload: memoryview, source: str, target: str) -> Any:
    """Move paths into another working directory, whose path has the same length."""
    old, new = private_name(source), private_name(target)
    content = bytes(payload)
    if old.encode() not in content:
        return payload
    if len(old) != len(new) or source.replace(old, new) != target:
        raise ArtifactError(
            f"a value holds a path into the working directory {source}, which this stage "
            f"({target}) cannot see.",
            remedy="Use paths relative to the working directory.",
        )
    return content.replace(old.encode(), new.encode())


def private_name(workdir: str) -> str:
    """Return the part of a working directory's path that no other stage has."""
    found = _PRIVATE.search(workdir)
    return found[0] if found else Path(workdir).name
