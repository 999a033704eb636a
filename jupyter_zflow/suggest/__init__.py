"""A proposal of stages for a notebook that has none: by its headings, or by its data flow.

A pure function of the notebook: it writes nothing, asks nobody, and says the same every time.
What it proposes, the analysis has accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jupyter_zflow.errors import UsageError
from jupyter_zflow.suggest.flow import by_dataflow
from jupyter_zflow.suggest.material import gather
from jupyter_zflow.suggest.proposal import WAYS, By, Draft, Group, Proposal, tagged
from jupyter_zflow.suggest.sections import best_level, by_headings, has_sections
from jupyter_zflow.suggest.settle import settle

if TYPE_CHECKING:
    from jupyter_zflow.notebook.document import NotebookDocument

__all__ = ["WAYS", "By", "Draft", "Group", "Proposal", "suggest"]


def suggest(document: NotebookDocument, *, by: By | None = None) -> Proposal:
    """Propose stages for a notebook, whatever tags it has.

    Parameters
    ----------
    by
        Where to cut; by default at headings where they cut the notebook into parts.

    Raises
    ------
    UsageError
        When there is no code, or headings are asked for and there are none.
    """
    material = gather(document)
    if by is None:
        by = "headings" if has_sections(material) else "dataflow"
    if by == "headings":
        level = best_level(material)
        if level is None:
            raise UsageError(
                "No headings cut this notebook into parts with code.",
                remedy="Add Markdown headings, or take --by dataflow.",
            )
        draft = by_headings(material, level)
    else:
        draft = by_dataflow(material)
    draft, analysis, notes = settle(material, draft)
    return Proposal(by, draft, analysis, tagged(document, draft), notes)
