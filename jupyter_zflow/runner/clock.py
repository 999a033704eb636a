"""Time, as the interpreter sees it: injected, so that tests of retries cost none."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """What the interpreter needs of time."""

    def now(self) -> dt.datetime:
        """Return the present moment, with a timezone."""

    async def sleep(self, seconds: float) -> None:
        """Wait for a duration that somebody measures, such as a timeout."""

    async def pause(self, seconds: float) -> None:
        """Wait because the state machine says so: a Wait state, the gap before a retry."""


class LocalClock:
    """Real time, except that pauses are short.

    A pause gives a service time to recover or a far job time to end; neither exists here.

    Parameters
    ----------
    longest_pause
        Seconds to which each pause is cut.
    """

    def __init__(self, *, longest_pause: float = 0.2) -> None:
        self._longest_pause = longest_pause

    def now(self) -> dt.datetime:
        """Return the present moment."""
        return dt.datetime.fromtimestamp(time.time(), tz=dt.UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    async def pause(self, seconds: float) -> None:
        """Wait, but not long."""
        await asyncio.sleep(min(seconds, self._longest_pause))


def stamp(moment: dt.datetime) -> str:
    """Return a moment as Step Functions writes it."""
    text = moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
