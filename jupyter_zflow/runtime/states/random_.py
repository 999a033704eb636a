"""The generator behind the functions of ``random``."""

from __future__ import annotations

import random
from typing import Any


def capture() -> Any:
    """Return the generator's state."""
    return random.getstate()


def restore(value: Any) -> None:
    """Continue where the other process stood."""
    random.setstate(value)
