"""pandas' options: those that differ from their defaults."""

from __future__ import annotations

import sys
import warnings
from typing import Any


def capture() -> dict[str, Any] | None:
    """Return the changed options; None when pandas was never imported."""
    if "pandas" not in sys.modules:
        return None
    import pandas as pd

    return {
        name: pd.get_option(name)
        for name, default in _defaults().items()
        if pd.get_option(name) is not default and pd.get_option(name) != default
    }


def restore(value: dict[str, Any] | None) -> None:
    """Set the changed options, and the others to their defaults."""
    if value is None:
        return
    import pandas as pd

    with warnings.catch_warnings():
        # Setting a deprecated option warns; the user has seen that where it was set first.
        warnings.simplefilter("ignore")
        for name, default in _defaults().items():
            wanted = value.get(name, default)
            if pd.get_option(name) != wanted:
                pd.set_option(name, wanted)


def _defaults() -> dict[str, Any]:
    from pandas._config import config

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options: Any = config._registered_options  # noqa: SLF001  pandas lists them nowhere else
        deprecated = config._deprecated_options  # noqa: SLF001
        return {name: option.defval for name, option in options.items() if name not in deprecated}
