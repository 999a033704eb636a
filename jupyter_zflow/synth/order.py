"""The order that stages must keep, as sets of bits.

Stage *i* is bit *i*; a set of stages is an ``int``. That makes the questions that the
arrangement asks (who comes before, which parts are unrelated) a few machine instructions each,
so that a panel can redraw the graph on every edit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.errors import DefinitionError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def members(stages: int) -> Iterator[int]:
    """Yield the set's members in ascending order."""
    while stages:
        bit = stages & -stages
        yield bit.bit_length() - 1
        stages ^= bit


class Order:
    """A strict partial order over ``names``; transitive edges are implied, never kept.

    Parameters
    ----------
    after
        For each name the names that it must wait for, in any number and with any detours.
    """

    def __init__(self, after: Mapping[str, Sequence[str]]) -> None:
        self.names = tuple(after)
        index = {name: i for i, name in enumerate(self.names)}
        direct = [0] * len(self.names)
        for name, waits in after.items():
            for other in waits:
                if other not in index:
                    raise DefinitionError(
                        f"Stage {name!r} waits for {other!r}, which is no stage.",
                        remedy=f"Stages are: {', '.join(self.names)}.",
                    )
                direct[index[name]] |= 1 << index[other]
        self.sequence = self._sorted(direct)
        """All stages so that each comes after those it waits for; else in the given order."""
        self.before = [0] * len(self.names)
        """All stages that must have ended before stage *i* begins."""
        self.behind = [0] * len(self.names)
        """All stages that must wait for stage *i*."""
        for i in self.sequence:
            for j in members(direct[i]):
                self.before[i] |= self.before[j] | 1 << j
        for i in reversed(self.sequence):
            for j in members(direct[i]):
                self.behind[j] |= self.behind[i] | 1 << i
        for i in range(len(self.names)):
            for j in members(self.before[i]):
                self.behind[j] |= 1 << i
        self.direct = [self._reduced(waits) for waits in direct]
        """The stages that stage *i* waits for, without those that others imply."""

    @property
    def everything(self) -> int:
        """The set of all stages."""
        return (1 << len(self.names)) - 1

    def related(self, i: int) -> int:
        """Return the stages that never run at the same time as stage *i*."""
        return self.before[i] | self.behind[i]

    def parts(self, stages: int, *, ordered: bool) -> list[int]:
        """Split the set where no member of one part is related to one of another.

        With ``ordered`` it is split where *all* members of one part are related to all of
        another instead: the parts then follow each other.
        """
        parts: list[int] = []
        rest = stages
        while rest:
            part = front = rest & -rest
            while front:
                bit = front & -front
                front ^= bit
                i = bit.bit_length() - 1
                linked = ~self.related(i) if ordered else self.related(i)
                fresh = linked & rest & ~part
                part |= fresh
                front |= fresh
            parts.append(part)
            rest &= ~part
        if ordered:
            parts.sort(key=lambda part: self._earlier(part, stages))
        return parts

    def _earlier(self, part: int, stages: int) -> int:
        first = (part & -part).bit_length() - 1
        return (self.before[first] & stages & ~part).bit_count()

    def _reduced(self, waits: int) -> int:
        implied = 0
        for j in members(waits):
            implied |= self.before[j]
        return waits & ~implied

    def _sorted(self, direct: Sequence[int]) -> list[int]:
        done, sequence, left = 0, [], list(range(len(self.names)))
        while left:
            ready = next((i for i in left if not direct[i] & ~done), None)
            if ready is None:
                raise DefinitionError(f"Stages wait for each other: {self._cycle(direct, left)}.")
            left.remove(ready)
            done |= 1 << ready
            sequence.append(ready)
        return sequence

    def _cycle(self, direct: Sequence[int], left: Sequence[int]) -> str:
        """Name one cycle among the stages that can never begin."""
        stuck = sum(1 << i for i in left)
        walk = [left[0]]
        while walk[-1] not in walk[:-1]:
            walk.append(next(members(direct[walk[-1]] & stuck)))
        cycle = walk[walk.index(walk[-1]) :]
        return " after ".join(repr(self.names[i]) for i in cycle)
