"""How the variables of a kernel look at one moment, so that two moments can be compared."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from jupyter_zflow.artifacts import fingerprint, groups
from jupyter_zflow.artifacts.exchange import type_name
from jupyter_zflow.runtime import handover, states

RANDOM = {"random": "random", "numpy.random": "numpy", "torch.random": "torch"}
"""Kinds of random state -> the module without which there is none."""

LIMIT = 4 << 30
"""Bytes of one variable above which nobody looks whether it changed: it would take too long."""

_CANNOT = re.compile(
    r"it is or holds an? [\w ]+|a running generator|an open file|cannot pickle '[\w.]+' object"
)
"""What our own pickler and Python's say; what other code says might tell a value."""


@dataclass(frozen=True)
class Look:
    """One variable."""

    identity: int
    value: Any
    """Kept, so that no other object gets its identity."""
    type: str
    size: int | None = None
    mark: bytes | None = None
    """What would be saved of it; None when it cannot be saved or is too large to look at."""
    because: str = ""
    """Why it cannot be saved, where that is known."""
    sharers: tuple[str, ...] = ()

    def same(self, other: Look) -> bool:
        """Return whether nothing changed that anybody could see."""
        return self.identity == other.identity and self.mark is not None and self.mark == other.mark

    def to_json(self) -> dict[str, Any]:
        """Return type, size and whether it can leave its process."""
        said: dict[str, Any] = {"type": self.type, "serialises": self.size is not None}
        if self.size is not None:
            said["size"] = self.size
        if self.because:
            said["because"] = self.because
        return said


@dataclass(frozen=True)
class Looks:
    """All variables and random states."""

    variables: dict[str, Look] = field(default_factory=dict)
    states: dict[str, str | None] = field(default_factory=dict)

    @property
    def aliases(self) -> list[list[str]]:
        """Names that share an object that can change."""
        found = {look.sharers for look in self.variables.values() if len(look.sharers) > 1}
        return [list(names) for names in sorted(found)]


def look() -> Looks:
    """Look at all variables of this kernel."""
    names_here = sys.modules["__main__"].__dict__
    values = {
        name: names_here[name]
        for name in handover.own_names(names_here)
        if not isinstance(names_here[name], ModuleType)
    }
    sharers = {
        name: tuple(sorted(group.names))
        for group in groups.pack(values).groups
        for name in group.names
    }
    variables = {
        name: _look(value, sharers.get(name, ()), name=name) for name, value in values.items()
    }
    return Looks(variables, {kind: state_mark(kind) for kind in RANDOM})


def _look(value: Any, sharers: tuple[str, ...], *, name: str) -> Look:
    packed = groups.pack({name: value})
    if not packed.groups:
        cannot = _CANNOT.match(packed.refused[name])
        because = cannot[0] if cannot else ""
        return Look(id(value), value, type_name(value), because=because)
    (group,) = packed.groups
    size = fingerprint.size_of(group)
    mark = fingerprint.digest_of(group) if size <= LIMIT else None
    return Look(id(value), value, type_name(value), size, mark, sharers=sharers)


def state_mark(kind: str) -> str | None:
    """Return what a random state is now; None while nobody imported its module."""
    if RANDOM[kind] not in sys.modules:
        return None
    return fingerprint.fingerprint({kind: states.capture(kind)})
