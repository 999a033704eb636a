"""Which variables must be stored together.

Two variables whose object graphs meet in something that can change (a list, a frame, a class of
the notebook, a closure's cell, a piece of memory) are one unit: stored apart, a change made
through one would no longer be seen through the other. Everything else is stored apart, so that a
consumer reads only what it needs.

Each variable is pickled alone first; what the pickler met then tells which ones meet. The usual
case, no sharing, needs no second pass.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import io
import pathlib
import re
import types
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.artifacts import arrays, namespace
from jupyter_zflow.artifacts.pickler import Pickler
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pickle import PickleBuffer

_UNCHANGEABLE = (
    str, bytes, int, float, complex, bool, type(None), tuple, frozenset, range, slice,
    type(Ellipsis), type(NotImplemented), types.ModuleType, types.CodeType,
    types.BuiltinFunctionType, types.MethodType, types.GetSetDescriptorType, types.GenericAlias,
    dt.date, dt.time, dt.timedelta, dt.tzinfo, decimal.Decimal,
    fractions.Fraction, uuid.UUID, pathlib.PurePath, re.Pattern, enum.Enum, property,
)  # fmt: skip
_UNCHANGEABLE_NAMES = {
    ("numpy", "dtype"),
    ("numpy", "generic"),
    ("pandas", "Index"),
    ("pandas.core.indexes.base", "Index"),
    ("pandas.core.dtypes.base", "ExtensionDtype"),
    ("pandas.api.extensions", "ExtensionDtype"),
    ("pandas._libs.tslibs.offsets", "BaseOffset"),
}


@dataclass(frozen=True)
class Group:
    """Variables in one container, as the pickle of a dict and its buffers."""

    names: tuple[str, ...]
    payload: Any
    buffers: tuple[PickleBuffer, ...]


@dataclass(frozen=True)
class Packed:
    """The groups, and the names that cannot be stored with the reason."""

    groups: tuple[Group, ...]
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Probe:
    """One variable, pickled alone."""

    group: Group
    met: dict[int, Any]
    arrays: tuple[Any, ...]
    """Arrays whose memory others may look at."""
    guarded: tuple[Any, ...]
    """Arrays inside frames: pandas keeps other frames apart from them, but not other arrays."""

    @property
    def memory(self) -> tuple[Any, ...]:
        """All arrays."""
        return (*self.arrays, *self.guarded)


def pack(variables: Mapping[str, Any]) -> Packed:
    """Pickle variables, together where they share what can change."""
    probes: dict[str, _Probe] = {}
    refused: dict[str, str] = {}
    for name, value in variables.items():
        try:
            probes[name] = _probe(name, value, alone=len(variables) == 1)
        except Exception as error:  # noqa: BLE001  whatever the value's own code raises
            refused[name] = _reason(error)
    parents = {name: name for name in probes}
    _join_by_objects(probes, parents)
    windows = _join_by_memory(probes, parents)
    together: dict[str, list[str]] = {}
    for name in probes:
        together.setdefault(_root(parents, name), []).append(name)
    groups = []
    for names in together.values():
        probe = probes[names[0]]
        if len(names) == 1 and not any(id(array) in windows for array in probe.memory):
            groups.append(probe.group)
        else:
            groups.append(_pickle({name: variables[name] for name in names}, windows)[0])
    return Packed(tuple(groups), refused)


def _join_by_objects(probes: Mapping[str, _Probe], parents: dict[str, str]) -> None:
    seen: dict[int, str] = {}
    for name, probe in probes.items():
        for identity in probe.met:
            _join(parents, seen.setdefault(identity, name), name)


def _join_by_memory(
    probes: Mapping[str, _Probe], parents: dict[str, str]
) -> dict[int, tuple[arrays.Region, Any]]:
    """Join variables whose arrays look at the same memory; return array -> its region."""
    holders: dict[int, set[str]] = {}
    for name, probe in probes.items():
        for array in probe.memory:
            holders.setdefault(id(array), set()).add(name)
    unguarded = {id(array) for probe in probes.values() for array in probe.arrays}
    windows: dict[int, tuple[arrays.Region, Any]] = {}
    for region, members in arrays.overlapping(
        array for probe in probes.values() for array in probe.memory
    ):
        if not any(id(array) in unguarded for array in members):
            continue
        memory = region.buffer()
        windows.update((id(array), (region, memory)) for array in members)
        first, *others = sorted({name for array in members for name in holders[id(array)]})
        for other in others:
            _join(parents, first, other)
    return windows


def _probe(name: str, value: Any, *, alone: bool) -> _Probe:
    group, pickler = _pickle({name: value}, {})
    private = pickler.private
    met = {}
    if not alone:
        for identity, (_, thing) in pickler.memo.copy().items():
            if identity not in private and _can_change(thing):
                met[identity] = thing
    guarded = tuple(thing for thing in private.values() if type(thing).__name__ == "ndarray")
    return _Probe(group, met, tuple(pickler.arrays), guarded)


def _pickle(
    variables: Mapping[str, Any], windows: Mapping[int, tuple[arrays.Region, Any]]
) -> tuple[Group, Pickler]:
    buffers: list[PickleBuffer] = []
    file = io.BytesIO()
    pickler = Pickler(file, buffer_callback=buffers.append, regions=windows)
    pickler.dump(dict(variables))
    return Group(tuple(variables), file.getbuffer(), tuple(buffers)), pickler


def _can_change(thing: Any) -> bool:
    if isinstance(thing, _UNCHANGEABLE):
        return False
    if isinstance(thing, (type, types.FunctionType)):
        return thing.__module__ != "builtins" and not namespace.by_reference(thing)
    if callable(thing) and namespace.by_reference(thing):
        return False
    return not any(
        (base.__module__, base.__name__) in _UNCHANGEABLE_NAMES for base in type(thing).__mro__
    )


def _root(parents: dict[str, str], name: str) -> str:
    while parents[name] != name:
        name = parents[name]
    return name


def _join(parents: dict[str, str], one: str, other: str) -> None:
    parents[_root(parents, other)] = _root(parents, one)


def _reason(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, ArtifactError):
        return error.message
    return text.splitlines()[0] if text else type(error).__name__
