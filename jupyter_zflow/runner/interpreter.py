"""The Amazon States Language, as far as our synth writes it.

A state is entered with an input and left with an output; variables live in a scope that a branch
opens below its parent's. Every failure is a `StateFailedError`, which the state's own ``Retry`` and
``Catch`` see before anyone else.
"""

from __future__ import annotations

import asyncio
import random
from collections import ChainMap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyter_zflow.runner import expressions
from jupyter_zflow.runner.clock import stamp
from jupyter_zflow.runner.failures import (
    HEARTBEAT,
    NO_CHOICE,
    QUERY,
    RUNTIME,
    TIMEOUT,
    StateFailedError,
)
from jupyter_zflow.runner.retry import Retrier

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jupyter_zflow.model.value import Json
    from jupyter_zflow.runner.clock import Clock
    from jupyter_zflow.runner.definition import Machine, State

    Scope = ChainMap[str, Json]
    Observer = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class TaskCall:
    """One call of a Task's resource."""

    state: str
    resource: str
    arguments: Any
    attempt: int
    """How often the state was retried before."""
    beat: Callable[[], None] = field(default=lambda: None)
    """Tell that the work is alive."""


@dataclass(frozen=True)
class ExecutionContext:
    """The part of ``$states.context`` that belongs to the execution."""

    id: str
    name: str
    input: Any
    started: str
    machine: str = ""

    def at(self, state: str, entered: str, retries: int) -> dict[str, Any]:
        """Return the context object inside a state."""
        return {
            "Execution": {
                "Id": self.id,
                "Name": self.name,
                "Input": self.input,
                "StartTime": self.started,
                "RedriveCount": 0,
            },
            "State": {"Name": state, "EnteredTime": entered, "RetryCount": retries},
            "StateMachine": {"Id": self.machine, "Name": self.machine},
        }


