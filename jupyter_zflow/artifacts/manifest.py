"""What a stage left behind: names, digests, sizes. The only thing that makes a file loadable."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from jupyter_zflow.artifacts.store import Store

VERSION = 1
FILE = "manifest.json"


@dataclass(frozen=True)
class Variable:
    """A saved variable: the container that holds it, and what a person wants to know."""

    group: str
    type: str
    size: int
    """Bytes of its container."""


@dataclass(frozen=True)
class StoredGroup:
    """A container below the execution, found by its key and proved by its digest."""

    key: str
    size: int
    names: tuple[str, ...] = ()
    stamp: tuple[int, ...] = ()
    """The file as it lay in the store right after it was written; see `container.stamp_of`."""


@dataclass(frozen=True)
class StoredFile:
    """A file that the stage wrote; ``key`` is None for one that it deleted."""

    path: str
    """Relative to the working directory, or absolute."""
    digest: str = ""
    key: str | None = None
    mode: int = 0o644
    modified: int = 0
    """Nanoseconds."""


@dataclass(frozen=True)
class Manifest:
    """Everything that a stage saved."""

    stage: str
    workdir: str = ""
    variables: dict[str, Variable] = field(default_factory=dict)
    groups: dict[str, StoredGroup] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    """Names that were to be saved but were not bound."""
    refused: dict[str, str] = field(default_factory=dict)
    """Names that could not be saved, with the reason."""
    everything: bool = False
    states: dict[str, str] = field(default_factory=dict)
    """Kind of ambient state -> the container that holds it."""
    files: tuple[StoredFile, ...] = ()

    def to_json(self) -> str:
        """Return the manifest as text."""
        content = {"version": VERSION, **asdict(self)}
        # A notebook may have changed what json does by default.
        return json.dumps(content, indent=1, separators=(",", ": "))


def read(store: Store, state: str) -> Manifest:
    """Read the manifest of a stage.

    Raises
    ------
    ArtifactError
        The stage saved nothing, or its manifest cannot be read.
    """
    content = store.read(f"{state}/{FILE}")
    if content is None:
        raise ArtifactError(
            f"stage {state!r} left no artifacts in {store.uri}.",
            remedy="Run that stage first, or the whole pipeline.",
        )
    try:
        return _from_json(json.loads(content))
    except (ValueError, KeyError, TypeError):
        raise ArtifactError(
            f"the manifest of stage {state!r} in {store.uri} is damaged.",
            remedy="Run that stage again.",
        ) from None


def _from_json(data: dict[str, Any]) -> Manifest:
    if data.pop("version") != VERSION:
        raise ValueError
    groups = {
        digest: StoredGroup(
            group["key"], group["size"], tuple(group["names"]), tuple(group["stamp"])
        )
        for digest, group in data.pop("groups").items()
    }
    return Manifest(
        variables={name: Variable(**entry) for name, entry in data.pop("variables").items()},
        groups=groups,
        absent=tuple(data.pop("absent")),
        files=tuple(StoredFile(**entry) for entry in data.pop("files")),
        **data,
    )
