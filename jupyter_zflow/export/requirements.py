"""What a stage must have installed: the packages it imports, in the versions used here.

A stage also needs the packages of the values that it loads: a model cannot be unpickled without
the library that made it, although no cell of the stage imports that library.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Protocol

from jupyter_zflow.export.rules import finding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jupyter_zflow.model.analysis import AnalysedStage, Analysis
    from jupyter_zflow.model.finding import Finding


class Environment(Protocol):
    """The installed distributions."""

    def distributions(self, package: str) -> tuple[str, ...]:
        """Return the distributions that install a top-level package."""

    def version(self, distribution: str) -> str:
        """Return a distribution's version."""


class ThisEnvironment:
    """The environment that this process runs in."""

    def distributions(self, package: str) -> tuple[str, ...]:
        """Return the distributions that install a top-level package."""
        return tuple(dict.fromkeys(_installed().get(package, ())))

    def version(self, distribution: str) -> str:
        """Return a distribution's version."""
        return metadata.version(distribution)


@cache
def _installed() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def requirements(
    analysis: Analysis, *, environment: Environment
) -> tuple[dict[str, str], tuple[Finding, ...]]:
    """Return the text of each stage's requirements by stage, and what is not installed."""
    texts: dict[str, str] = {}
    unknown: dict[str, str] = {}
    stages = {stage.name: stage for stage in analysis.stages}
    for stage in analysis.stages:
        lines = [f"# What stage {stage.name!r} imports, and what its inputs are made of."]
        pinned: list[str] = []
        for package in packages(stage, stages):
            found = environment.distributions(package)
            if not found:
                unknown.setdefault(package, stage.name)
                lines.append(f"# {package}: not installed where this was exported")
            pinned += [f"{name}=={_public(environment.version(name))}" for name in found]
        texts[stage.name] = "\n".join([*lines, *sorted(set(pinned), key=str.lower)]) + "\n"
    return texts, tuple(
        finding(
            "ZF401",
            f"the package {package!r} of stage {stage!r} is not installed here, "
            "so its version is unknown.",
            remedy="Install it, or export from the notebook's environment.",
        )
        for package, stage in unknown.items()
    )


def packages(stage: AnalysedStage, stages: Mapping[str, AnalysedStage]) -> list[str]:
    """Return the packages of a stage and of all stages whose values reach it, sorted."""
    found: set[str] = set()
    waiting, seen = [stage.name], {stage.name}
    while waiting:
        current = stages[waiting.pop()]
        found.update(current.packages)
        fresh = current.loads.keys() - seen
        seen |= fresh
        waiting += fresh
    return sorted(found)


def _public(version: str) -> str:
    """Drop a local part such as ``+cu121``, which no public index has."""
    return version.partition("+")[0]
