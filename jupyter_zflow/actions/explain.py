"""``check --explain A B``: why stage B waits for stage A."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jupyter_zflow.actions.observed import described
from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis, Edge


@dataclass(frozen=True, slots=True)
class Explanation:
    """The reasons, or how the two stages are related without one."""

    producer: str
    consumer: str
    edges: tuple[Edge, ...]
    """Every direct reason, in the order of the analysis."""
    path: tuple[str, ...] = ()
    """Stages from one to the other where there is no direct reason."""
    reverse: bool = False
    """Whether it is the other way round."""
    relieved: tuple[Edge, ...] = ()
    """Reasons that there would be without the record of an observed run."""
    described: tuple[dict[str, Any], ...] = ()
    """The edges as JSON, with what a run saw of their values."""

    @property
    def said(self) -> str:
        """The relation in one sentence."""
        if not self.relieved:
            return self._relation
        if self.edges:
            which = "an observed run took more reasons away"
        elif self.path or self.reverse:
            which = "without the record of an observed run there would be a reason"
        else:
            which = "without the record of an observed run it would wait"
        names = ", ".join(dict.fromkeys(repr(edge.name) for edge in self.relieved))
        relation = self._relation.removesuffix(":").removesuffix(".")
        return f"{relation}; {which} ({names}){':' if self.edges else '.'}"

    @property
    def _relation(self) -> str:
        one, other = repr(self.producer), repr(self.consumer)
        if self.edges:
            return f"Stage {other} waits for stage {one}:"
        if self.path:
            way = " -> ".join(repr(name) for name in self.path)
            return f"Stage {other} takes nothing from stage {one}; it waits through {way}."
        if self.reverse:
            return f"Stage {other} does not wait for stage {one}: {one} waits for {other}."
        return f"Stage {other} does not wait for stage {one}; they may run at the same time."

    def to_json(self) -> dict[str, Any]:
        """Return the explanation as JSON; it takes the place of all edges."""
        return {
            "edges": list(self.described),
            "relieved": [edge.model_dump() for edge in self.relieved],
            "explained": {
                "producer": self.producer,
                "consumer": self.consumer,
                "said": self.said,
                "path": list(self.path),
            },
        }


def explain(analysis: Analysis, producer: str, consumer: str) -> Explanation:
    """Return why one stage waits for another.

    Raises
    ------
    UsageError
        When a stage is unknown, or both are the same.
    """
    names = tuple(stage.name for stage in analysis.stages)
    for name in (producer, consumer):
        _check(name, names)
    if producer == consumer:
        raise UsageError(
            f"{producer!r} is one stage, and no stage waits for itself.",
            remedy=f"Name two of the stages: {', '.join(names)}.",
        )
    edges = tuple(
        edge for edge in analysis.edges if (edge.producer, edge.consumer) == (producer, consumer)
    )
    relieved = tuple(
        edge for edge in analysis.relieved if (edge.producer, edge.consumer) == (producer, consumer)
    )
    path = () if edges else _path(analysis, producer, consumer)
    return Explanation(
        producer,
        consumer,
        edges,
        path,
        reverse=not edges and not path and bool(_path(analysis, consumer, producer)),
        relieved=relieved,
        described=tuple(described(edges, analysis)),
    )


def _check(name: str, names: tuple[str, ...]) -> None:
    if name in names:
        return
    close = get_close_matches(name, names, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    raise UsageError(f"There is no stage {name!r}.{hint}", remedy=f"Stages: {', '.join(names)}.")


def _path(analysis: Analysis, start: str, end: str) -> tuple[str, ...]:
    """Return a shortest way along the stages that wait for each other."""
    before = {stage.name: stage.after for stage in analysis.stages}
    ways: list[tuple[str, ...]] = [(end,)]
    seen = {end}
    for way in ways:
        for name in before.get(way[0], ()):
            if name == start:
                return (name, *way)
            if name not in seen:
                seen.add(name)
                ways.append((name, *way))
    return ()
