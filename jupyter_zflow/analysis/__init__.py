"""Analysis of a notebook: right, or refused.

The cells are read once in notebook order by an abstract interpreter (``interactive.Interpreter``
and the layers below it), which notes for each cell what it takes from other cells and what it
leaves behind. ``homes`` decides which stage runs each cell, ``connect`` turns the notes into
edges between stages, ``checks`` adds what only the whole shows. Nothing of the notebook is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.analysis.assemble import assemble
from jupyter_zflow.analysis.modules import LocalModules
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.reading import Reading
from jupyter_zflow.notebook.layout import lay_out

if TYPE_CHECKING:
    from jupyter_zflow.analysis.record import CellRecord
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.document import NotebookDocument
    from jupyter_zflow.notebook.layout import Layout

__all__ = ["analyse"]


def analyse(document: NotebookDocument, observed: Observed = NOTHING) -> Analysis:
    """Return what can be known about a notebook without running it.

    Parameters
    ----------
    document
        The notebook; its folder is looked into for local modules and input files.
    observed
        What an observed run showed.
    """
    layout = lay_out(document)
    modules = LocalModules(document.path.parent if document.path is not None else None)
    records = read_cells(layout, modules, observed)
    return assemble(document, layout, records, modules)


def read_cells(
    layout: Layout, modules: LocalModules, observed: Observed = NOTHING
) -> dict[int, CellRecord]:
    """Return the record of every code cell that is not skipped.

    The notebook is read twice: only the first reading can tell which objects later cells change,
    and only the second, knowing that, can keep such an object together with its other names.
    """
    cells = [(index, layout.code[index].text) for index in sorted(layout.code)]
    last_change: dict[int, int] = {}
    last_wild = -1
    for record in Reading(modules, observed).read(cells):
        if record.changes_anything:
            last_wild = record.index
        last_change.update(dict.fromkeys(record.changed, record.index))
    second = Reading(modules, observed).read(cells, last_change=last_change, last_wild=last_wild)
    return {record.index: record for record in second}
