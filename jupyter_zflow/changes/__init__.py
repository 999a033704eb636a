"""What changed in a pipeline, in the words of its author: stages, compute, cells, permissions.

::

    template + code of two versions -> Facts, Facts -> changes -> text | JSON | commit message

Two versions may be a folder and its last commit, an export and what an export would write now, or
a deployed stack and what is about to be deployed. A template says everything about a version but
its code, so it is what facts are read from; logical ids and generated names are no facts.
"""

from __future__ import annotations

from jupyter_zflow.changes.compare import Change, compare
from jupyter_zflow.changes.facts import Facts, read_facts
from jupyter_zflow.changes.text import lines, subject

__all__ = ["Change", "Facts", "compare", "lines", "read_facts", "subject"]
