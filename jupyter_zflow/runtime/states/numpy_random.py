"""The generator behind the functions of ``numpy.random``."""

from __future__ import annotations

import sys
from typing import Any


def capture() -> Any:
    """Return the generator's state; None when NumPy was never imported."""
    if "numpy" not in sys.modules:
        return None
    import numpy as np

    return np.random.get_state(legacy=False)  # noqa: NPY002  the legacy generator is the point


def restore(value: Any) -> None:
    """Continue where the other process stood."""
    if value is None:
        return
    import numpy as np

    kind = value["bit_generator"]
    generators: Any = np.random
    if generators.get_bit_generator().state["bit_generator"] != kind:
        generators.set_bit_generator(getattr(generators, kind)())
    np.random.set_state(value)  # noqa: NPY002
