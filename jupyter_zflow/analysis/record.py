"""What one cell does, as the interpreter notes it down while it reads the notebook in order."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_zflow.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Read:
    """A use of something that another cell left behind."""

    cell: int
    """The cell that last had a hand in it."""
    line: int
    reason: str = ""
    """Why it counts as a use when the text does not show it."""


@dataclass(frozen=True, slots=True)
class Write:
    """A binding or a change; ``reason`` says why when the text does not show it."""

    line: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FileUse:
    """A path that a cell reads or writes; None is a path that cannot be known."""

    path: str | None
    line: int
    writers: tuple[int, ...] = ()


@dataclass(slots=True)
class CellRecord:
    """Everything that enters and leaves one cell."""

    index: int
    reads: dict[str, Read] = field(default_factory=dict)
    writes: dict[str, Write] = field(default_factory=dict)
    imports: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Import statement of another cell -> that cell, line of the use."""
    own_imports: dict[str, int] = field(default_factory=dict)
    used_imports: set[str] = field(default_factory=set)
    state_reads: dict[str, Read] = field(default_factory=dict)
    state_writes: dict[str, Write] = field(default_factory=dict)
    file_reads: list[FileUse] = field(default_factory=list)
    file_writes: list[FileUse] = field(default_factory=list)
    packages: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    undefined: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """Name that nothing above defines -> line, and whether the use is certain to happen."""
    left: dict[str, Read] = field(default_factory=dict)
    """Variable of a loop that may have nothing to walk -> what it is then."""
    walked: dict[int, int] = field(default_factory=dict)
    """Heap sites of sets that it iterates over -> line."""
    absent: set[str] = field(default_factory=set)
    """Names that it looked up and that no cell above binds; built-ins among them."""
    bound: dict[str, str] = field(default_factory=dict)
    """Variable that it reads -> why its value cannot leave its process."""
    changed: set[int] = field(default_factory=set)
    """Heap sites that it may change or whose identity it tests."""
    origins: dict[int, int] = field(default_factory=dict)
    """Cell that made what an array looks at, where the array's base is asked for -> line."""
    changes_anything: bool = False
    relied: dict[str, Write] = field(default_factory=dict)
    """Variable that an observed run showed to stay as it is -> the call that is feared."""
    relied_states: dict[str, Write] = field(default_factory=dict)
    heavy: Write | None = None
    """The first thing that speaks against replaying the cell."""
    unrepeatable: Write | None = None
    """The first thing that may give another value when it is run again."""
    dynamic: Write | None = None
    """Code that may use any name: ``exec``, ``globals()``, an unknown cell magic."""
    dynamic_writes: bool = False
    history: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """IPython's own name (``_``, ``Out``) that it reads -> line, last cell that showed a value."""
    findings: list[Finding] = field(default_factory=list)
    shows_value: bool = False
    """Whether it ends in an expression, which IPython keeps as ``_``."""


FileEntries = tuple[tuple[str | None, int], ...]
"""Path that was written, None for one that cannot be known, and the cell that wrote it."""


@dataclass(slots=True)
class FileLog:
    """Which cells wrote which paths so far, in order."""

    entries: FileEntries = ()

    def write(self, path: str | None, *, cell: int, replaces: bool) -> None:
        """Note a write; one that replaces the whole file makes earlier ones irrelevant."""
        if replaces and path is not None:
            self.entries = tuple(entry for entry in self.entries if entry[0] != path)
        if (path, cell) not in self.entries:
            self.entries = (*self.entries, (path, cell))

    def writers(self, path: str | None, *, excluding: int) -> tuple[int, ...]:
        """Return the cells that may have written what is found at the path."""
        cells = {
            cell for written, cell in self.entries if cell != excluding and overlap(written, path)
        }
        return tuple(sorted(cells))

    def folder_writers(self, path: str, *, excluding: int) -> tuple[int, ...]:
        """Return the cells that may have made a folder that the path lies in."""
        cells = {
            cell
            for written, cell in self.entries
            if cell != excluding and (written is None or path.startswith(normal(written) + "/"))
        }
        return tuple(sorted(cells))

    def knows(self, path: str) -> bool:
        """Return whether some cell wrote exactly this path."""
        return any(written == path for written, _ in self.entries)


def normal(path: str) -> str:
    """Return the path without ``./`` and ``a/../``, for comparison."""
    return posixpath.normpath(path) if path else "."


def overlap(one: str | None, other: str | None) -> bool:
    """Return whether two paths may name the same file, or one a folder that holds the other."""
    if one is None or other is None:
        return True
    one, other = _literal_part(one), _literal_part(other)
    if one == other or "." in {one, other}:
        return True
    return one.startswith(other + "/") or other.startswith(one + "/")


def _literal_part(path: str) -> str:
    parts = normal(path).split("/")
    for position, part in enumerate(parts):
        if any(character in part for character in "*?["):
            return "/".join(parts[:position]) or "."
    return "/".join(parts)
