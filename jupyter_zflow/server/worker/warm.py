"""A child that stays, with its imports done: what the panel asks on every edit.

One request at a time. A request with a key takes the place of an earlier one with the same key,
whether that one waits or is being worked on: only the latest edit counts.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ToolError, ZflowError
from jupyter_zflow.server.refusals import SupersededError, TaskError
from jupyter_zflow.server.worker.child import ABORTED
from jupyter_zflow.server.worker.process import Child

if TYPE_CHECKING:
    from collections.abc import Hashable


_SITES = ("site-packages", "dist-packages")


@dataclass(eq=False)
class _Ticket:
    task: str
    arguments: dict[str, Any]
    key: Hashable
    answer: asyncio.Future[dict[str, Any]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class WarmWorker:
    """Asks one warm child.

    Parameters
    ----------
    limit
        Seconds that one request may take.
    idle
        Seconds after the last request when the child is ended; by default it stays.
    renew
        Begin with a new child after a request was given up, because it holds what cannot be
        given up halfway.
    """

    def __init__(self, *, limit: float, idle: float | None = None, renew: bool = False) -> None:
        self._limit = limit
        self._idle = idle
        self._renew = renew
        self._alarm: asyncio.TimerHandle | None = None
        self._waiting: deque[_Ticket] = deque()
        self._present: _Ticket | None = None
        self._child: Child | None = None
        self._known: tuple[int, ...] = ()
        self._pump: asyncio.Task[None] | None = None

    async def ask(
        self, task: str, arguments: dict[str, Any], *, key: Hashable = None
    ) -> dict[str, Any]:
        """Have a task done.

        Raises
        ------
        SupersededError
            A later request has the same key.
        TaskError
            The task was refused or failed.
        ToolError
            The child died, or took too long.
        """
        ticket = _Ticket(task, arguments, key)
        if key is not None:
            self._supersede(key)
        self._waiting.append(ticket)
        self._silence()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._work())
        try:
            return await ticket.answer
        except asyncio.CancelledError:
            self._forget(ticket)
            raise

    async def close(self) -> None:
        """End the child and everything that waits."""
        self._silence()
        for ticket in self._waiting:
            ticket.answer.cancel()
        self._waiting.clear()
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await self._end()

    def _silence(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _rest(self) -> None:
        """Nobody has asked for a while."""
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._sleep())

    async def _sleep(self) -> None:
        """End the child, then do what was asked meanwhile."""
        await self._end()
        await self._work()

    def _supersede(self, key: Hashable) -> None:
        for ticket in [one for one in (*self._waiting, self._present) if one and one.key == key]:
            if not ticket.answer.done():
                ticket.answer.set_exception(SupersededError("A later request took its place."))
            self._forget(ticket)

    def _forget(self, ticket: _Ticket) -> None:
        if ticket is self._present:
            if self._child is not None:
                self._child.give_up()
        elif ticket in self._waiting:
            self._waiting.remove(ticket)

    async def _work(self) -> None:
        while self._waiting:
            ticket = self._present = self._waiting.popleft()
            try:
                result = await self._one(ticket)
            except asyncio.CancelledError:
                ticket.answer.cancel()
                raise
            except ZflowError as error:
                if not ticket.answer.done():
                    ticket.answer.set_exception(error)
            else:
                if not ticket.answer.done():
                    ticket.answer.set_result(result)
            finally:
                self._present = None
        if self._idle is not None and self._child is not None:
            self._alarm = asyncio.get_running_loop().call_later(self._idle, self._rest)

    async def _one(self, ticket: _Ticket) -> dict[str, Any]:
        installed = _installed()
        if self._child is None or not self._child.alive or installed != self._known:
            await self._end()
            self._child, self._known = await Child.start(warm=True), installed
        if ticket.answer.done():  # nobody waits for it any more
            raise SupersededError("A later request took its place.")
        try:
            async with asyncio.timeout(self._limit):
                return await self._child.ask(ticket.task, ticket.arguments)
        except TimeoutError:
            await self._end()
            raise ToolError(
                f"{ticket.task} took longer than {self._limit:g} s and was stopped."
            ) from None
        except TaskError as error:
            if error.reason == ABORTED:
                if self._renew:
                    await self._end()
                raise SupersededError("A later request took its place.") from None
            raise
        except ToolError:
            await self._end()
            raise
        except (OSError, ValueError) as error:  # what it said cannot be read
            await self._end()
            raise ToolError(f"{ticket.task} ended without a result: {error}.") from None

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.close()


def _installed() -> tuple[int, ...]:
    """Return what changes when a package comes or goes: a child remembers what it saw."""
    places = [Path(place) for place in sys.path]
    return tuple(
        place.stat().st_mtime_ns for place in places if place.name in _SITES and place.is_dir()
    )
