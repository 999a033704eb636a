"""Environment variables: only the difference that the stage made."""

from __future__ import annotations

import os
import time

from jupyter_zflow.runtime import context

_OWN = ("JPY_", "ZFLOW_", "JUPYTER_", "IPYTHON")


def capture() -> dict[str, str | None]:
    """Return the variables that were set or changed, and None for those removed."""
    before, now = context.baseline().environment, dict(os.environ)
    changed: dict[str, str | None] = {
        name: value for name, value in now.items() if before.get(name) != value
    }
    changed.update(dict.fromkeys(before.keys() - now.keys()))
    return {name: value for name, value in changed.items() if not name.startswith(_OWN)}


def restore(value: dict[str, str | None]) -> None:
    """Make the same difference here."""
    for name, text in value.items():
        if text is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = text
    if "TZ" in value:
        time.tzset()
