"""The instance catalogue: which types SageMaker accepts for which kind of job, and their size.

``instances.json`` is built by ``python -m jupyter_zflow.registry.build`` at release time. That
SageMaker accepts a type does not mean that every region has it, nor that an account's quota
allows it.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.value import Value

JobKind = Literal["processing", "training", "transform"]
"""The stage kinds that run on SageMaker instances."""

JOB_KINDS: tuple[JobKind, ...] = ("processing", "training", "transform")


class Instance(Value):
    """One instance type; sizes are ``None`` where the catalogue does not know them."""

    name: str
    kinds: tuple[JobKind, ...]
    vcpus: int | None = None
    memory_gib: float | None = None
    gpus: int = 0
    gpu: str | None = None
    """The accelerator's name, such as ``A10G``."""
    gpu_memory_gib: float | None = None
    """Memory of all GPUs together."""


@cache
def catalogue() -> dict[str, Instance]:
    """Return all instance types by name."""
    text = (files("jupyter_zflow.registry") / "instances.json").read_text(encoding="utf-8")
    return {
        name: Instance.model_construct(
            name=name,
            kinds=tuple(kind for kind in JOB_KINDS if kind in kinds.split()),
            vcpus=vcpus,
            memory_gib=memory,
            gpus=gpus,
            gpu=gpu,
            gpu_memory_gib=gpu_memory,
        )
        for name, (kinds, vcpus, memory, gpus, gpu, gpu_memory) in json.loads(text).items()
    }


@cache
def instance_types(kind: JobKind) -> tuple[str, ...]:
    """Return the types that jobs of the kind may use, in the catalogue's order."""
    return tuple(name for name, entry in catalogue().items() if kind in entry.kinds)


def instance(name: str) -> Instance:
    """Return what is known about an instance type."""
    entry = catalogue().get(name)
    if entry is None:
        raise SettingsError(
            f"Instance type {name!r} is unknown.", remedy=_suggestion(name, tuple(catalogue()))
        )
    return entry


def check_instance_type(name: str, *, kind: JobKind, stage: str = "") -> Instance:
    """Return what is known about the type, or raise when jobs of the kind cannot use it.

    Raises
    ------
    SettingsError
        The type is unknown, or SageMaker grants it to other kinds of jobs only.
    """
    where = f"Stage {stage!r}: " if stage else ""
    allowed = instance_types(kind)
    entry = catalogue().get(name)
    if entry is None:
        raise SettingsError(
            f"{where}instance type {name!r} is unknown.",
            remedy=f"{_suggestion(name, allowed)}{len(allowed)} types are allowed for {kind} jobs.",
        )
    if kind not in entry.kinds:
        others = " and ".join(entry.kinds) or "no"
        raise SettingsError(
            f"{where}instance type {name!r} is for {others} jobs only, not for {kind} jobs.",
            remedy=f"{_suggestion(name, allowed)}{len(allowed)} types are allowed for {kind} jobs.",
        )
    return entry


def _suggestion(name: str, allowed: tuple[str, ...]) -> str:
    wanted = name.strip().lower()
    if not wanted.startswith("ml."):
        wanted = f"ml.{wanted}"
    near = get_close_matches(wanted, allowed, n=3, cutoff=0.7)
    return f"Did you mean {' or '.join(near)}? " if near else ""
