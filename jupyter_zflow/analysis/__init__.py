"""Analysis of a notebook: right, or refused.

The cells are read once in notebook order by an abstract interpreter (``interactive.Interpreter``
and the layers below it), which notes for each cell what it takes from other cells and what it
leaves behind. ``homes`` decides which stage runs each cell, ``connect`` turns the notes into
edges between stages, ``checks`` adds what only the whole shows. Nothing of the notebook is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jupyter_zflow.analysis.assemble import apart_from_records, assemble
from jupyter_zflow.analysis.memory import Memories
from jupyter_zflow.analysis.observed import NOTHING, Observed
from jupyter_zflow.analysis.reliances import relieved
from jupyter_zflow.notebook.layout import lay_out

if TYPE_CHECKING:
    from jupyter_zflow.model.analysis import Analysis
    from jupyter_zflow.notebook.document import NotebookDocument

__all__ = ["analyse"]

_MEMORIES: Final = Memories(size=8)
_UNOBSERVED: Final = Memories(size=8)
"""Of the same notebooks as if nobody had observed them."""


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
    with _MEMORIES.of(document.path, observed) as memory:
        records = memory.read(layout)
        key = apart_from_records(document, layout)
        known = memory.recall(key, records) if observed == NOTHING else None
        analysis = known or assemble(document, layout, records, memory.modules, observed)
        memory.keep(key, records, analysis)
    if not any(record.relied or record.relied_states for record in records.values()):
        return analysis
    with _UNOBSERVED.of(document.path) as memory:
        plain = assemble(document, layout, memory.read(layout), memory.modules)
    return analysis.model_copy(update={"relieved": relieved(plain.edges, analysis.edges)})
