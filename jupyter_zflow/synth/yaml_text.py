"""Write a template as YAML: the same bytes everywhere, and texts of several lines as blocks.

A template knows objects, lists, texts, numbers and booleans only, so writing it takes a page.
PyYAML would take seconds for a large one, and a release of it could change the bytes.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# Plain where no parser of YAML 1.1 or 1.2 could see anything but this text.
_PLAIN = re.compile(r"(?!.*(?:: | #))[A-Za-z/$][A-Za-z0-9_./:@+=*,${} ()-]*(?<![: ])")
# What YAML does not count as printable, and what it takes for a line break.
_HIDDEN = re.compile(
    "[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
_ONE_LINE = {"Ref", "Fn::GetAtt", "Account"}
"""Objects with this one key name something and are written like {Ref: Bucket}."""


def render(value: dict[str, Any]) -> str:
    """Return the object as YAML."""
    return "".join(f"{line}\n" for line in _object(value, ""))


def _object(value: dict[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        yield from _entry(f"{indent}{_scalar(key)}:", item, indent)


def _list(value: list[Any], indent: str) -> Iterator[str]:
    for item in value:
        inner = f"{indent}  "
        if isinstance(item, dict) and item and not _is_short(item):
            first, *rest = _object(item, inner)
            yield f"{indent}- {first.removeprefix(inner)}"
            yield from rest
        else:
            yield from _entry(f"{indent}-", item, indent)


def _entry(start: str, value: Any, indent: str) -> Iterator[str]:
    inner = f"{indent}  "
    if isinstance(value, dict | list) and not value:
        yield f"{start} {'{}' if isinstance(value, dict) else '[]'}"
    elif isinstance(value, dict) and _is_short(value):
        yield f"{start} {_short(value)}"
    elif isinstance(value, dict):
        yield start
        yield from _object(value, inner)
    elif isinstance(value, list):
        yield start
        yield from _list(value, inner)
    elif isinstance(value, str) and _is_block(value):
        yield f"{start} |-"
        yield from (f"{inner}{line}" if line else "" for line in value.split("\n"))
    else:
        yield f"{start} {_scalar(value)}"


def _is_short(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)) in _ONE_LINE


def _short(value: dict[str, Any]) -> str:
    ((key, item),) = value.items()
    words = [f"[{', '.join(map(_quoted, item))}]"] if isinstance(item, list) else [_quoted(item)]
    return f"{{{key}: {words[0]}}}"


def _quoted(value: Any) -> str:
    """Return a scalar inside brackets, where commas and braces mean something."""
    text = _scalar(value)
    return _in_quotes(value) if isinstance(value, str) and set(text) & set(",{}[]") else text


def _is_block(text: str) -> bool:
    # A block cannot begin with a space or end with a line break.
    return "\n" in text and not _HIDDEN.search(text) and text[0] not in " \n" and text[-1] != "\n"


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return _in_quotes(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if value and "\n" not in value and not _HIDDEN.search(value):
        return "'" + value.replace("'", "''") + "'"
    return _in_quotes(value)


def _in_quotes(value: Any) -> str:
    # Not json's own escapes: YAML reads the two halves of a surrogate pair as two characters.
    text = json.dumps(value, ensure_ascii=False)
    return _HIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
