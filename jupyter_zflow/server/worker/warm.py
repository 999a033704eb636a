"""A child that stays, with its imports done: what the panel asks on every edit.

One request at a time. A request with a key takes the place of an earlier one with the same key,
whether that one waits or is being worked on: only the latest edit counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ToolError, ZflowError
from jupyter_zflow.server.refusals import SupersededError, TaskError
from jupyter_zflow.server.worker.child import ABORTED
from jupyter_zflow.server.worker.process import Child

if TYPE_CHECKING:
    from collections.abc import Hashable


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
    """

    def __init__(self, *, limit: float) -> None:
        self._limit = limit
        self._waiting: deque[_Ticket] = deque()
        self._present: _Ticket | None = None
        self._child: Child | None = None
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
        if self._pump is None or self._pump.done():
            self._pump = asyncio.ensure_future(self._work())
        try:
            return await ticket.answer
        except asyncio.CancelledError:
            self._forget(ticket)
            raise

    async def close(self) -> None:
        """End the child and everything that waits."""
        for ticket in self._waiting:
            ticket.answer.cancel()
        self._waiting.clear()
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        await self._end()

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

    async def _one(self, ticket: _Ticket) -> dict[str, Any]:
        if self._child is None or not self._child.alive:
            await self._end()
            self._child = await Child.start(warm=True)
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
                raise SupersededError("A later request took its place.") from None
            raise
        except ToolError:
            await self._end()
            raise

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            await child.close()
