"""The context of ``decimal``."""

from __future__ import annotations

import decimal


def capture() -> decimal.Context:
    """Return precision, rounding and traps."""
    return decimal.getcontext().copy()


def restore(value: decimal.Context) -> None:
    """Compute with the same precision, rounding and traps."""
    decimal.setcontext(value)
