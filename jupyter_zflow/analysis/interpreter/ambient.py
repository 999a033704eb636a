"""Files, settings of the process and random states, and the record of the cell that is read.

Every event goes through a method here or in the layer above, so that the cell's record and the
state of the notebook can never disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.record import CellRecord, FileLog, FileUse, Read, Write, normal
from jupyter_zflow.model.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from jupyter_zflow.analysis.journal import Journal
    from jupyter_zflow.analysis.scope import Frame
    from jupyter_zflow.model.finding import Severity

RANDOM_STATES: Final = ("random", "numpy.random", "torch.random")
"""Kinds of ambient state that drawing both reads and changes."""

ANY_STATES: Final = (*RANDOM_STATES, "os.environ", "warnings")
"""Kinds of ambient state that code which nobody can follow is taken to set."""

STATE_TYPES: Final = {"decimal.Context": "decimal"}
"""Types whose values are ambient state: to change one is to change the state."""


class Ambient:
    """What a cell touches besides names and objects."""

    journal: Journal
    record: CellRecord
    frame: Frame | None
    weak: int
    states: dict[str, int]
    """Kind of state -> the cell that last set it."""
    files: FileLog
    is_missing: Callable[[str], bool]
    keeps_state: Callable[[str], bool]

    def use_package(self, top: str, line: int) -> None:
        """Note the use of a module that is not a file beside the notebook."""
        self.record.packages.add(top)
        if self.files.entries and self.is_missing(top):
            # Perhaps a cell wrote it.
            self.read_file(None, line)

    def read_state(self, kind: str, line: int) -> None:
        """Note a use of ambient state, if some cell has set it."""
        cell = self.states.get(kind)
        if cell is not None and cell != self.record.index:
            self.record.state_reads.setdefault(kind, Read(cell, line))

    def write_state(self, kind: str, line: int, *, reason: str = "") -> None:
        """Note that ambient state is set; other parts of it stay as they were."""
        self.read_state(kind, line)
        self.journal.put(self.states, kind, self.record.index)
        self.record.state_writes.setdefault(kind, Write(line, reason))

    def use_local_module(self, path: str, line: int, *, calls: bool) -> None:
        """Note the use of a module beside the notebook that may keep state of its own."""
        top = path.partition(".")[0]
        if not self.keeps_state(top):
            return
        kind = f"variables of {top}.py"
        if calls:
            self.write_state(kind, line)
        else:
            self.read_state(kind, line)

    def draw(self, kind: str, line: int, *, reason: str = "") -> None:
        """Note a draw from a global generator; without a seed any order is as good."""
        if kind in self.states:
            self.write_state(kind, line, reason=reason)

    def _place(self, path: str | None) -> str | None:
        """Return the path below the notebook's folder, None where that cannot be told."""
        if path is None or ("cwd" in self.states and not path.startswith(("/", "~"))):
            return None
        return normal(path)

    def read_file(self, path: str | None, line: int) -> None:
        """Note that a file is read or looked at."""
        path = self._place(path)
        writers = self.files.writers(path, excluding=self.record.index)
        self.record.file_reads.append(FileUse(path, line, writers))

    def write_file(self, path: str | None, line: int, *, replaces: bool = False) -> None:
        """Note that a file is written; without ``replaces`` it may keep what it had."""
        path = self._place(path)
        replaces = replaces and not self.weak and self.frame is None
        if path is not None and "*" in path:
            replaces = False
        if path is not None and replaces:
            # The folder must be there, and perhaps another stage made it.
            folders = self.files.folder_writers(path, excluding=self.record.index)
            if folders:
                self.record.file_reads.append(FileUse(path, line, folders))
        if not replaces:
            writers = self.files.writers(path, excluding=self.record.index)
            if writers:
                self.record.file_reads.append(FileUse(path, line, writers))
        self.files.write(path, cell=self.record.index, replaces=replaces)
        self.record.file_writes.append(FileUse(path, line))

    def heavy(self, line: int, what: str, *, repeatable: bool = False) -> None:
        """Note that the cell does more than import, define or configure.

        What is repeatable gives the same values each time; it only costs time.
        """
        if self.record.heavy is None:
            self.record.heavy = Write(line, what)
        if not repeatable and self.record.unrepeatable is None:
            self.record.unrepeatable = Write(line, what)

    def find(
        self, code: str, severity: Severity, message: str, *, line: int | None, remedy: str = ""
    ) -> None:
        """Add a finding about the current cell."""
        self.record.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=message,
                remedy=remedy,
                cell=self.record.index,
                line=line,
            )
        )
