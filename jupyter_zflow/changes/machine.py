"""The stages of a state machine: what each runs on, how, and after which others.

A stage may need several states (a model and its transform, a run and its polls); the one whose
job is told the stage's name counts. Tasks that belong to no stage's code, such as a notification,
are stages by their own names; what only reads and writes objects is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Machine = Mapping[str, Any]
    State = Mapping[str, Any]

_HELPING = re.compile(r"aws-sdk:s3:|:describe\w+$|sagemaker:createModel$")
_COMPUTE = ("ClusterConfig", "ResourceConfig", "TransformResources", "new_cluster", "compute")
_COMPUTE_KEYS = ("EnableManagedSpotTraining", "ImageUri", "TrainingImage", "Image", "InstanceType")
_NAMES = re.compile(
    r"^(RoleArn|ExecutionRoleArn|ContainerArguments|ContainerEntrypoint|\w*JobName|ModelName"
    r"|S3OutputPath|S3Uri|LocalPath|InputName|ChannelName|S3DataType|S3InputMode"
    r"|S3DataDistributionType|TrainingInputMode|idempotency_token|run_name|bundle|stage"
    r"|execution|attempt|parameters|python_file|task_key|QueryParameters|ApiEndpoint"
    r"|Authentication|Method|Headers)$"
)
"""Fields that only say where things lie and what they are called."""
_KINDS = {
    "createProcessingJob": "processing",
    "createTrainingJob": "training",
    "createHyperParameterTuningJob": "tuning",
    "createTransformJob": "transform",
    "createEndpoint": "endpoint",
    "http:invoke": "databricks",
    "lambda:invoke": "lambda",
    "Activity": "slurm",
}
_ASL = ("TimeoutSeconds", "HeartbeatSeconds", "Retry", "Catch")


@dataclass(frozen=True, slots=True)
class StageFacts:
    """One stage."""

    kind: str
    compute: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    """The stages that end right before it begins."""
    within: tuple[str, ...] = ()
    """The loops that it is in, and the conditions that lead to it."""


def read_stages(machine: Machine) -> dict[str, StageFacts]:
    """Return the stages of a definition by name, in its order."""
    found: dict[str, StageFacts] = {}
    _walk(machine, frozenset(), (), found)
    return {name: found[name] for name in dict.fromkeys(states_of_stages(machine).values())}


def states_of_stages(machine: Machine) -> dict[str, str]:
    """Return the states that run a stage, in the order in which they are written."""
    found: dict[str, str] = {}
    for name, state in machine.get("States", {}).items():
        if stage := _stage_name(name, state):
            found[name] = stage
        for part in _inner(state):
            found |= states_of_stages(part)
    return found


def _inner(state: State) -> list[Machine]:
    """Return the machines inside of a state."""
    found = [*state.get("Branches", ())]
    if "ItemProcessor" in state:
        found.append(state["ItemProcessor"])
    return found


def _walk(
    machine: Machine,
    before: frozenset[str],
    within: tuple[str, ...],
    found: dict[str, StageFacts],
) -> frozenset[str]:
    """Collect the stages of a machine; return those that may be the last."""
    states: Mapping[str, State] = machine.get("States", {})
    names = {name: _stage_name(name, state) for name, state in states.items()}
    entered: dict[str, frozenset[str]] = {name: frozenset() for name in states}
    entered[machine["StartAt"]] = before
    conditions = _conditions(states)
    ends: frozenset[str] = frozenset()
    settled = False
    while not settled:
        ends = frozenset()
        previous = dict(entered)
        for name, state in states.items():
            stage = names[name]
            left = frozenset({stage}) if stage else _leave(state, entered[name], within, found)
            following = list(_successors(state))
            for successor in following:
                if successor in entered:
                    entered[successor] |= left
            if not following:
                ends |= left
        settled = entered == previous
    for name, state in states.items():
        if stage := names[name]:
            around = (*within, *conditions.get(name, ()))
            found[stage] = _facts(state, entered[name] - {stage}, around)
    return ends


def _leave(
    state: State,
    before: frozenset[str],
    within: tuple[str, ...],
    found: dict[str, StageFacts],
) -> frozenset[str]:
    """Return the stages that may be the last when a state that is none itself is left."""
    inner, around = _inner(state), within
    if "ItemProcessor" in state:
        limit = f", {state['MaxConcurrency']} at once" if "MaxConcurrency" in state else ""
        around = (*within, f"for each of {_plain(state.get('Items', 'items'))}{limit}")
    if not inner:
        return before
    return frozenset().union(*(_walk(part, before, around, found) for part in inner)) or before


def _conditions(states: Mapping[str, State]) -> dict[str, tuple[str, ...]]:
    """Return for each state the conditions that lead straight to it."""
    found: dict[str, tuple[str, ...]] = {}
    for state in states.values():
        for rule in state.get("Choices", ()):
            condition = f"if {_plain(rule.get('Condition', rule))}"
            found[rule["Next"]] = (*found.get(rule["Next"], ()), condition)
        if state.get("Type") == "Choice" and state.get("Default") in states:
            rules = [_plain(rule.get("Condition", rule)) for rule in state.get("Choices", ())]
            name = state["Default"]
            found[name] = (*found.get(name, ()), f"unless {' or '.join(rules)}")
    return found


def _successors(state: State) -> Iterator[str]:
    for rule in (*state.get("Choices", ()), *state.get("Catch", ()), state):
        if isinstance(rule.get("Next"), str):
            yield rule["Next"]
    if isinstance(state.get("Default"), str):
        yield state["Default"]


def _stage_name(name: str, state: State) -> str | None:
    if state.get("Type") != "Task":
        return None
    arguments = state.get("Arguments", {})
    if not isinstance(arguments, dict) or arguments.get("Method") == "GET":
        return None
    if _HELPING.search(state.get("Resource", "")):
        return None
    return _told(arguments) or name


def _told(value: Any) -> str | None:
    """Return the stage that a job's command line or input names."""
    if isinstance(value, dict):
        if isinstance(value.get("stage"), str) and "execution" in value:
            return str(value["stage"])
        return next(filter(None, map(_told, value.values())), None)
    if isinstance(value, list):
        if "--stage" in value[:-1]:
            return str(value[value.index("--stage") + 1])
        return next(filter(None, map(_told, value)), None)
    return None


