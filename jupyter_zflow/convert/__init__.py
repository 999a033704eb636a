"""Notebooks and pipelines of other tools, as ours, with a report of what has no counterpart."""
