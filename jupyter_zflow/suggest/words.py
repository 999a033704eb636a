"""Names of stages: short, readable, each only once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jupyter_zflow.model.names import slug

if TYPE_CHECKING:
    from collections.abc import Collection

_NUMBERING = re.compile(
    r"(?i)^\s*(?:(?:step|part|section|chapter|exercise|task)\s*)?"
    r"(?:\d+(?:[.\-]\d+)*|[ivx]+(?=[.):])|[a-z](?=[.)]))\s*[.):\-\u2013\u2014]*\s+"
)
_EMPTY = frozenset(
    "a an and as at by for from in into of on or our the this to using via with".split()
)
_LONGEST = 28
RESERVED = frozenset({"setup", "parameters"})
"""Names that the contract of notebooks uses for something else."""


def short_name(heading: str) -> str:
    """Return a stage's name from a heading; empty when nothing of it can be spelled."""
    text = _NUMBERING.sub("", heading)
    words = slug(text or heading).split("-")
    full = "-".join(words)
    if len(full) <= _LONGEST:
        return full
    kept: list[str] = []
    for word in (word for word in words if word not in _EMPTY):
        if kept and len("-".join([*kept, word])) > _LONGEST:
            break
        kept.append(word)
    return "-".join(kept)[:_LONGEST].strip("-")


def unique(name: str, taken: Collection[str], *, reserved: Collection[str] = RESERVED) -> str:
    """Return the name, with a number where another stage has it already.

    Parameters
    ----------
    reserved
        Names that mean something else.
    """
    name = name or "stage"
    if name in reserved:
        name = f"{name}-stage"
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
