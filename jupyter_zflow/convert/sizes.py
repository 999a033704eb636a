"""From CPUs, memory and GPUs, as containers ask for them, to an instance type that has them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from jupyter_zflow.registry import Instance, instance, instance_types

_GIB: Final = 2**30
_UNITS: Final = {
    "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "P": 10**15,
    "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50,
}  # fmt: skip
_QUANTITY: Final = re.compile(r"(\d+(?:\.\d+)?)(m|[kMGTP]i?|Ki)?")
_FAMILIES: Final = ("m5", "c5", "r5", "g4dn", "g5", "p3", "p4d")
"""Families that every region has, tried before all others; the plainest one first."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a container asks for."""

    cpus: float = 0.0
    memory_gib: float = 0.0
    gpus: int = 0

    def __str__(self) -> str:
        parts = [
            f"{self.cpus:g} CPU{'' if self.cpus == 1 else 's'}" if self.cpus else "",
            f"{self.memory_gib:.4g} GiB" if self.memory_gib else "",
            f"{self.gpus} GPU{'s' if self.gpus > 1 else ''}" if self.gpus else "",
        ]
        return ", ".join(part for part in parts if part)


def quantity(text: str) -> float | None:
    """Return a quantity in the notation of Kubernetes (``500m``, ``4Gi``), None for another."""
    match = _QUANTITY.fullmatch(text.strip())
    if match is None:
        return None
    number, unit = float(match[1]), match[2] or ""
    return number / 1000 if unit == "m" else number * _UNITS[unit]


def gib(size: float) -> float:
    """Return bytes as GiB."""
    return size / _GIB


def smallest(need: Need) -> str | None:
    """Return the smallest instance type for processing jobs that has what is needed."""
    known = [instance(name) for name in instance_types("processing")]
    for families in (_FAMILIES, None):
        fitting = [
            entry
            for entry in known
            if _has(entry, need) and (families is None or _family(entry) in families)
        ]
        if fitting:
            return min(fitting, key=_size).name
    return None


def _has(entry: Instance, need: Need) -> bool:
    return (
        (entry.vcpus or 0) >= need.cpus
        and (entry.memory_gib or 0) >= need.memory_gib
        and (entry.gpus >= need.gpus if need.gpus else entry.gpus == 0)
    )


def _size(entry: Instance) -> tuple[float, float, float, int]:
    family = _family(entry)
    rank = _FAMILIES.index(family) if family in _FAMILIES else len(_FAMILIES)
    return entry.gpus, entry.vcpus or 0, entry.memory_gib or 0, rank


def _family(entry: Instance) -> str:
    return entry.name.split(".")[1]
