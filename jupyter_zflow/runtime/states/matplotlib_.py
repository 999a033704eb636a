"""matplotlib's rcParams, except what belongs to the process: the backend."""

from __future__ import annotations

import sys
import warnings
from typing import Any

_OWN = {"backend", "backend_fallback", "interactive", "toolbar", "webagg.port"}


def capture() -> dict[str, Any] | None:
    """Return the parameters that differ from the defaults; None without matplotlib."""
    if "matplotlib" not in sys.modules:
        return None
    import matplotlib as mpl

    return {
        name: mpl.rcParams[name]
        for name in mpl.rcParams
        if name not in _OWN and mpl.rcParams[name] != mpl.rcParamsDefault[name]
    }


def restore(value: dict[str, Any] | None) -> None:
    """Set the changed parameters, and the others to their defaults."""
    if value is None:
        return
    import matplotlib as mpl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in mpl.rcParams:
            wanted = value.get(name, mpl.rcParamsDefault[name])
            if name not in _OWN and mpl.rcParams[name] != wanted:
                mpl.rcParams[name] = wanted
