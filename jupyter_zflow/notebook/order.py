"""Names that must not collide, and the order that ``after:`` asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.model import names
from jupyter_zflow.notebook.rules import finding
from jupyter_zflow.notebook.settings import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

_DERIVED = (("slug", names.slug), ("state", names.state_name), ("variable", names.identifier))


def check_names(pipeline: str, stages: Mapping[str, int]) -> Iterator[Finding]:
    """Yield names that machines cannot tell apart; ``stages`` maps name to first cell."""
    if not names.slug(pipeline):
        yield finding(
            "ZF103",
            f"the pipeline's name {pipeline!r} holds no letter or digit.",
            remedy="Give it one with %pipeline NAME.",
        )
    taken: dict[tuple[str, str], str] = {}
    for stage, cell in stages.items():
        if not names.slug(stage):
            yield finding("ZF103", f"the stage name {stage!r} holds no letter or digit.", cell=cell)
            continue
        for kind, derive in _DERIVED:
            derived = derive(stage).casefold()
            other = taken.setdefault((kind, derived), stage)
            if other != stage:
                yield finding(
                    "ZF104",
                    f"the stages {other!r} and {stage!r} would both be called {derived!r}.",
                    remedy="Rename one of them.",
                    cell=cell,
                )
                break


def check_order(
    stages: tuple[str, ...], after: Mapping[str, Mapping[str, int]]
) -> Iterator[Finding]:
    """Yield unknown stages and cycles; ``after`` maps stage -> awaited stage -> cell."""
    for awaited in after.values():
        for other, cell in awaited.items():
            if other not in stages:
                hint = did_you_mean(other, stages)
                allowed = ", ".join(stages)
                yield finding(
                    "ZF105",
                    f"`after:{other}`: there is no stage {other!r}.",
                    remedy=f"{hint} Stages: {allowed}.".strip(),
                    cell=cell,
                )
    cycle = find_cycle({stage: tuple(after.get(stage, ())) for stage in stages})
    if cycle:
        path = " -> ".join([*cycle, cycle[0]])
        closing = after[cycle[0]].get(cycle[1] if len(cycle) > 1 else cycle[0])
        yield finding(
            "ZF106",
            f"these stages wait for each other: {path}.",
            remedy="Remove one of the `after:`.",
            cell=closing,
        )


def find_cycle(after: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the stages of one cycle, each followed by one that it waits for, or nothing."""
    done: set[str] = set()
    for start in after:
        path: list[str] = []
        stack = [(start, iter(after[start]))] if start not in done else []
        while stack:
            stage, awaited = stack[-1]
            if len(path) < len(stack):
                path.append(stage)
            following = next((other for other in awaited if other in after), None)
            if following is None:
                done.add(stage)
                stack.pop()
                path.pop()
            elif following in path:
                return tuple(path[path.index(following) :])
            elif following not in done:
                stack.append((following, iter(after[following])))
    return ()
