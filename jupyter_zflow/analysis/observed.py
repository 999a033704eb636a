"""What an observed run showed, as far as the analysis may use it.

One run proves nothing about others, so a record never overrules what the analysis knows. It is
used in one place: for a call that nothing is known about, which is otherwise feared to change
everything that it can reach. Such a fear is dropped where the run showed that the cell left a
variable as it was, and the stage then compares the variable before and after the cell, each time
it runs. A record belongs to the digest of a cell's code; an edited cell has none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from jupyter_zflow.runtime.observe.record import digest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class SeenValue:
    """A variable where a cell ended."""

    type: str
    size: int | None = None
    """Bytes it would take; None when it cannot leave its process."""
    because: str = ""


@dataclass(frozen=True, slots=True)
class SeenCell:
    """One cell."""

    unchanged: frozenset[str] = frozenset()
    states_unchanged: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()
    values: Mapping[str, SeenValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observed:
    """All cells of an observed run, by the digest of their code."""

    cells: Mapping[str, SeenCell] = field(default_factory=dict)
    handed: Mapping[tuple[str, str], SeenValue] = field(default_factory=dict)
    """``(stage, variable)`` -> what the stage saved in the last execution."""

    def of(self, code: str) -> SeenCell | None:
        """Return what was seen of a cell, None when it was edited since or never ran."""
        return self.cells.get(digest_of(code)) if self.cells else None


NOTHING: Final = Observed()


def from_cells(
    cells: Mapping[str, Any], handed: Mapping[tuple[str, str], SeenValue] | None = None
) -> Observed:
    """Return the record that a file holds, without the cells that failed or are malformed."""
    found = {}
    for digest, cell in cells.items():
        seen = _cell(cell)
        if seen is not None:
            found[digest] = seen
    return Observed(found, handed or {})


def _cell(cell: Any) -> SeenCell | None:
    if not isinstance(cell, dict) or cell.get("finished") is not True:
        return None
    values = cell.get("values")
    return SeenCell(
        unchanged=frozenset(_texts(cell.get("unchanged"))),
        states_unchanged=frozenset(_texts(cell.get("states_unchanged"))),
        lines=frozenset(line for line in _list(cell.get("lines")) if isinstance(line, int)),
        values={
            name: value
            for name, said in (values.items() if isinstance(values, dict) else ())
            if (value := _value(said)) is not None
        },
    )


def _value(said: Any) -> SeenValue | None:
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        return None
    size = said.get("size")
    because = said.get("because", "")
    if said.get("serialises") is not True:
        return SeenValue(said["type"], None, because if isinstance(because, str) else "")
    return SeenValue(said["type"], size) if isinstance(size, int) else None


def _texts(value: Any) -> Iterable[str]:
    return (text for text in _list(value) if isinstance(text, str))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
