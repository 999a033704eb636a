"""Python source as a formatter would leave it, so that an export never starts with a diff.

A call or a literal stays on one line where it fits; otherwise each part has a line of its own
and a trailing comma, a form that ruff and black keep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LINE_LENGTH = 88


class Name(str):
    """Source that is written as it is, such as a variable."""

    __slots__ = ()


class Call:
    """A call that is part of a value, such as ``Retry(max_attempts=3)``."""

    def __init__(self, function: str, keywords: Mapping[str, Any]) -> None:
        self.function = function
        self.keywords = keywords


def statement(
    head: str, function: str, positional: Sequence[Any], keywords: Mapping[str, Any]
) -> str:
    """Return ``head + function(...)`` as one statement; ``head`` may be ``name = ``."""
    return _bracketed(f"{head}{function}(", _arguments(positional, keywords), ")", "", 0)


def _arguments(positional: Sequence[Any], keywords: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [("", value) for value in positional] + [
        (f"{key}=", value) for key, value in keywords.items()
    ]


def _value(value: Any, head: str, tail: str, indent: int) -> str:
    """Return the value behind a head on its line; its lines after the first are indented."""
    if isinstance(value, Call):
        parts = _arguments((), value.keywords)
        return _bracketed(f"{head}{value.function}(", parts, ")", tail, indent)
    if isinstance(value, dict) and value:
        entries = [(f"{_flat(key)}: ", item) for key, item in value.items()]
        return _bracketed(f"{head}{{", entries, "}", tail, indent)
    if isinstance(value, list) and value:
        return _bracketed(f"{head}[", [("", item) for item in value], "]", tail, indent)
    return f"{head}{_flat(value)}{tail}"


def _bracketed(
    opening: str, parts: Sequence[tuple[str, Any]], closing: str, tail: str, indent: int
) -> str:
    inline = ", ".join(f"{head}{_flat(value)}" for head, value in parts)
    line = f"{opening}{inline}{closing}{tail}"
    if indent + len(line) <= LINE_LENGTH or not parts:
        return line
    inner = indent + 4
    lines = [" " * inner + _value(value, head, ",", inner) for head, value in parts]
    return "\n".join([opening, *lines, " " * indent + closing + tail])


def _flat(value: Any) -> str:
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, Call):
        inner = ", ".join(f"{key}={_flat(item)}" for key, item in value.keywords.items())
        return f"{value.function}({inner})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flat(k)}: {_flat(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_flat(item) for item in value) + "]"
    return repr(value)


def quoted(text: str) -> str:
    """Return a string literal in double quotes, unless single ones save escapes."""
    plain = repr(text)
    if plain[0] == '"' or '"' in text:
        return plain
    return f'"{plain[1:-1]}"'
