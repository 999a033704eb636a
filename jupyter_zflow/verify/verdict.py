"""What a verification found out, as values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Edge
    from jupyter_zflow.runner.stages import StageRun

Verdict = Literal["equal", "different", "not compared"]

UNSTABLE = "differs between two straight runs as well"
UNDECIDED = "may follow from what differs between two straight runs"


@dataclass(frozen=True, slots=True)
class VariableRow:
    """One variable where a stage ends, or where everything ends."""

    name: str
    stage: str
    at: Literal["border", "end"]
    verdict: Verdict
    path: str = ""
    """Where the values begin to differ, as code would say it: ``df['x'][3]``."""
    detail: str = ""
    straight: str = ""
    isolated: str = ""
    unstable: bool = False
    """Whether a second straight run differs from the first one in the same place."""
    undecided: bool = False
    """Whether the stage holds something unstable, from which this difference may follow."""

    @property
    def counts(self) -> bool:
        """Whether this makes the runs unequal."""
        return self.verdict == "different" and not self.unstable and not self.undecided

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "name": self.name,
            "stage": self.stage,
            "equal": self.verdict == "equal",
            "detail": self.said,
            "at": self.at,
            "path": self.path,
            "straight": self.straight,
            "isolated": self.isolated,
            "counts": self.counts,
        }

    @property
    def said(self) -> str:
        """The finding in words."""
        if self.verdict == "not compared":
            return f"not compared: {self.detail}"
        if self.verdict == "equal":
            return self.detail
        text = f"{self.path or self.name}: {self.straight} in the straight run, "
        text += f"{self.isolated} in the stages"
        if self.detail:
            text += f"; {self.detail}"
        return _said(text, unstable=self.unstable, undecided=self.undecided)


@dataclass(frozen=True, slots=True)
class OutputRow:
    """What one cell printed or showed."""

    cell: int
    stage: str
    kind: Literal["stdout", "display"]
    equal: bool
    masked: tuple[str, ...] = ()
    """What was left out before the texts became equal."""
    straight: str = ""
    isolated: str = ""
    line: int | None = None
    """The first line that differs, from 1."""
    unstable: bool = False
    undecided: bool = False
    machine: bool = False
    """Whether a command of the cell shows the machine that it runs on."""

    @property
    def counts(self) -> bool:
        """Whether this makes the runs unequal."""
        return not (self.equal or self.unstable or self.undecided or self.machine)

    @property
    def said(self) -> str:
        """The finding in words."""
        if self.equal:
            return f"equal apart from {', '.join(self.masked)}" if self.masked else ""
        left, right = (_line(text, self.line) for text in (self.straight, self.isolated))
        text = f"line {self.line}: {left!r} in the straight run, {right!r} in the stages"
        if self.machine:
            return f"{text}; the cell shows the machine"
        return _said(text, unstable=self.unstable, undecided=self.undecided)

    def to_json(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "cell": self.cell,
            "stage": self.stage,
            "kind": self.kind,
            "equal": self.equal,
            "masked": list(self.masked),
            "detail": self.said,
            "counts": self.counts,
        }


@dataclass(frozen=True, slots=True)
class Cause:
    """The first difference, and what is responsible for it."""

    row: VariableRow
    reason: str
    producer: str | None = None
    """The stage that handed the value on, when it was wrong already on arrival."""
    edges: tuple[Edge, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the cause as JSON."""
        return {
            "name": self.row.name,
            "stage": self.row.stage,
            "path": self.row.path,
            "straight": self.row.straight,
            "isolated": self.row.isolated,
            "reason": self.reason,
            "producer": self.producer,
            "edges": [edge.model_dump() for edge in self.edges],
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """Everything that was run and compared."""

    straight: StageRun | None
    stages: tuple[StageRun, ...]
    status: str
    """How the stages' execution ended."""
    variables: tuple[VariableRow, ...] = ()
    outputs: tuple[OutputRow, ...] = ()
    cause: Cause | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    again: bool = False
    """Whether the notebook ran straight a second time."""
    notebooks: dict[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether both runs came to their ends."""
        straight = self.straight is not None and self.straight.status == "SUCCEEDED"
        return straight and self.status == "SUCCEEDED"

    @property
    def equal(self) -> bool:
        """Whether the stages compute what the notebook computes."""
        return self.succeeded and not any(row.counts for row in self.rows)

    @property
    def word(self) -> str:
        """The verdict: a notebook that fails itself proves nothing about its stages."""
        if self.equal:
            return "equal"
        failed = self.straight is None or self.straight.status != "SUCCEEDED"
        return "not decided" if failed and not any(row.counts for row in self.rows) else "not equal"

    @property
    def rows(self) -> tuple[VariableRow | OutputRow, ...]:
        """Everything that was compared."""
        return (*self.variables, *self.outputs)

    @property
    def compared(self) -> tuple[VariableRow, ...]:
        """Variables about which something can be said."""
        return tuple(row for row in self.variables if row.verdict != "not compared")

    @property
    def not_compared(self) -> tuple[VariableRow, ...]:
        """Variables about which nothing can be said."""
        return tuple(row for row in self.variables if row.verdict == "not compared")

    def seen_again(
        self, variables: tuple[VariableRow, ...], outputs: tuple[OutputRow, ...]
    ) -> Verification:
        """Return the verification after a second straight run."""
        return replace(self, variables=variables, outputs=outputs, again=True)


def _line(text: str, number: int | None) -> str:
    lines = text.splitlines()
    return lines[number - 1][:200] if number and number <= len(lines) else ""


def beside_chance(found: Verification) -> Verification:
    """Return the verification with differences undecided where a stage holds something unstable.

    Two straight runs may agree by luck: a score of 1.0 twice says nothing about a third one when
    the rows that it was computed from were drawn without a seed.
    """
    stages = _chancy(found)
    variables = tuple(
        replace(row, undecided=True) if row.counts and row.stage in stages else row
        for row in found.variables
    )
    outputs = tuple(
        replace(row, undecided=True) if row.counts and row.stage in stages else row
        for row in found.outputs
    )
    number = sum(row.undecided for row in variables) + sum(row.undecided for row in outputs)
    note = (
        f"Undecided: {number}. They differ, and their stage holds values that differ between two "
        "straight runs as well. Seed the random generators in the notebook to have them judged."
    )
    notes = (*found.notes, note) if number else found.notes
    return replace(found, variables=variables, outputs=outputs, notes=notes)


def _chancy(found: Verification) -> set[str]:
    """Return the stages that hold something unstable, or take what such a stage made."""
    stages = {row.stage for row in found.rows if row.unstable}
    while True:
        names = {row.name for row in found.variables if row.counts and row.stage in stages}
        more = {row.stage for row in found.variables if row.counts and row.name in names}
        if more <= stages:
            return stages
        stages |= more


def _said(text: str, *, unstable: bool, undecided: bool) -> str:
    if unstable:
        return f"{UNSTABLE}, not counted; {text}"
    return f"{UNDECIDED}, not counted; {text}" if undecided else text
