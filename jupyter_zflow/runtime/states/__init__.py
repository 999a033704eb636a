"""Ambient state: what a process holds beside its variables, and a notebook counts on.

A kind is a small module with ``capture() -> value`` and ``restore(value)``; the value must be
picklable. ``module:<dotted name>`` is an attribute that somebody changed in a module.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Any

from jupyter_zflow.errors import ArtifactError

KINDS = MappingProxyType(
    {
        "cwd": "directory",
        "decimal": "decimal_",
        "locale": "locale_",
        "logging": "logging_",
        "matplotlib": "matplotlib_",
        "numpy.options": "numpy_options",
        "numpy.random": "numpy_random",
        "os.environ": "environment",
        "pandas.options": "pandas_options",
        "random": "random_",
        "sys.path": "search_path",
        "torch.random": "torch_random",
        "warnings": "warnings_",
    }
)
"""Kind -> its module in this package."""

ATTRIBUTE = "module:"


def capture(kind: str) -> Any:
    """Return the present state of a kind, as a value that can be pickled."""
    if kind.startswith(ATTRIBUTE):
        from jupyter_zflow.runtime.states import attribute

        return attribute.capture(kind.removeprefix(ATTRIBUTE))
    return _module(kind).capture()


def restore(kind: str, value: Any) -> None:
    """Bring the process into a captured state."""
    if kind.startswith(ATTRIBUTE):
        from jupyter_zflow.runtime.states import attribute

        attribute.restore(kind.removeprefix(ATTRIBUTE), value)
    else:
        _module(kind).restore(value)


def _module(kind: str) -> Any:
    if kind not in KINDS:
        known = ", ".join([*KINDS, f"{ATTRIBUTE}<name>"])
        message = f"there is no ambient state {kind!r}; known are {known}."
        raise ArtifactError(message, remedy="Export the notebook again.")
    return import_module(f"{__name__}.{KINDS[kind]}")
