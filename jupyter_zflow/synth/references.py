"""What the names in a stage's condition and loop stand for: parameters and results of stages.

The nearest stage before it that declares a result of the name wins over a parameter, as the last
assignment wins in a notebook.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.model.names import identifier
from jupyter_zflow.synth.conditions import field
from jupyter_zflow.synth.naming import variable

if TYPE_CHECKING:
    from jupyter_zflow.model.condition import Reference
    from jupyter_zflow.model.stage import Stage
    from jupyter_zflow.synth.jobs.job import Context


class Resolver:
    """Finds what one stage's condition and loop name."""

    def __init__(self, stage: Stage, context: Context) -> None:
        self._stage = stage
        self._context = context
        self.parameters = False
        """Whether a parameter is named."""
        self.wanted: dict[str, dict[str, str]] = {}
        """Stage -> name -> where in its result: ``outputs`` or ``metrics``."""

    @property
    def stages(self) -> frozenset[str]:
        """The stages whose results are named."""
        return frozenset(self.wanted)

    def variable(self, producer: str) -> str:
        """Return the variable that holds what was read of a stage's result."""
        # A branch may not assign what the states around it assign, so each reader has its own.
        return variable(producer, "for", self._stage.name)

    def resolve(self, reference: Reference) -> str:
        """Return the JSONata of a value.

        Raises
        ------
        SettingsError
            Nothing has the name, or two stages that are not in order have it.
        """
        producer = self._producer(reference)
        if producer is not None:
            where = "outputs" if reference.name in producer.outputs else "metrics"
            self.wanted.setdefault(producer.name, {})[reference.name] = where
            return field(self.variable(producer.name), reference.name)
        if reference.name not in {p.name for p in self._context.pipeline.parameters}:
            raise self._unknown(reference)
        if reference.name in self._stage.parameters:
            raise SettingsError(
                f"Stage {self._stage.name!r} asks for the parameter {reference.name!r}, which it "
                "fixes for itself.",
                remedy="Decide in the script, or do not fix it.",
            )
        self.parameters = True
        return field("parameters", reference.name)

    def _producer(self, reference: Reference) -> Stage | None:
        upstream = self._context.upstream[self._stage.name]
        if reference.stage is not None:
            stage = named(reference.stage, self._stage, self._context)
            if reference.name not in (*stage.outputs, *stage.metrics):
                raise self._unknown(reference)
            found = [stage.name]
        else:
            found = [name for name in upstream if self._declares(name, reference.name)]
        if not found:
            return None
        nearest = self._context.pipeline.stage(found[-1])
        before = {*self._context.upstream[nearest.name], nearest.name}
        if unordered := [name for name in found if name not in before]:
            raise SettingsError(
                f"Stage {self._stage.name!r}: {reference.name!r} is a result of the stages "
                f"{unordered[-1]!r} and {nearest.name!r}, of which none comes before the other.",
                remedy=f"Write {identifier(nearest.name)}.{reference.name}, or put them in order.",
            )
        if nearest.for_each is not None:
            raise SettingsError(
                f"Stage {self._stage.name!r} asks for {reference.name!r} of stage "
                f"{nearest.name!r}, which has one for each item.",
                remedy="Let a stage between them make one value of it.",
            )
        return nearest

    def _declares(self, stage: str, name: str) -> bool:
        found = self._context.pipeline.stage(stage)
        return name in found.outputs or name in found.metrics

    def _unknown(self, reference: Reference) -> SettingsError:
        stages = [
            self._context.pipeline.stage(name) for name in self._context.upstream[self._stage.name]
        ]
        known = [parameter.name for parameter in self._context.pipeline.parameters]
        for stage in stages:
            for name in (*stage.outputs, *stage.metrics):
                known += [name, f"{identifier(stage.name)}.{name}"]
        near = get_close_matches(str(reference), known, n=1)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        return SettingsError(
            f"Stage {self._stage.name!r}: {str(reference)!r} is no parameter and no result of a "
            "stage before it.",
            remedy=f"{hint}Known are {', '.join(dict.fromkeys(known)) or 'none'}.",
        )


def named(word: str, stage: Stage, context: Context) -> Stage:
    """Return the stage before another one that a word in its condition means."""
    before = [context.pipeline.stage(name) for name in context.upstream[stage.name]]
    for other in before:
        if identifier(other.name) == word:
            return other
    known = [identifier(other.name) for other in before]
    near = get_close_matches(word, known, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise SettingsError(
        f"Stage {stage.name!r} asks for {word!r}, which is no stage before it.",
        remedy=f"{hint}Stages before it are {', '.join(known) or 'none'}.",
    )
