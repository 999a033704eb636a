"""From a graph of stages to what a state machine can say: series, and ``Parallel`` states.

Step Functions knows no graph, only nesting: one thing after another, or several at once. A
graph that is nested itself ("series-parallel") is carried over exactly. Any other graph must
wait somewhere for more than it asks, as in ``c after a, b; d after b``: either ``d`` waits for
``a`` as well, or something else waits instead.

Whatever the nesting, stages that hang together are in the end cut in two: all of the first
part, then all of the second, each arranged by itself. So the search is for the cheapest cut and
loses nothing by looking at cuts only. A cut costs the longest chain on average over several
sets of durations, as nobody knows the true ones: with equal durations, cutting level by level
would look perfect and wait a lot. The cuts that add little order, and those between levels, are
weighed by what their parts cost level by level at most; then the best of these are tried. So
nothing waits longer than it would level by level.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.synth.order import Order, members

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SAMPLES = 8
"""Sets of durations that judge a cut; the first is the estimate itself."""
SPREAD = 0.7
"""Standard deviation of a duration's logarithm in the other sets."""
EXHAUSTIVE = 10
"""Up to this many stages every possible cut is weighed."""
WEIGHED = 32
"""How many cuts of more stages are weighed, besides those between levels."""


@dataclass(frozen=True)
class Series:
    """Parts that follow each other."""

    parts: tuple[Arrangement, ...]


@dataclass(frozen=True)
class Parallel:
    """Parts that run at the same time; the whole ends with the last of them."""

    parts: tuple[Arrangement, ...]


Arrangement = str | Series | Parallel
"""A stage's name, or parts in series or in parallel."""

Costs = tuple[float, ...]
"""Length of the longest chain, one for each set of durations."""


def arrange(
    after: Mapping[str, Sequence[str]], *, durations: Mapping[str, float] | None = None
) -> Arrangement:
    """Nest the stages so that every ``after`` is kept and little is waited for besides.

    Parameters
    ----------
    after
        For each stage the stages that it waits for; the order of the keys is the order of
        equals in the result.
    durations
        Estimates in seconds; without one a stage counts as long as any other.
    """
    if not after:
        raise DefinitionError("A pipeline needs at least one stage.")
    order = Order(after)
    return _Search(order, durations or {}).best(order.everything)[1]


def critical_path(arrangement: Arrangement, durations: Mapping[str, float]) -> float:
    """Return how long the arrangement takes when everything starts as early as it may."""
    if isinstance(arrangement, str):
        return durations[arrangement]
    lengths = [critical_path(part, durations) for part in arrangement.parts]
    return sum(lengths) if isinstance(arrangement, Series) else max(lengths)


def stages_of(arrangement: Arrangement) -> Iterator[str]:
    """Yield the stages in the order in which they are written."""
    if isinstance(arrangement, str):
        yield arrangement
        return
    for part in arrangement.parts:
        yield from stages_of(part)


