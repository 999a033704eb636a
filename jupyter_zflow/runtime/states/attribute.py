"""An attribute that somebody changed in a module or in one of its classes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from jupyter_zflow.errors import ArtifactError


def capture(name: str) -> tuple[Any, ...]:
    """Return the attribute's value in a tuple, which is empty when there is none."""
    holder, attribute = _find(name)
    members = vars(holder) if hasattr(holder, "__dict__") else {}
    if attribute in members:
        return (members[attribute],)
    return (getattr(holder, attribute),) if hasattr(holder, attribute) else ()


def restore(name: str, value: tuple[Any, ...]) -> None:
    """Give the attribute the same value here, or remove it."""
    holder, attribute = _find(name)
    if value:
        setattr(holder, attribute, value[0])
    elif attribute in vars(holder):
        delattr(holder, attribute)


def _find(name: str) -> tuple[Any, str]:
    path, _, attribute = name.rpartition(".")
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        try:
            holder: Any = import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            continue
        for part in parts[count:]:
            holder = getattr(holder, part)
        return holder, attribute
    message = f"there is no module for the attribute {name!r}."
    raise ArtifactError(message, remedy="Name it as <module>.<attribute>.")
