"""Turn raw settings into values, and everything that is wrong with them into findings."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from jupyter_zflow.model.pipeline import PipelineSettings, Schedule
from jupyter_zflow.model.value import Value
from jupyter_zflow.notebook.rules import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic_core import ErrorDetails

    from jupyter_zflow.model.finding import Finding

V = TypeVar("V", bound=Value)

_SEVERAL = "tuple[Retry, ...]"
_BACKENDS = ("sagemaker", "slurm", "databricks", "local")


def validate(
    model: type[V], raw: Any, *, label: str, cell: int | None = None
) -> tuple[V, tuple[Finding, ...]]:
    """Return the value, or the model's defaults and one finding for each wrong field."""
    try:
        return model.model_validate(raw), ()
    except ValidationError as error:
        said = [_message(details, label, model) for details in _relevant(error)]
        findings = [finding("ZF108", message, remedy=remedy, cell=cell) for message, remedy in said]
        return model(), tuple(findings)


def spelled_out(raw: dict[str, Any]) -> dict[str, Any]:
    """Return settings with the short forms of compute and schedule written as mappings."""
    result = dict(raw)
    compute = result.get("compute")
    if isinstance(compute, str):
        short = {"backend": "local"} if compute == "local" else {"instance_type": compute}
        result["compute"] = short
    if isinstance(result.get("schedule"), str):
        result["schedule"] = {"expression": result["schedule"]}
    return result


def merge(base: dict[str, Any], more: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return both mappings as one, and the dotted paths where they disagree."""
    merged = dict(base)
    disagreements: list[str] = []
    for key, value in more.items():
        known = merged.get(key)
        if known is None:
            merged[key] = value
        elif isinstance(known, dict) and isinstance(value, dict):
            merged[key], nested = merge(known, value)
            disagreements += [f"{key}.{path}" for path in nested]
        elif known != value:
            disagreements.append(key)
    return merged, disagreements


def at(raw: dict[str, Any], path: str) -> Any:
    """Return the value at a dotted path that ``merge`` reported."""
    value: Any = raw
    for key in path.split("."):
        value = value[key]
    return value


def schedule_of(settings: PipelineSettings) -> Schedule | None:
    """Return the schedule as a value, whichever way it was written."""
    if isinstance(settings.schedule, str):
        return Schedule(expression=settings.schedule)
    return settings.schedule


def did_you_mean(word: str, allowed: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` or nothing."""
    close = difflib.get_close_matches(word, list(allowed), n=1)
    return f"Did you mean {close[0]!r}?" if close else ""


def _relevant(error: ValidationError) -> Iterator[ErrorDetails]:
    """Yield the errors that the author caused, without a union's other branches."""
    for details in error.errors(include_url=False):
        if details["loc"][-1:] == ("str",) and isinstance(details["input"], dict):
            continue
        # A retry is one rule or several; what is wrong inside says more than that it is no list.
        if details["loc"][-1:] == (_SEVERAL,) or (
            details["loc"][-1:] == ("Retry",) and isinstance(details["input"], list)
        ):
            continue
        yield details


def _message(details: ErrorDetails, label: str, model: type[Value]) -> tuple[str, str]:
    """Return message and remedy."""
    words = [str(part) for part in details["loc"]]
    types = {*_BACKENDS, _SEVERAL}
    path = [word for word in words if word not in types and not word[:1].isupper()]
    dotted = ".".join([label, *path])
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind == "extra_forbidden":
        allowed = _fields(model, words[:-1])
        hint = did_you_mean(words[-1], allowed)
        return f"{dotted}: there is no such setting.", f"{hint} Allowed: {', '.join(allowed)}."
    if kind == "literal_error":
        allowed_text = str(context["expected"])
        hint = did_you_mean(str(value), allowed_text.replace("'", "").split(", "))
        return f"{dotted}: {value!r} is not allowed.", f"{hint} Allowed: {allowed_text}.".strip()
    if kind == "union_tag_invalid":
        backends = ", ".join(_BACKENDS)
        return f"{dotted}.backend: {context['tag']!r} is not allowed.", f"Allowed: {backends}."
    if kind == "missing":
        return f"{dotted}: this setting is missing.", ""
    said = details["msg"].removeprefix("Input should be ").removeprefix("a ")
    return f"{dotted}: {value!r} is wrong; it should be {said}.", ""


def _fields(model: type[Value], path: list[str]) -> list[str]:
    """Return the fields allowed where the error is."""
    from jupyter_zflow.model import compute, stage

    nested: dict[str, type[Value]] = {
        "sagemaker": compute.SageMakerCompute,
        "slurm": compute.SlurmCompute,
        "databricks": compute.DatabricksCompute,
        "local": compute.LocalCompute,
        "retry": stage.Retry,
        "schedule": Schedule,
        "Schedule": Schedule,
    }
    for part in reversed(path):
        if part in nested:
            return list(nested[part].model_fields)
    return list(model.model_fields)
