"""What is remembered of a notebook from one check to the next.

The panel checks a notebook at every pause of its author's typing, and little of it changes in
between. A memory keeps both readings of the cells; nothing in it outlives a change of a local
module or of an observed run.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jupyter_zflow.analysis.modules import LocalModules
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.reading import Reading
from jupyter_zflow.analysis.serving import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.layout import Layout


class Memory:
    """The readings of one notebook.

    Parameters
    ----------
    modules
        What lies beside the notebook.
    observed
        What an observed run showed.
    """

    def __init__(self, modules: LocalModules, observed: Observed = NOTHING) -> None:
        self.modules = modules
        self.observed = observed
        self._first = Reading(modules, observed)
        self._second = Reading(modules, observed)
        self._last: tuple[object, dict[int, CellRecord], Analysis] | None = None

    def holds(self, folder: Path | None, observed: Observed) -> bool:
        """Return whether the memory is of this surrounding, as it is now."""
        same = self.modules.folder == folder and self.observed == observed
        return same and self.modules.unchanged()

    def read(self, layout: Layout) -> dict[int, CellRecord]:
        """Return the record of every code cell that is not skipped.

        The notebook is read twice: only the first reading can tell which objects later cells
        change, and only the second, knowing that, can keep such an object together with its other
        names.
        """
        cells = read_texts(layout)
        last_change: dict[int, int] = {}
        last_wild = -1
        for record in self._first.read(cells):
            if record.changes_anything:
                last_wild = record.index
            last_change.update(dict.fromkeys(record.changed, record.index))
        records = self._second.read(cells, last_change=last_change, last_wild=last_wild)
        return {record.index: record for record in records}

    def recall(self, key: object, records: dict[int, CellRecord]) -> Analysis | None:
        """Return the last analysis if it was made of the same records and the same key."""
        if self._last is None or self._last[0] != key or len(self._last[1]) != len(records):
            return None
        same = all(self._last[1].get(cell) is record for cell, record in records.items())
        return self._last[2] if same else None

    def keep(self, key: object, records: dict[int, CellRecord], analysis: Analysis) -> None:
        """Remember an analysis, what it was made of, and what else it depends on."""
        self._last = key, records, analysis


@dataclass(slots=True)
class Memories:
    """The memories of the notebooks that were checked last.

    Parameters
    ----------
    size
        How many notebooks are remembered.
    """

    size: int
    _kept: OrderedDict[Path | None, Memory] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def of(self, path: Path | None, observed: Observed = NOTHING) -> Iterator[Memory]:
        """Lend the memory of a notebook; whoever asks for it meanwhile gets a new one."""
        folder = path.parent if path is not None else None
        with self._lock:
            memory = self._kept.pop(path, None)
        if memory is None or not memory.holds(folder, observed):
            memory = Memory(LocalModules(folder), observed)
        yield memory
        # Only what came to its end is kept.
        with self._lock:
            self._kept[path] = memory
            while len(self._kept) > self.size:
                self._kept.popitem(last=False)
