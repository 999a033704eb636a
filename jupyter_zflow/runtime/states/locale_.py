"""The locale of the C library."""

from __future__ import annotations

import locale

from jupyter_zflow.errors import ArtifactError


def capture() -> str:
    """Return the setting of every category."""
    return locale.setlocale(locale.LC_ALL)


def restore(value: str) -> None:
    """Set every category.

    Raises
    ------
    ArtifactError
        The locale is not installed here.
    """
    try:
        locale.setlocale(locale.LC_ALL, value)
    except locale.Error:
        message = f"the locale {value!r} is not installed on this machine."
        raise ArtifactError(message, remedy="Install it in the stage's image.") from None
