"""Whether isolated stages compute what the notebook computes when it runs straight.

::

    notebook ── straight ──── one kernel ─────────── snapshots ──┐
        │                                                        ├── judge ── Verdict ── report
        └────── stages ────── a kernel for each ──── snapshots ──┘

Both runs take snapshots where a stage ends, and the straight one when everything has ended. A
process of its own loads both sides and compares; nobody else ever unpickles a value.
"""
