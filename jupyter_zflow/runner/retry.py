"""``Retry``: which failures, how often, after which pause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

    from jupyter_zflow.runner.failures import StateFailedError


class Retrier:
    """One rule of ``Retry`` and how often it was used."""

    def __init__(self, rule: dict[str, Any]) -> None:
        self._rule = rule
        self._used = 0

    def matches(self, failure: StateFailedError) -> bool:
        """Return whether the rule is for such a failure."""
        return failure.matches(self._rule["ErrorEquals"])

    @property
    def exhausted(self) -> bool:
        """Whether no attempt is left."""
        return bool(self._used >= self._rule.get("MaxAttempts", 3))

    def next_pause(self, chance: random.Random) -> float:
        """Return the seconds before the next attempt, and count it."""
        rule = self._rule
        pause = rule.get("IntervalSeconds", 1) * rule.get("BackoffRate", 2.0) ** self._used
        pause = min(pause, rule.get("MaxDelaySeconds", pause))
        self._used += 1
        return chance.uniform(0, pause) if rule.get("JitterStrategy") == "FULL" else float(pause)
