"""Check that a cell leaves alone what an observed run showed it to leave alone.

The engine runs this silently around the cells whose metadata ask for it. What is compared is what
would be saved, so equal means that no other stage could tell. A difference ends the stage: later
stages would go on with a value that the notebook no longer had.
"""

from __future__ import annotations

import itertools
import sys

from jupyter_zflow.artifacts import fingerprint, groups
from jupyter_zflow.errors import ArtifactError
from jupyter_zflow.runtime import states
from jupyter_zflow.runtime.handover import plainly

_REMEDY = (
    "Delete the record of the observed run, or observe the notebook again with these parameters, "
    "and export again."
)

_Marks = dict[tuple[str, ...], bytes]

_around: tuple[_Marks, dict[str, str | None]] | None = None
_first: dict[str, _Marks] = {}
_count = itertools.count()


def before(names: list[str], kinds: list[str], lasting: list[str]) -> None:
    """Remember how variables and states are, and some of them until the stage ends."""
    global _around  # noqa: PLW0603  one kernel, one cell at a time
    marks = _marks(names)
    _around = (marks, {kind: _state(kind) for kind in kinds})
    for name in lasting:
        _first.setdefault(name, _marks([name]) if len(names) > 1 else marks)


def after(names: list[str], kinds: list[str]) -> None:
    """Raise when a variable or a state is no longer what it was.

    Raises
    ------
    ArtifactError
        An observed run showed that this cell changes none of them, and now it did.
    """
    if _around is None:
        return
    marks, moods = _around
    now = _marks(names)
    changed = sorted({name for group in now.items() ^ marks.items() for name in group[0]})
    moved = [f"the state {kind}" for kind in kinds if _state(kind) != moods[kind]]
    _refuse([*map(repr, changed), *moved], "this cell changed")


def last(names: list[str]) -> None:
    """Raise when a variable changed after the cell that was to leave it alone.

    Raises
    ------
    ArtifactError
        Something that the cell kept hold of changed it.
    """
    changed = [name for name in names if name in _first and _marks([name]) != _first[name]]
    _refuse([repr(name) for name in changed], "this stage changed")


def _refuse(things: list[str], who: str) -> None:
    if things:
        error = ArtifactError(
            f"{who} {', '.join(things)}, and the pipeline relies on an observed run in which it "
            "did not.",
            remedy=_REMEDY,
        )
        raise plainly(error)


def _marks(names: list[str]) -> _Marks:
    """Return a digest for each set of variables that share something; of others their absence."""
    here = sys.modules["__main__"].__dict__
    values = {name: here[name] for name in names if name in here}
    packed = groups.pack(values)
    marks = {tuple(sorted(group.names)): fingerprint.digest_of(group) for group in packed.groups}
    # What cannot be saved cannot be compared, and counts as another value each time.
    marks.update({(name,): b"refused %d" % next(_count) for name in packed.refused})
    marks.update({(name,): b"" for name in names if name not in values})
    return marks


def _state(kind: str) -> str | None:
    return fingerprint.fingerprint({kind: states.capture(kind)})
