"""What a loop leaves that has nothing to walk: its variable is what it was before.

Most loops have something to walk, and most variables of loops are not used behind them. So the
value of before is only a use where a later cell reads the variable as the loop's cell left it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jupyter_zflow.analysis.record import CellRecord


def settled(records: dict[int, CellRecord]) -> dict[int, CellRecord]:
    """Return the records with such uses among the reads."""
    found = dict(records)
    asked: set[tuple[str, int]] = set()
    for cell in sorted(records, reverse=True):
        record = records[cell]
        left = {name: read for name, read in record.left.items() if (name, cell) in asked}
        if left:
            record = found[cell] = replace(record, reads={**left, **record.reads})
        asked.update((name, read.cell) for name, read in record.reads.items())
    return found
