"""Notebooks and pipelines of other tools as ours, with a report of what has no counterpart.

Cells stay as they are; what says where they run is said in our words. Whatever the other tool
had and we have not is an entry of the report, never dropped in silence.
"""

from __future__ import annotations
