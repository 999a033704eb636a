"""Every name that one pipeline needs, worked out once so that no two can meet.

============== =================================== ====================================
name           example                             limits
============== =================================== ====================================
state          ``train model``                     80 characters, unique in the machine
job            ``fashion-train-1f3a9c04-0``        63 characters, no underscore
logical id     ``FashionTrainRole``                letters and digits
S3 prefix      ``fashion/``                        a slug
============== =================================== ====================================
"""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from jupyter_zflow.errors import DefinitionError
from jupyter_zflow.model.names import STATE_NAME_LIMIT, identifier, slug, state_name

if TYPE_CHECKING:
    from jupyter_zflow.model.pipeline import Pipeline
    from jupyter_zflow.model.stage import Stage

SHORT = 20
"""Longest share of a job's name for the pipeline and for the stage."""
_DIGEST = 4
_VARIABLE = 80


class Naming:
    """The names of one pipeline."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.prefix = _slug(pipeline.name, what="pipeline")
        """First folder of all the pipeline's keys."""
        self.job_prefix = _short(self.prefix)
        self.logical = _pascal(self.prefix)
        slugs = {stage.name: _slug(stage.name, what="stage") for stage in pipeline.stages}
        states = {stage.name: state_name(stage.name) for stage in pipeline.stages}
        _refuse_equal(slugs, "the same name in jobs and keys")
        _refuse_equal(states, "the same state and notebook")
        self._states = states
        self._short = _distinct({name: _short(text) for name, text in slugs.items()}, slugs, "-")
        self._logical = _distinct({name: _pascal(text) for name, text in slugs.items()}, slugs, "")
        self._taken = set(states.values())

    def state(self, stage: Stage) -> str:
        """Return the stage's state, which is also the stem of its notebook."""
        return self._states[stage.name]

    def job(self, stage: Stage) -> str:
        """Return what all names of the stage's jobs begin with."""
        return f"{self.job_prefix}-{self._short[stage.name]}"

    def role(self, stage: Stage) -> str:
        """Return the logical id of the stage's execution role."""
        return f"{self.logical}{self._logical[stage.name]}Role"

    @property
    def policy(self) -> str:
        """The logical id of the policy that all stages share."""
        return f"{self.logical}StagesPolicy"

    def activity(self, queue: str) -> str:
        """Return the logical id of the activity that the queue's workers poll."""
        return f"{self.logical}{_pascal(_slug(queue, what='queue'))}Activity"

    def free(self, wanted: str) -> str:
        """Return a state name near the wanted one that no other state has."""
        name, number = _fit(wanted, STATE_NAME_LIMIT), 1
        while name in self._taken:
            number += 1
            name = f"{_fit(wanted, STATE_NAME_LIMIT - 4)} {number}"
        self._taken.add(name)
        return name


def variable(*words: str) -> str:
    """Return the name of a variable of the state machine, without its ``$``."""
    name = identifier(" ".join(words))
    if len(name) <= _VARIABLE:
        return name
    digest = sha256(name.encode()).hexdigest()[:8]
    return f"{name[: _VARIABLE - 9]}_{digest}"


def _slug(name: str, *, what: str) -> str:
    text = slug(name)
    if not text:
        raise DefinitionError(
            f"The {what} name {name!r} has no letter or digit that AWS accepts.",
            remedy="Use at least one of A-Z, a-z, 0-9.",
        )
    return text


def _refuse_equal(names: dict[str, str], what: str) -> None:
    owners: dict[str, str] = {}
    for stage, name in names.items():
        other = owners.setdefault(name, stage)
        if other != stage:
            raise DefinitionError(
                f"Stages {other!r} and {stage!r} would have {what}, {name!r}.",
                remedy="Rename one of them.",
            )


def _distinct(names: dict[str, str], slugs: dict[str, str], joint: str) -> dict[str, str]:
    """Tell apart equal names by a digest of the full ones, whatever the order of the stages."""
    seen = Counter(names.values())
    return {
        stage: name if seen[name] == 1 else _digested(name, slugs[stage], joint)
        for stage, name in names.items()
    }


def _digested(name: str, full: str, joint: str) -> str:
    digest = sha256(full.encode()).hexdigest()[:_DIGEST]
    return f"{name[: SHORT - _DIGEST - 1].rstrip('-')}{joint}{digest}"


def _short(text: str) -> str:
    return text[:SHORT].rstrip("-")


def _fit(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _pascal(text: str) -> str:
    return "".join(word.capitalize() for word in text.split("-"))
