"""How a state fails: an error name that ``Retry`` and ``Catch`` can match, and a cause."""

from __future__ import annotations

ALL = "States.ALL"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
HEARTBEAT = "States.HeartbeatTimeout"
RUNTIME = "States.Runtime"
QUERY = "States.QueryEvaluationError"
NO_CHOICE = "States.NoChoiceMatched"
BRANCH = "States.BranchFailed"
LIMIT = "States.DataLimitExceeded"

_TERMINAL = {RUNTIME, LIMIT}


class StateFailedError(Exception):
    """A state failed.

    Parameters
    ----------
    error
        The error name, such as ``States.TaskFailed``.
    cause
        What happened, for people.
    """

    def __init__(self, error: str, cause: str = "") -> None:
        super().__init__(f"{error}: {cause}" if cause else error)
        self.error = error
        self.cause = cause

    def matches(self, names: list[str]) -> bool:
        """Return whether a retrier or catcher with these names applies."""
        if self.error in _TERMINAL:
            return False
        for name in names:
            if name in {ALL, self.error}:
                return True
            if name == TASK_FAILED and self.error not in {TIMEOUT, HEARTBEAT}:
                return True
            if name == TIMEOUT and self.error == HEARTBEAT:
                return True
        return False
