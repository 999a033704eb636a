"""Every argument of a service's action is as the service's own model says.

botocore carries the model of each service: names, which of them are required, types, words,
lengths and patterns. Its own validation looks at a part of that only, so this walks the model
itself. What Step Functions computes (``{% ... %}``) or CloudFormation fills (``${...}``) cannot
be looked into.
"""

from __future__ import annotations

import re
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ToolError
from jupyter_zflow.synth.checks.machine import is_expression, states
from jupyter_zflow.synth.checks.rules import did_you_mean, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

_RESOURCE = re.compile(
    r"arn:aws[a-z-]*:states:::(aws-sdk:)?([a-z0-9]+):([A-Za-z0-9]+)(\.\w+(?::\d)?)?"
)
SYNCHRONOUS = {
    "createProcessingJob",
    "createTrainingJob",
    "createTransformJob",
    "createHyperParameterTuningJob",
    "createLabelingJob",
}
"""Actions of SageMaker whose end Step Functions waits for."""
_OPTIMISED = SYNCHRONOUS | {
    "createModel",
    "createEndpoint",
    "createEndpointConfig",
    "updateEndpoint",
}

HTTP_FIELDS = {
    "ApiEndpoint",
    "Authentication",
    "Headers",
    "InvocationConfig",
    "Method",
    "QueryParameters",
    "RequestBody",
    "Transform",
}


def check_services(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with the arguments of tasks."""
    for name, state in states(definition):
        if state.get("Type") != "Task":
            continue
        found = _RESOURCE.fullmatch(str(state.get("Resource")))
        if not found:
            continue
        sdk, service, action, pattern = found.groups()
        arguments = state.get("Arguments", {})
        if service == "http":
            yield from _http(name, arguments)
        elif service == "sagemaker" and not sdk and action not in _OPTIMISED:
            remedy = did_you_mean(action, _OPTIMISED)
            yield finding("ZF314", f"State {name!r} calls sagemaker:{action}.", remedy=remedy)
        elif pattern == ".sync" and not sdk and action not in SYNCHRONOUS:
            yield finding("ZF314", f"State {name!r}: {action} has no '.sync'.")
        elif sdk or service == "sagemaker":
            yield from _action(name, service, action, arguments)


def _action(name: str, service: str, action: str, arguments: Any) -> Iterator[Finding]:
    operations = _operations(service)
    wanted = f"{action[:1].upper()}{action[1:]}"
    if wanted not in operations:
        remedy = did_you_mean(wanted, operations)
        yield finding("ZF314", f"State {name!r} calls {service}:{action}.", remedy=remedy)
        return
    shape = operations[wanted]
    body = {payload: None} if (payload := _payload(shape)) else {}
    yield from _value(f"State {name!r}: ", arguments, shape, skipped=body)


def _http(name: str, arguments: Mapping[str, Any]) -> Iterator[Finding]:
    for field in arguments:
        if field not in HTTP_FIELDS:
            yield finding(
                "ZF311", f"State {name!r}: {field!r}.", remedy=did_you_mean(field, HTTP_FIELDS)
            )
    for field in ("ApiEndpoint", "Method", "Authentication"):
        if field not in arguments:
            yield finding("ZF312", f"State {name!r}: {field} is missing.")


@cache
def _operations(service: str) -> dict[str, Any]:
    """Return the input of each action of a service."""
    try:
        import botocore.session
        from botocore.exceptions import UnknownServiceError
    except ImportError:
        raise ToolError("botocore is missing.", remedy="pip install boto3") from None
    try:
        model = botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return {}
    return {name: model.operation_model(name).input_shape for name in model.operation_names}


def _payload(shape: Any) -> str | None:
    payload = shape.serialization.get("payload") if shape is not None else None
    return str(payload) if payload else None


def _value(
    where: str,
    value: Any,
    shape: Any,
    *,
    skipped: Mapping[str, Any] = MappingProxyType({}),
) -> Iterator[Finding]:
    if is_expression(value) or shape is None:
        return
    if value is None:
        yield finding("ZF313", f"{where}is null.", remedy="Leave it out.")
    elif shape.type_name == "structure":
        yield from _structure(where, value, shape, skipped)
    elif shape.type_name == "list":
        yield from _list(where, value, shape)
    elif shape.type_name == "map":
        yield from _map(where, value, shape)
    else:
        yield from _scalar(where, value, shape)


def _structure(where: str, value: Any, shape: Any, skipped: Mapping[str, Any]) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield finding("ZF313", f"{where}is {value!r}.", remedy="It is an object.")
        return
    for field, item in value.items():
        member = shape.members.get(field)
        if member is None:
            remedy = did_you_mean(field, shape.members)
            yield finding("ZF311", f"{where}{field!r} is unknown.", remedy=remedy)
        elif field not in skipped:
            yield from _value(f"{where}{field} ", item, member)
    for field in shape.required_members:
        if field not in value:
            yield finding("ZF312", f"{where}{field} is missing.")


def _list(where: str, value: Any, shape: Any) -> Iterator[Finding]:
    if not isinstance(value, list):
        yield finding("ZF313", f"{where}is {value!r}.", remedy="It is a list.")
        return
    yield from _size(where, len(value), shape, "items")
    for item in value:
        yield from _value(where, item, shape.member)


def _map(where: str, value: Any, shape: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield finding("ZF313", f"{where}is {value!r}.", remedy="It is an object.")
        return
    yield from _size(where, len(value), shape, "entries")
    for key, item in value.items():
        yield from _value(f"{where}key ", key, shape.key)
        yield from _value(f"{where}{key} ", item, shape.value)


_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}


def _scalar(where: str, value: Any, shape: Any) -> Iterator[Finding]:
    kind = shape.type_name
    expected = _TYPES.get(kind)
    if expected is None:
        return
    if not isinstance(value, expected) or (isinstance(value, bool) and kind != "boolean"):
        yield finding("ZF313", f"{where}is {value!r}.", remedy=f"It is of type {kind}.")
    elif kind == "string":
        yield from _text(where, str(value), shape)
    elif kind != "boolean":
        lowest, highest = shape.metadata.get("min"), shape.metadata.get("max")
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            remedy = f"It is from {lowest} to {highest}."
            yield finding("ZF313", f"{where}is {value!r}.", remedy=remedy)


def _text(where: str, value: str, shape: Any) -> Iterator[Finding]:
    filled = "${" in value.replace("${!", "")
    if shape.enum:
        if not filled and value not in shape.enum:
            remedy = did_you_mean(value, shape.enum)
            yield finding("ZF313", f"{where}is {value!r}.", remedy=remedy)
        return
    yield from _size(where, len(value), shape, "characters", at_least=not filled)
    pattern = shape.metadata.get("pattern")
    if pattern and not filled and not _matches(pattern, value):
        yield finding("ZF313", f"{where}is {value!r}.", remedy=f"It must match {pattern}.")


def _matches(pattern: str, value: str) -> bool:
    compiled = _compiled(pattern)
    return compiled is None or compiled.fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        # Java's classes, such as \p{Alpha}, are not Python's.
        return None


def _size(
    where: str, size: int, shape: Any, what: str, *, at_least: bool = True
) -> Iterator[Finding]:
    lowest, highest = shape.metadata.get("min", 0), shape.metadata.get("max")
    if (at_least and size < lowest) or (highest is not None and size > highest):
        limits = f"from {lowest} to {highest}" if highest is not None else f"at least {lowest}"
        yield finding("ZF313", f"{where}has {size} {what}.", remedy=f"Allowed are {limits}.")
