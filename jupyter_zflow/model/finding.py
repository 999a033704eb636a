"""One diagnostic: what is wrong, where, and what to do."""

from __future__ import annotations

from typing import Literal

from jupyter_zflow.model.value import Value

Severity = Literal["error", "warning", "info"]


class Finding(Value):
    """One diagnostic of the analysis or of a check.

    ``cell`` is the index in the notebook's list of cells, from 0, as in nbformat; text for
    people counts from 1, as people do.
    """

    code: str
    severity: Severity
    message: str
    remedy: str = ""
    cell: int | None = None
    line: int | None = None
    """Line inside the cell, from 1."""

    @property
    def where(self) -> str:
        """The place in words, empty when the finding concerns the whole notebook."""
        if self.cell is None:
            return ""
        line = "" if self.line is None else f", line {self.line}"
        return f"cell {self.cell + 1}{line}"

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.code} {self.severity}: {place}{self.message} {self.remedy}".rstrip()
