"""The stack's parameters: what is given, what stays as it was, what is missing."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from jupyter_zflow.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BUNDLE = "BundleVersion"
BUCKET = "Bucket"


def parse_settings(words: Sequence[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` words as a mapping.

    Raises
    ------
    ParameterError
        When a word has no ``=``.
    """
    found: dict[str, str] = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise ParameterError(f"{word!r} is no NAME=VALUE.")
        found[name] = value
    return found


def stack_parameters(
    declared: Mapping[str, Any], given: Mapping[str, str], *, before: Mapping[str, str]
) -> dict[str, str]:
    """Return the values of all parameters of a template.

    Parameters
    ----------
    declared
        The template's ``Parameters``.
    before
        Values of the deployed stack; they hold unless others are given.

    Raises
    ------
    ParameterError
        When one is unknown, missing or not allowed.
    """
    for name in given:
        if name not in declared:
            near = get_close_matches(name, declared, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ParameterError(
                f"The stack has no parameter {name!r}.{hint}",
                remedy=f"It has {', '.join(declared)}. Parameters of an execution are given to "
                "`jupyter zflow start`.",
            )
    values: dict[str, str] = {}
    missing = []
    for name, rule in declared.items():
        kept = {} if name == BUNDLE else before
        value = given.get(name, kept.get(name, rule.get("Default")))
        if value is None:
            missing.append(f"{name} ({rule.get('Description', rule.get('Type'))})")
            continue
        values[name] = str(value)
        _check(name, str(value), rule)
    if missing:
        raise ParameterError(
            f"The stack needs a value for {'; '.join(missing)}.",
            remedy="Give it with --parameter NAME=VALUE, or in environments.yaml.",
        )
    return values


def _check(name: str, value: str, rule: Mapping[str, Any]) -> None:
    allowed = rule.get("AllowedValues")
    if allowed is not None and value not in map(str, allowed):
        raise ParameterError(f"{name} is {value!r}; allowed are {', '.join(map(str, allowed))}.")
    pattern = rule.get("AllowedPattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise ParameterError(
            f"{name} is {value!r}, which does not look like it should: {pattern}",
            remedy=rule.get("Description", ""),
        )
