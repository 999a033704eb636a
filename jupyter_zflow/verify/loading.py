"""Load a snapshot into a namespace of its own, as if its kernel were this process.

Functions and classes of a notebook live in ``__main__``. Each side gets a ``__main__`` of its own,
and no class of one side is taken for a class of the other.
"""

from __future__ import annotations

import sys
import types
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import exchange, manifest
from jupyter_zflow.artifacts.store import open_store
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Iterable

_SUFFIX_LENGTH = 16


@dataclass(frozen=True)
class Side:
    """The variables of a snapshot, and why others are missing."""

    values: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    main: types.ModuleType | None = None


def load(uri: str, label: str, names: Iterable[str]) -> Side:
    """Load variables of a snapshot; what cannot be loaded has a reason instead of a value."""
    store = open_store(uri)
    found = manifest.read(store, label)
    main = types.ModuleType("__main__")
    main.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = main
    _forget_classes()
    side = Side(main=main)
    wanted = [name for name in names if name in found.variables]
    side.reasons.update({name: found.refused[name] for name in names if name in found.refused})
    groups: dict[str, Any] = {}
    for name in wanted:
        digest = found.variables[name].group
        if digest not in groups:
            try:
                groups[digest] = exchange.load_group(
                    found, digest, store, workdir=_common(found.workdir)
                )
            except ArtifactError as error:
                groups[digest] = error
        if isinstance(groups[digest], ArtifactError):
            side.reasons[name] = groups[digest].message
        else:
            side.values[name] = groups[digest][name]
            main.__dict__[name] = groups[digest][name]
    return side


def _common(workdir: str) -> str:
    """Return one path for the working directories of both sides, as long as theirs."""
    own = exchange.private_name(workdir)
    return workdir.replace(own, own[:-_SUFFIX_LENGTH] + "0" * _SUFFIX_LENGTH)


def _forget_classes() -> None:
    import cloudpickle.cloudpickle as library

    library._DYNAMIC_CLASS_TRACKER_BY_ID.clear()  # noqa: SLF001
    library._DYNAMIC_CLASS_TRACKER_BY_CLASS.clear()  # noqa: SLF001
