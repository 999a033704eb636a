"""Whether two values are the same value, and if not, where they begin to differ.

Equal means that no code could tell them apart by looking at their contents: types, dtypes, orders
and signs of zero count; addresses, caches of code and the processes that made them do not.
"""

from __future__ import annotations

from jupyter_zflow.verify.equality.walk import Comparison, Difference, compare

__all__ = ["Comparison", "Difference", "compare"]
