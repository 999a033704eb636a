"""What a call is given, as far as it can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jupyter_zflow.analysis.heap import Ref
    from jupyter_zflow.analysis.knowledge.table import Position


@dataclass(slots=True)
class Arguments:
    """The evaluated arguments of a call."""

    positional: list[Ref] = field(default_factory=list)
    keywords: dict[str, Ref] = field(default_factory=dict)
    spread: list[Ref] = field(default_factory=list)
    """What ``*xs`` and ``**xs`` hand over."""
    spread_keywords: list[Ref] = field(default_factory=list)
    """What ``**xs`` hands over; it is among the spread too."""
    unknown: tuple[Ref, ...] = ()
    """What each parameter may be, in a call that a library makes."""

    def all(self) -> list[Ref]:
        """Return every argument."""
        return [*self.positional, *self.keywords.values(), *self.spread, *self.unknown]

    def get(self, position: Position) -> Ref | None:
        """Return an argument by position or keyword."""
        if isinstance(position, str):
            return self.keywords.get(position)
        if position < len(self.positional):
            return self.positional[position]
        return None

    @property
    def roots(self) -> frozenset[int]:
        """Everything that the arguments may be."""
        return frozenset[int]().union(*(ref.roots for ref in self.all()))


def is_any_given(arguments: Arguments, words: Iterable[str]) -> bool:
    """Return whether one of the keywords is given, or may be."""
    return bool(arguments.spread_keywords) or not arguments.keywords.keys().isdisjoint(words)


def works_in_place(arguments: Arguments) -> bool:
    """Return whether a keyword lets a library use the memory of what it is given."""
    return any(
        (word in {"copy", "copy_X", "copy_x"} and ref.const is not True)
        or ((word == "in_place" or word.startswith("overwrite_")) and ref.const is not False)
        for word, ref in arguments.keywords.items()
    )


def is_set(flag: Ref | None) -> bool:
    """Return whether a flag is given and not certainly off."""
    return flag is not None and flag.const is not False