class Interpreter:
    """Run machines.

    Parameters
    ----------
    execute
        Does the work of Task states.
    clock
        Time.
    context
        What expressions may know about the execution.
    observe
        Told when a state begins, is retried and ends.
    chance
        For the jitter of retries.
    """

    def __init__(
        self,
        execute: Callable[[TaskCall], Awaitable[Json]],
        *,
        clock: Clock,
        context: ExecutionContext,
        observe: Observer = lambda _event: None,
        chance: random.Random | None = None,
    ) -> None:
        self._execute = execute
        self._clock = clock
        self._context = context
        self._observe = observe
        self._chance = chance or random.Random()  # noqa: S311  not for secrets

    async def run(self, machine: Machine, data: Json) -> Json:
        """Run a machine to its end and return its output.

        Raises
        ------
        StateFailedError
            A state failed and nothing caught it.
        """
        limit = machine.get("TimeoutSeconds")
        work = self._run_machine(machine, data, ChainMap({}), {})
        return await (work if limit is None else self._limited(work, limit, None))

    async def _run_machine(
        self, machine: Machine, data: Json, scope: Scope, extra: dict[str, Any]
    ) -> Json:
        name: str | None = machine["StartAt"]
        while name is not None:
            name, data = await self._run_state(name, machine["States"][name], data, scope, extra)
        return data

    async def _run_state(
        self, name: str, state: State, data: Json, scope: Scope, extra: dict[str, Any]
    ) -> tuple[str | None, Json]:
        """Run a state with its retries; return the next state's name and the output."""
        entered = stamp(self._clock.now())
        retriers = [Retrier(rule) for rule in state.get("Retry", ())]
        retries = 0
        self._observe({"event": "state_entered", "state": name, "type": state["Type"]})
        while True:
            context = {**self._context.at(name, entered, retries), **extra}
            visit = _Visit(self, name, state, data, scope, context, retries)
            try:
                following, output = await visit.run()
            except StateFailedError as failure:
                rule = next((rule for rule in retriers if rule.matches(failure)), None)
                if rule is None or rule.exhausted:
                    following, output = visit.catch(failure)
                    self._observe({"event": "state_exited", "state": name, "caught": failure.error})
                    return following, output
                retries += 1
                pause = rule.next_pause(self._chance)
                self._observe(
                    {
                        "event": "state_retried",
                        "state": name,
                        "error": failure.error,
                        "retry": retries,
                        "pause": round(pause, 3),
                    }
                )
                await self._clock.pause(pause)
            else:
                self._observe({"event": "state_exited", "state": name})
                return following, output

    async def _limited(
        self, work: Awaitable[Json], limit: float, heartbeat: _Heartbeat | None
    ) -> Json:
        """Return the work's result, or fail when it takes longer than it may."""
        task = asyncio.ensure_future(work)
        alarms = {asyncio.ensure_future(self._clock.sleep(limit)): TIMEOUT}
        if heartbeat is not None:
            alarms[asyncio.ensure_future(heartbeat.missed(self._clock))] = HEARTBEAT
        error = ""
        try:
            await asyncio.wait({task, *alarms}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            error = next(name for alarm, name in alarms.items() if alarm.done())
            raise StateFailedError(error, f"it took longer than {limit:g} seconds")
        finally:
            pending = {job for job in (task, *alarms) if not job.done()}
            for job in pending:
                job.cancel(error)
            if pending:
                await asyncio.wait(pending)


class _Heartbeat:
    """Notices when nobody said for too long that the work is alive."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._beats = 0

    def beat(self) -> None:
        self._beats += 1

    async def missed(self, clock: Clock) -> None:
        seen = -1
        while seen != self._beats:
            seen = self._beats
            await clock.sleep(self._seconds)


class _Visit:
    """One attempt at one state."""

    def __init__(  # noqa: PLR0917  all that a state may look at
        self,
        interpreter: Interpreter,
        name: str,
        state: State,
        data: Json,
        scope: Scope,
        context: dict[str, Any],
        retries: int,
    ) -> None:
        self._interpreter = interpreter
        self._name = name
        self._state = state
        self._data = data
        self._scope = scope
        self._context = context
        self._retries = retries

    async def run(self) -> tuple[str | None, Json]:
        """Do what the state's type says."""
        match self._state["Type"]:
            case "Choice":
                return self._choose()
            case "Fail":
                error = self._fill("Error", default="States.TaskFailed")
                raise StateFailedError(str(error), str(self._fill("Cause", default="")))
            case "Succeed":
                return None, self._output(self._data)
            case "Pass":
                return self._leave(self._data)
            case "Wait":
                await self._wait()
                return self._leave(self._data)
            case "Task":
                return self._leave(await self._task(), has_result=True)
            case "Parallel":
                return self._leave(await self._parallel(), has_result=True)
            case _:
                return self._leave(await self._map(), has_result=True)

    def catch(self, failure: StateFailedError) -> tuple[str | None, Json]:
        """Return where a catcher leads, or raise the failure again."""
        for rule in self._state.get("Catch", ()):
            if failure.matches(rule["ErrorEquals"]):
                known = {"errorOutput": {"Error": failure.error, "Cause": failure.cause}}
                output = self._output(known["errorOutput"], rule, **known)
                self._assign(rule, **known)
                return rule["Next"], output
        raise failure

    async def _task(self) -> Json:
        state = self._state
        limit = self._fill("TimeoutSeconds", default=None)
        seconds = self._fill("HeartbeatSeconds", default=None)
        heartbeat = None if seconds is None else _Heartbeat(seconds)
        call = TaskCall(
            self._name,
            state["Resource"],
            self._fill("Arguments", default={}),
            self._retries,
            heartbeat.beat if heartbeat else lambda: None,
        )
        work = self._interpreter._execute(call)  # noqa: SLF001
        if limit is None and heartbeat is None:
            return await work
        return await self._interpreter._limited(work, limit or float("inf"), heartbeat)  # noqa: SLF001

    async def _parallel(self) -> Json:
        given = self._fill("Arguments", default=self._data)
        return await self._together(
            [(branch, given, {}) for branch in self._state["Branches"]], limit=0
        )

    async def _map(self) -> Json:
        items = self._fill("Items", default=self._data)
        if not isinstance(items, list):
            raise StateFailedError(QUERY, f"{self._name}: Items is {items!r}, not a list")
        jobs = []
        for index, item in enumerate(items):
            extra = {"Map": {"Item": {"Index": index, "Value": item}}}
            given = item
            if "ItemSelector" in self._state:
                given = self._fill("ItemSelector", context=extra)
            jobs.append((self._state["ItemProcessor"], given, extra))
        return await self._together(jobs, limit=self._fill("MaxConcurrency", default=0))

    async def _together(
        self, jobs: list[tuple[Machine, Json, dict[str, Any]]], *, limit: int
    ) -> Json:
        """Run machines at the same time; the first failure stops the others."""
        gate = asyncio.Semaphore(limit or max(len(jobs), 1))

        async def one(machine: Machine, given: Json, extra: dict[str, Any]) -> Json:
            async with gate:
                run = self._interpreter._run_machine  # noqa: SLF001
                return await run(machine, given, self._scope.new_child(), extra)

        tasks = [asyncio.ensure_future(one(*job)) for job in jobs]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            pending = [task for task in tasks if not task.done()]
            for task in pending:
                task.cancel()
            if pending:
                await asyncio.wait(pending)

    async def _wait(self) -> None:
        clock = self._interpreter._clock  # noqa: SLF001
        if "Timestamp" in self._state:
            import datetime as dt

            moment = dt.datetime.fromisoformat(self._fill("Timestamp"))
            await clock.pause(max((moment - clock.now()).total_seconds(), 0))
        else:
            await clock.pause(float(self._fill("Seconds")))

    def _choose(self) -> tuple[str | None, Json]:
        for rule in self._state["Choices"]:
            held = self._fill("Condition", rule)
            if not isinstance(held, bool):
                raise StateFailedError(
                    QUERY, f"{self._name}: {rule['Condition']} is no true or false"
                )
            if held:
                output = self._output(self._data, rule)
                self._assign(rule)
                return rule["Next"], output
        if "Default" not in self._state:
            raise StateFailedError(NO_CHOICE, f"{self._name}: no choice matched")
        output = self._output(self._data)
        self._assign(self._state)
        return self._state["Default"], output

    def _leave(self, result: Json, *, has_result: bool = False) -> tuple[str | None, Json]:
        known: dict[str, Any] = {"result": result} if has_result else {}
        output = self._output(result, **known)
        self._assign(self._state, **known)
        return self._state.get("Next"), output

    def _output(self, default: Json, rule: State | None = None, **known: Any) -> Json:
        return self._fill("Output", rule, default=default, **known)  # type: ignore[no-any-return]

    def _assign(self, rule: State, **known: Any) -> None:
        values = self._fill("Assign", rule, default={}, **known)
        if "states" in values:
            raise StateFailedError(RUNTIME, f"{self._name}: $states cannot be assigned")
        self._scope.update(values)

    def _fill(
        self,
        field_name: str,
        rule: State | None = None,
        *,
        default: Any = ...,
        context: dict[str, Any] | None = None,
        **known: Any,
    ) -> Any:
        template = (self._state if rule is None else rule).get(field_name, default)
        if template is ... or template is default:
            return default
        states = {"input": self._data, "context": {**self._context, **(context or {})}, **known}
        names = {**self._scope, "states": states}
        return expressions.fill(template, names, where=f"{self._name}, {field_name}")
