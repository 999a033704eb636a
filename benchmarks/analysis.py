"""What a check costs while its author types, beside the floor of parsing the notebook.

Usage: ``python benchmarks/analysis.py [EDITS]`` in the environment that has the package installed.
Figures are milliseconds of one process's own time: medians, and the 95th percentile of edits.
"""

from __future__ import annotations

import ast
import json
import random
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import long, notebook

from jupyter_zflow.analysis import analyse
from jupyter_zflow.notebook.document import parse

if TYPE_CHECKING:
    from collections.abc import Callable

EDITS: dict[str, Callable[[str], str]] = {
    "comment": lambda text: f"{text}\n# seen",
    "new variable": lambda text: f"{text}\nnobody_uses_this = [1]",
    "line above": lambda text: f"\n{text}",
    "something else": lambda _: "print('something else')",
}


def milliseconds(action: Callable[[], object]) -> float:
    """Return the process time that an action takes."""
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


def figures(cells: int, edits: int) -> list[str]:
    """Return one row of the table."""
    chance = random.Random(cells)
    sources = long(cells)
    text = notebook(sources)
    floor = [
        milliseconds(lambda: (json.loads(text), [ast.parse(source) for _, source in sources]))
        for _ in range(5)
    ]
    document = parse(text, path=Path("/nowhere/notebook.ipynb"))
    analyse(document)
    # Another name is another notebook, which nothing is remembered of.
    anew = [parse(text, path=Path(f"/nowhere/{n}.ipynb")) for n in range(5)]
    first = [milliseconds(lambda one=one: analyse(one)) for one in anew]
    again = [milliseconds(lambda: analyse(document)) for _ in range(5)]
    row = [f"{cells:6}", *(f"{statistics.median(times):9.1f}" for times in (floor, first, again))]
    for edit in EDITS.values():
        times = []
        for _ in range(edits):
            changed = list(sources)
            at = chance.randrange(cells)
            changed[at] = (changed[at][0], edit(changed[at][1]))
            edited = parse(notebook(changed), path=document.path)
            times.append(milliseconds(lambda edited=edited: analyse(edited)))
            analyse(document)
        times.sort()
        row.append(f"{statistics.median(times):7.1f} {times[int(len(times) * 0.95)]:7.1f}")
    return row


def main() -> None:
    """Print the table."""
    edits = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    header = [f"{'cells':>6}", f"{'parsing':>9}", f"{'first':>9}", f"{'again':>9}"]
    print(" | ".join([*header, *(f"{name:>15}" for name in EDITS)]))
    for cells in (10, 100, 1000):
        print(" | ".join(figures(cells, edits)))


if __name__ == "__main__":
    main()
