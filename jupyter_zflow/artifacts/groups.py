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

from jupyter_zflow.artifacts import arrays, images, namespace, refusals
from jupyter_zflow.artifacts.pickler import Pickler
from jupyter_zflow.errors import ArtifactError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pickle import PickleBuffer

    from jupyter_zflow.artifacts.elements import Piece

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
    buffers: tuple[PickleBuffer | Piece, ...]


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
    private: frozenset[int]
    """Identities of what is guarded."""
    pictures: tuple[Any, ...]
    """Pictures that may show the memory of something else."""

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
    regions = _join_by_memory(probes, parents)
    shown = _join_by_pictures(probes, parents)
    together: dict[str, list[str]] = {}
    for name in probes:
        together.setdefault(_root(parents, name), []).append(name)
    groups = []
    for names in together.values():
        probe = probes[names[0]]
        alone = len(names) == 1 and not any(regions.at(array) for array in probe.memory)
        if alone and not any(id(picture) in shown for picture in probe.pictures):
            groups.append(probe.group)
            continue
        try:
            chosen = {name: variables[name] for name in names}
            groups.append(_pickle(chosen, regions, shown)[0])
        except Exception as error:  # noqa: BLE001  whatever the values' own code raises
            refused.update(dict.fromkeys(names, _reason(error)))
    return Packed(tuple(groups), refused)


def _join_by_objects(probes: Mapping[str, _Probe], parents: dict[str, str]) -> None:
    seen: dict[int, str] = {}
    for name, probe in probes.items():
        for identity in probe.met:
            _join(parents, seen.setdefault(identity, name), name)
    for name, probe in probes.items():
        for identity in probe.private & seen.keys():
            _join(parents, seen[identity], name)


def _join_by_memory(probes: Mapping[str, _Probe], parents: dict[str, str]) -> arrays.Regions:
    """Join variables whose arrays look at the same memory; return that memory."""
    holders: dict[int, set[str]] = {}
    for name, probe in probes.items():
        for array in probe.memory:
            holders.setdefault(id(array), set()).add(name)
    unguarded = {id(array) for probe in probes.values() for array in probe.arrays}
    regions = []
    for region, members in arrays.overlapping(
        array for probe in probes.values() for array in probe.memory
    ):
        if not any(id(array) in unguarded for array in members):
            continue
        regions.append(region)
        first, *others = sorted({name for array in members for name in holders[id(array)]})
        for other in others:
            _join(parents, first, other)
    return arrays.Regions(regions)


def _join_by_pictures(probes: Mapping[str, _Probe], parents: dict[str, str]) -> dict[int, Any]:
    """Join pictures with the arrays that they show; return picture -> array."""
    shown: dict[int, Any] = {}
    pictures = [(name, one) for name, probe in probes.items() for one in probe.pictures]
    for name, picture in pictures:
        candidates = [
            (other, thing)
            for other, probe in probes.items()
            for thing in (*probe.arrays, *probe.met.values())
        ]
        found = images.source(picture, (thing for _, thing in candidates))
        if found is not None:
            shown[id(picture)] = found
            _join(parents, next(other for other, thing in candidates if thing is found), name)
    return shown


def _probe(name: str, value: Any, *, alone: bool) -> _Probe:
    group, pickler = _pickle({name: value}, arrays.Regions())
    private = pickler.private
    met = {}
    if not alone or pickler.pictures:
        for identity, (_, thing) in pickler.memo.copy().items():
            if identity not in private and _can_change(thing):
                met[identity] = thing
    return _Probe(
        group,
        met,
        tuple(pickler.arrays),
        tuple(pickler.guarded),
        frozenset(private),
        tuple(pickler.pictures),
    )


def _pickle(
    variables: Mapping[str, Any], regions: arrays.Regions, shown: Mapping[int, Any] | None = None
) -> tuple[Group, Pickler]:
    buffers: list[PickleBuffer] = []
    file = io.BytesIO()
    pickler = Pickler(file, buffer_callback=buffers.append, regions=regions, shown=shown)
    pickler.dump(dict(variables))
    pieces = pickler.pieces
    content = tuple(pieces[id(buffer)][1] if id(buffer) in pieces else buffer for buffer in buffers)
    return Group(tuple(variables), file.getbuffer(), content), pickler


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
    if isinstance(error, ArtifactError):
        return error.message
    text = str(error).strip()
    return refusals.reworded(text.splitlines()[0]) if text else type(error).__name__
