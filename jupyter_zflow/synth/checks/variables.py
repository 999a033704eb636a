"""Expressions can be read, and name variables and functions that exist.

A variable may be assigned anywhere in the machine, as a state cannot tell which of the states
before it were passed. A branch or an iteration reads what is assigned around it, but may not assign
the same name (Amazon States Language, "Variables").
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from jupyter_zflow.synth.checks.machine import inside, is_expression, states
from jupyter_zflow.synth.checks.rules import did_you_mean, finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jupyter_zflow.model.finding import Finding

FUNCTIONS = frozenset(
    "abs append assert average base64decode base64encode boolean ceil clone contains count "
    "decodeUrl decodeUrlComponent distinct each encodeUrl encodeUrlComponent error exists filter "
    "floor formatBase formatInteger formatNumber fromMillis join keys length lookup lowercase map "
    "match max merge millis min not now number pad parseInteger power random reduce replace "
    "reverse round shuffle sift single sort split spread sqrt string substring substringAfter "
    "substringBefore sum toMillis trim type uppercase zip "
    "hash parse partition range uuid".split()
)
"""JSONata's functions without ``$eval``, and those that Step Functions adds."""
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`[^`]*`|/\*.*?\*/", re.DOTALL)
_BOUND = re.compile(r"\$(\w+)\s*:=")
_PARAMETERS = re.compile(r"(?:function|λ)\s*\(([^)]*)\)")
_NAMES = re.compile(r"\$(\w+)(\s*\()?")


def check_variables(definition: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what is wrong with expressions, and with the names of variables."""
    assigned = {name for _, state in states(definition) for name in _assigned(state)}
    for name, state in states(definition):
        own = {key: value for key, value in state.items() if key not in _MACHINES}
        for text in dict.fromkeys(_expressions(own)):
            yield from _expression(f"State {name!r}", text, assigned)
    yield from _scopes(definition, frozenset())


_MACHINES = {"Branches", "ItemProcessor"}


def _expression(where: str, text: str, assigned: set[str]) -> Iterator[Finding]:
    source = text[2:-2].strip()
    if wrong := _syntax(source):
        yield finding("ZF305", f"{where}: {source} cannot be read: {wrong}.")
        return
    for name, called in _used(source):
        if called and name not in FUNCTIONS:
            remedy = did_you_mean(name, FUNCTIONS)
            yield finding("ZF305", f"{where} calls ${name}, which does not exist.", remedy=remedy)
        elif not called and name not in assigned and name != "states" and name not in FUNCTIONS:
            remedy = did_you_mean(name, {*assigned, "states"})
            yield finding("ZF305", f"{where} uses ${name}, which no state assigns.", remedy=remedy)


@cache
def _used(source: str) -> tuple[tuple[str, bool], ...]:
    """Return the names that an expression does not bind itself, and whether it calls them."""
    plain = _TEXTS.sub("''", source)
    bound = set(_BOUND.findall(plain))
    for parameters in _PARAMETERS.findall(plain):
        bound |= set(re.findall(r"\$(\w+)", parameters))
    found = dict.fromkeys((name, bool(called)) for name, called in _NAMES.findall(plain))
    return tuple(pair for pair in found if pair[0] not in bound)


@cache
def _syntax(source: str) -> str:
    """Return what JSONata's parser says against an expression."""
    import jsonata
    from jsonata.jexception import JException

    try:
        jsonata.Jsonata(source)
    except (JException, ValueError, TypeError, RecursionError) as error:
        return " ".join(str(error).split()).rstrip(".") or "it is no JSONata"
    return ""


def _expressions(value: Any) -> Iterator[str]:
    if is_expression(value):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)


def _assigned(state: Mapping[str, Any]) -> Iterator[str]:
    for place in (state, *state.get("Choices", []), *state.get("Catch", [])):
        yield from place.get("Assign", {})


def _scopes(machine: Mapping[str, Any], outer: frozenset[str]) -> Iterator[Finding]:
    inner = machine.get("States", {})
    here = {variable for state in inner.values() for variable in _assigned(state)}
    for name, state in inner.items():
        for variable in _assigned(state):
            if variable in outer:
                yield finding(
                    "ZF305",
                    f"State {name!r} assigns ${variable}, which a state around it assigns, too.",
                    remedy="Give the two variables two names.",
                )
    for state in inner.values():
        for nested in inside(state):
            yield from _scopes(nested, outer | here)
