"""What stands around a stage: its condition, its loop, and what happens when it may fail.

The data that states hand on is an object with an entry for each stage that did not do its work:
``{"deploy": "skipped"}``. Unlike variables it leaves the branches of a Parallel state. A stage
that needs the results of such a stage is skipped as well, so nothing is ever computed from what
is not there; a stage that only comes after it runs.

Values that conditions ask for are read from the ``result.json`` of the stage that saved them,
right before they are needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.condition import parse_condition, parse_loop
from jupyter_zflow.synth import jobs, loops
from jupyter_zflow.synth.blocks import caught, row
from jupyter_zflow.synth.conditions import absent, translated
from jupyter_zflow.synth.expressions import INPUT, expression, literal, quoted
from jupyter_zflow.synth.jobs.control import until_parameter
from jupyter_zflow.synth.jobs.job import EXECUTION
from jupyter_zflow.synth.references import Resolver, named
from jupyter_zflow.synth.retry import S3, transient

if TYPE_CHECKING:
    from jupyter_zflow.model.condition import Condition, Loop
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.blocks import Block
    from jupyter_zflow.synth.jobs.job import Context, State, States


class Guards:
    """Builds the block of each stage of a pipeline.

    Raises
    ------
    SettingsError
        A condition or a loop names what does not exist, or is not written as one.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self._stages = {stage.name: stage for stage in context.pipeline.stages}
        self._conditions: dict[str, Condition] = {}
        self._loops: dict[str, Loop] = {}
        self._resolvers: dict[str, Resolver] = {}
        self._needs: dict[str, frozenset[str]] = {}
        for stage in self._stages.values():
            self._read(stage)
        self.parameters_used = any(
            found.parameters or until_parameter(stage) is not None
            for stage, found in zip(self._stages.values(), self._resolvers.values(), strict=True)
        )
        self.skippable = self._find_skippable()
        """Stages that may end without having done their work."""

    @property
    def results(self) -> tuple[str, ...]:
        """The states whose results are read to decide."""
        read = frozenset().union(*(found.stages for found in self._resolvers.values()))
        return tuple(
            self.context.naming.state(stage) for name, stage in self._stages.items() if name in read
        )

    def block(self, name: str) -> Block:
        """Return the states of a stage and of what stands around it."""
        stage = self._stages[name]
        reads, work = self._reads(stage), self._work(stage)
        if name not in self.skippable:
            return row([*reads, *work])
        state = self.context.naming.state(stage)
        after: Block = []
        guards: States = []
        if stage.when is not None or self._skipping(stage):
            skipped = self.context.naming.free(f"{state} skipped")
            after.append((skipped, _absent(state, "skipped")))
            guards = self._gate(stage, skipped)
            guards += [*reads, *self._choice(stage, skipped, begin=work[0][0])]
        else:
            guards = reads
        if stage.may_fail:
            failed = self.context.naming.free(f"{state} failed")
            work = [caught(item, failed) for item in work]
            after.append((failed, _absent(state, "failed")))
        return [*_linked(guards, work[0][0]), *row(work), *after]

    def _read(self, stage: Stage) -> None:
        """Read the stage's condition and loop, and find what they name."""
        resolver = self._resolvers[stage.name] = Resolver(stage, self.context)
        asked: set[str] = set()
        if stage.when is not None:
            condition = _told(stage, parse_condition, stage.when)
            self._conditions[stage.name] = condition
            for reference in condition.references:
                resolver.resolve(reference)
            asked = {named(word, stage, self.context).name for word in condition.asked}
        if stage.for_each is not None:
            loop = self._loops[stage.name] = _told(stage, parse_loop, stage.for_each)
            resolver.resolve(loop.items)
            loops.check(stage, loop, self.context)
        elif stage.max_concurrency is not None or stage.tolerated_failures:
            raise SettingsError(
                f"Stage {stage.name!r} limits its items, but has no for_each.",
                remedy="Remove max_concurrency and tolerated_failures, or say for_each.",
            )
        wanted = set(stage.after) - asked if stage.needs is None else set(stage.needs)
        for other in sorted(wanted - set(self.context.upstream[stage.name])):
            raise SettingsError(
                f"Stage {stage.name!r} needs {other!r}, which does not come before it.",
                remedy="Name it in after, too.",
            )
        self._needs[stage.name] = frozenset(wanted | resolver.stages)

    def _find_skippable(self) -> frozenset[str]:
        found: set[str] = set()
        # Stages before a stage may be listed after it, so one walk in order is not enough.
        for name in sorted(self._stages, key=lambda name: len(self.context.upstream[name])):
            stage = self._stages[name]
            if stage.when is not None or stage.may_fail or self._needs[name] & found:
                found.add(name)
        return frozenset(found)

    def _work(self, stage: Stage) -> States:
        loop = self._loops.get(stage.name)
        if loop is None:
            return jobs.states(stage, self.context)
        return loops.states(
            stage, loop, self.context, items=self._resolvers[stage.name].resolve(loop.items)
        )

    def _gate(self, stage: Stage, skipped: str) -> States:
        """Return the state that skips a stage because of what it needs."""
        states = [self.context.naming.state(other) for other in self._skipping(stage)]
        if not states:
            return []
        missing = expression(" or ".join(map(absent, states)))
        name = self.context.naming.free(f"Can {self.context.naming.state(stage)} run?")
        return [(name, {"Type": "Choice", "Choices": [{"Condition": missing, "Next": skipped}]})]

    def _skipping(self, stage: Stage) -> list[Stage]:
        """Return the stages that take the stage with them when they do not do their work."""
        names = self._needs[stage.name] & self.skippable
        return [other for other in self._stages.values() if other.name in names]

    def _choice(self, stage: Stage, skipped: str, *, begin: str) -> States:
        """Return the state that decides by the stage's condition."""
        condition = self._conditions.get(stage.name)
        if condition is None:
            return []
        text = translated(
            condition,
            resolve=self._resolvers[stage.name].resolve,
            state_of=lambda word: self.context.naming.state(named(word, stage, self.context)),
        )
        name = self.context.naming.free(f"Shall {self.context.naming.state(stage)} run?")
        choice: State = {
            "Type": "Choice",
            "Comment": literal(condition.text),
            "Choices": [{"Condition": expression(text), "Next": begin}],
            "Default": skipped,
        }
        return [(name, choice)]

    def _reads(self, stage: Stage) -> States:
        """Return the states that read what the condition and the loop name."""
        reads: States = []
        for producer, names in self._resolvers[stage.name].wanted.items():
            state = self.context.naming.state(self._stages[producer])
            name = self.context.naming.free(f"Read {state} for {self.context.naming.state(stage)}")
            variable = self._resolvers[stage.name].variable(producer)
            reads.append((name, self._result(producer, state, names, variable)))
        return reads

    def _result(self, producer: str, state: str, names: dict[str, str], variable: str) -> State:
        key = f"'{self.context.naming.prefix}/executions/' & {EXECUTION} & '/{state}/result.json'"
        return {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
            "Arguments": {"Bucket": "${Bucket}", "Key": expression(key)},
            "Retry": [transient(S3)],
            "Assign": {
                variable: {
                    name: expression(_value(producer, where, name)) for name, where in names.items()
                }
            },
            "Output": INPUT,
        }


def _value(stage: str, where: str, name: str) -> str:
    found = f"$lookup($parse($states.result.Body).{where}, {quoted(name)})"
    what = "logged no metric" if where == "metrics" else "saved no JSON value"
    return f"$exists({found}) ? {found} : $error({quoted(f'Stage {stage} {what} {name}')})"


def _told(stage: Stage, parse: Any, text: str) -> Any:
    """Return what was read; a complaint says which stage it is about."""
    try:
        return parse(text)
    except SettingsError as error:
        raise SettingsError(f"Stage {stage.name!r}: {error.message}", remedy=error.remedy) from None


def _absent(state: str, how: str) -> State:
    """Return the state that notes that a stage did not do its work."""
    noted = f"$merge([$states.input, {{{quoted(state)}: '{how}'}}])"
    return {"Type": "Pass", "Output": expression(noted)}


def _linked(guards: States, begin: str) -> Block:
    """Return guards in a row; a gate goes on to what follows it by default."""
    names = [name for name, _ in guards] + [begin]
    linked: Block = []
    for (name, state), following in zip(guards, names[1:], strict=True):
        link = "Default" if state["Type"] == "Choice" else "Next"
        linked.append((name, {**state, link: state.get(link, following)}))
    return linked
