"""A clock that costs no time, and machines in a few words."""

from __future__ import annotations

import asyncio
import datetime as dt
import heapq
import itertools
import random
from typing import TYPE_CHECKING, Any

import pytest

from jupyter_zflow.runner import definition
from jupyter_zflow.runner.interpreter import ExecutionContext, Interpreter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from jupyter_zflow.runner.interpreter import TaskCall


class FakeClock:
    """Virtual time: when nothing can run any more, the next sleeper's moment has come."""

    def __init__(self) -> None:
        self.time = 0.0
        self.pauses: list[float] = []
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def now(self) -> dt.datetime:
        """Return virtual time."""
        start = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
        return start + dt.timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        """Wait until virtual time has passed."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._numbers), waiting))
        await waiting

    async def pause(self, seconds: float) -> None:
        """Wait, and note for how long."""
        self.pauses.append(seconds)
        await self.sleep(seconds)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run to the end."""

        async def drive() -> Any:
            job = asyncio.ensure_future(work)
            while not job.done():
                for _ in range(50):
                    await asyncio.sleep(0)
                if not job.done() and self._sleepers:
                    self.time, _, waiting = heapq.heappop(self._sleepers)
                    if not waiting.done():
                        waiting.set_result(None)
            return job.result()

        return asyncio.run(drive())


class Machine:
    """Runs definitions against a table of resources."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.events: list[dict[str, Any]] = []
        self.calls: list[TaskCall] = []

    def run(
        self,
        machine: dict[str, Any],
        data: Any = None,
        *,
        task: Callable[[TaskCall], Awaitable[Any]] | None = None,
    ) -> Any:
        """Run a machine of which only the states are given; return its output."""

        async def execute(call: TaskCall) -> Any:
            self.calls.append(call)
            return await task(call) if task else call.arguments

        import json

        full = {"QueryLanguage": "JSONata", **machine}
        context = ExecutionContext(id="arn:1", name="e1", input=data, started="2030")
        interpreter = Interpreter(
            execute,
            clock=self.clock,
            context=context,
            observe=self.events.append,
            chance=random.Random(7),
        )
        return self.clock.run(interpreter.run(definition.read(json.dumps(full)), data))


@pytest.fixture
def machine() -> Machine:
    """Return a machine with virtual time."""
    return Machine()


def row(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a machine that runs states in a row."""
    names = [name for name, _ in states]
    links: list[dict[str, Any]] = [{"Next": name} for name in names[1:]] + [{"End": True}]
    linked = {}
    for (name, state), link in zip(states, links, strict=True):
        own = state["Type"] in {"Choice", "Succeed", "Fail"}
        linked[name] = state if own else {**state, **link}
    return {"StartAt": names[0], "States": linked}
