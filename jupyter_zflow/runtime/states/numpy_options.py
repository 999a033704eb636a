"""How NumPy prints, and what it does about floating-point errors."""

from __future__ import annotations

import sys
from typing import Any


def capture() -> Any:
    """Return the options; None when NumPy was never imported."""
    if "numpy" not in sys.modules:
        return None
    import numpy as np

    return np.get_printoptions(), np.geterr()


def restore(value: Any) -> None:
    """Print and treat errors as the other process did."""
    if value is None:
        return
    import numpy as np

    printing, errors = value
    np.set_printoptions(**printing)
    np.seterr(**errors)
