"""The errors that only a server has."""

from __future__ import annotations

from typing import Any

from jupyter_zflow.errors import ZflowError


class TaskError(ZflowError):
    """What another process refused or failed at, as it told it.

    Parameters
    ----------
    content
        The error as the routes answer it: ``message``, ``reason``, ``remedy``, ``findings``.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__(content["message"])
        self.remedy = content.get("remedy", "")
        self.content = content
        self.reason: str = content["reason"]

    def __str__(self) -> str:
        return self.message


class SupersededError(ZflowError):
    """A later request took this one's place."""


class BusyError(ZflowError):
    """As much runs already as the administrator allows."""


class HiddenError(ZflowError):
    """A feature that the administrator has hidden."""


class MissingError(ZflowError):
    """There is no such thing, or not for this user."""
