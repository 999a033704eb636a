"""The filters of ``warnings``."""

from __future__ import annotations

import warnings
from typing import Any


def capture() -> Any:
    """Return the filters, in order."""
    return list(warnings.filters)


def restore(value: Any) -> None:
    """Filter as the other process did."""
    warnings.filters[:] = value  # type: ignore[index]
    # The registry of what was shown already depends on a version that only this call raises.
    warnings._filters_mutated()  # type: ignore[attr-defined]  # noqa: SLF001