def _facts(state: State, before: frozenset[str], within: tuple[str, ...]) -> StageFacts:
    resource = state.get("Resource", "")
    kind = next((kind for part, kind in _KINDS.items() if part in resource), "")
    compute: dict[str, Any] = {}
    settings: dict[str, Any] = {
        _words(key): _rules(state[key]) if key in {"Retry", "Catch"} else state[key]
        for key in _ASL
        if key in state
    }
    for path, value in _leaves(state.get("Arguments", {}), ()):
        key = path[-1]
        if any(_NAMES.match(part) for part in path):
            continue
        place = compute if set(_COMPUTE).intersection(path) or key in _COMPUTE_KEYS else settings
        label = _words(key)
        if "Environment" in path or "environment" in path:
            label = f"variable {key}"
        place[label if label not in place else _words(" ".join(path[-2:]))] = value
    return StageFacts(
        kind=kind or resource.rpartition(":::")[2] or resource,
        compute=compute,
        settings=settings,
        after=tuple(sorted(before)),
        within=within,
    )


def _rules(rules: list[Mapping[str, Any]]) -> str:
    """Return retriers or catchers in one line."""
    told = []
    for rule in rules:
        rest = [f"{_words(key)} {value}" for key, value in rule.items() if key != "ErrorEquals"]
        told.append(f"{', '.join(rule.get('ErrorEquals', ()))}: {', '.join(rest)}")
    return "; ".join(told)


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
        for number, item in enumerate(value):
            label = (path[-1], f"{path[-1]} {number + 1}") if number and path else path[-1:]
            yield from _leaves(item, (*path[:-1], *label))
    elif path:
        yield path, value


def _plain(value: Any) -> str:
    """Return an expression without its brackets."""
    text = str(value).strip()
    return text[2:-2].strip() if text.startswith("{%") and text.endswith("%}") else text


def _words(key: str) -> str:
    """Return ``MaxRuntimeInSeconds`` as ``max runtime in seconds``."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", key)
    return " ".join(part.lower() for part in parts) or key