class _Search:
    def __init__(self, order: Order, durations: Mapping[str, float]) -> None:
        self.order = order
        self.durations = [_samples(name, durations.get(name, 1.0)) for name in order.names]
        self.found: dict[int, tuple[Costs, Arrangement]] = {}
        self.bounds: dict[int, Costs] = {}

    def best(self, stages: int) -> tuple[Costs, Arrangement]:
        """Return the arrangement of some stages and what it costs."""
        known = self.found.get(stages)
        if known is None:
            known = self.found[stages] = self._arranged(stages)
        return known

    def _arranged(self, stages: int) -> tuple[Costs, Arrangement]:
        if not stages & (stages - 1):
            i = stages.bit_length() - 1
            return self.durations[i], self.order.names[i]
        unrelated = self.order.parts(stages, ordered=False)
        if len(unrelated) > 1:
            costs, parts = zip(*map(self.best, unrelated), strict=True)
            return tuple(map(max, zip(*costs, strict=True))), Parallel(parts)
        successive = self.order.parts(stages, ordered=True)
        if len(successive) == 1:
            successive = self._cut(stages)
        costs, parts = zip(*map(self.best, successive), strict=True)
        return tuple(map(sum, zip(*costs, strict=True))), Series(_flat(parts))

    def _cut(self, stages: int) -> list[int]:
        """Return the two parts of the cheapest cut."""
        weighed = sorted(
            (_plus(self._at_most(first), self._at_most(stages & ~first)), added, first)
            for added, first in self._candidates(stages)
        )
        size = stages.bit_count()
        tries = 6 if size <= EXHAUSTIVE else 3 if size <= 2 * EXHAUSTIVE else 1
        best = (float("inf"), 0.0, 0)
        for _, added, first in weighed[:tries]:
            cost = _plus(self.best(first)[0], self.best(stages & ~first)[0])
            best = min(best, (cost, added, first))
        return [best[2], stages & ~best[2]]

    def _candidates(self, stages: int) -> Iterable[tuple[float, int]]:
        """Return first parts that no stage outside must precede, with the order they add."""
        if stages.bit_count() <= EXHAUSTIVE:
            return self._ranked(self._all_firsts(stages), stages)
        near = self._ranked(set(self._around_stages(stages)), stages)[:WEIGHED]
        return near + self._ranked(set(self._by_level(stages)), stages)

    def _ranked(self, firsts: set[int], stages: int) -> list[tuple[float, int]]:
        return sorted((self._added(first, stages), first) for first in firsts - {0, stages})

    def _all_firsts(self, stages: int) -> set[int]:
        found = {0}
        for i in self.order.sequence:
            if stages >> i & 1:
                before = self.order.before[i] & stages
                found |= {first | 1 << i for first in found if not before & ~first}
        return found

    def _around_stages(self, stages: int) -> Iterator[int]:
        for i in members(stages):
            before = self.order.before[i] & stages
            yield from (before, before | 1 << i)
            rest = stages & ~self.order.behind[i]
            yield from (rest, rest & ~(1 << i))

    def _by_level(self, stages: int) -> Iterator[int]:
        """Yield whole levels; with these no cut is worse than waiting for every level."""
        levels = self._levels(stages)
        first = 0
        for level in levels[:-1]:
            first |= level
            yield first

    def _added(self, first: int, stages: int) -> float:
        """Return the share of pairs across the cut that nothing but the cut puts in order."""
        second = stages & ~first
        added = sum((second & ~self.order.behind[i]).bit_count() for i in members(first))
        return added / (first.bit_count() * second.bit_count())

    def _at_most(self, stages: int) -> Costs:
        """Return what unrelated parts cost side by side, each waiting for whole levels."""
        known = self.bounds.get(stages)
        if known is None:
            parts = [self._levelled(part) for part in self.order.parts(stages, ordered=False)]
            known = self.bounds[stages] = tuple(map(max, zip(*parts, strict=True)))
        return known

    def _levelled(self, stages: int) -> Costs:
        slowest = [
            map(max, zip(*(self.durations[i] for i in members(level)), strict=True))
            for level in self._levels(stages)
        ]
        return tuple(map(sum, zip(*slowest, strict=True)))

    def _levels(self, stages: int) -> list[int]:
        depths: dict[int, int] = {}
        levels: list[int] = []
        for i in self.order.sequence:
            if stages >> i & 1:
                waits = members(self.order.direct[i] & stages)
                depth = depths[i] = max((depths[j] + 1 for j in waits), default=0)
                if depth == len(levels):
                    levels.append(0)
                levels[depth] |= 1 << i
        return levels


def _samples(name: str, estimate: float) -> Costs:
    # Seeded by the name, so that adding a stage does not reshuffle the others.
    chance = random.Random(name)  # noqa: S311
    others = (estimate * chance.lognormvariate(0, SPREAD) for _ in range(SAMPLES - 1))
    return (estimate, *others)


def _plus(first: Costs, second: Costs) -> float:
    return sum(first) + sum(second)


def _flat(parts: Sequence[Arrangement]) -> tuple[Arrangement, ...]:
    flat: list[Arrangement] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Series) else (part,))
    return tuple(flat)
