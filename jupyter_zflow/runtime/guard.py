"""What the engine asks the kernel to compare around a cell; ``unchanged`` is the other half."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNCHANGED = "unchanged"
"""The key of a cell's ``zflow`` metadata: variables and states to compare around it."""
LASTING = "lasting"
"""The key of what is compared once more after the stage's last cell."""

_MODULE = "jupyter_zflow.runtime.unchanged"


def before(asked: Mapping[str, Any]) -> str:
    """Return code that remembers how things are before a cell, and leaves no trace."""
    return _call(
        "before", asked.get("variables", ()), asked.get("states", ()), asked.get(LASTING, ())
    )


def after(asked: Mapping[str, Any]) -> str:
    """Return code that raises when the cell changed what it was to leave alone."""
    return _call("after", asked.get("variables", ()), asked.get("states", ()))


def last(names: Iterable[str]) -> str:
    """Return code that raises when something changed since it was first looked at."""
    return _call("last", names)


def _call(function: str, *lists: Iterable[str]) -> str:
    arguments = ", ".join(repr(sorted(names)) for names in lists)
    return f"__import__({_MODULE!r}, fromlist=[{function!r}]).{function}({arguments})"
