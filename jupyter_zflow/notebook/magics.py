"""The options of ``%%stage`` and ``%pipeline``, read the same way with and without a kernel.

Each option fills one field of the settings, so a magic and the notebook's metadata are two
spellings of the same mapping. ``argparse`` is not used: it prints and exits on its own.
"""

from __future__ import annotations

import difflib
import json
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from jupyter_zflow.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Option:
    """Where the value of an option goes, and how its text is read."""

    path: tuple[str, ...]
    value: Literal["text", "number", "names", "pair", "flag", "compute"] = "text"


STAGE_OPTIONS: dict[str, Option] = {
    "kind": Option(("kind",)),
    "compute": Option(("compute",), "compute"),
    "instance-count": Option(("compute", "instance_count"), "number"),
    "volume": Option(("compute", "volume_size_gb"), "number"),
    "image": Option(("compute", "image")),
    "spot": Option(("compute", "spot"), "flag"),
    "max-wait": Option(("compute", "max_wait"), "number"),
    "keep-alive": Option(("compute", "keep_alive"), "number"),
    "queue": Option(("compute", "queue")),
    "gpus": Option(("compute", "gpus"), "number"),
    "cpus": Option(("compute", "cpus"), "number"),
    "memory": Option(("compute", "memory")),
    "time": Option(("compute", "time")),
    "after": Option(("after",), "names"),
    "retry": Option(("retry", "max_attempts"), "number"),
    "timeout": Option(("timeout",), "number"),
    "when": Option(("when",)),
    "for-each": Option(("for_each",)),
    "max-concurrency": Option(("max_concurrency",), "number"),
    "tolerate": Option(("tolerated_failures",), "number"),
    "may-fail": Option(("may_fail",), "flag"),
    "heartbeat": Option(("heartbeat",), "number"),
    "env": Option(("environment",), "pair"),
    "description": Option(("description",)),
}

PIPELINE_OPTIONS: dict[str, Option] = {
    "description": Option(("description",)),
    "schedule": Option(("schedule", "expression")),
    "timezone": Option(("schedule", "timezone")),
    "tag": Option(("tags",), "pair"),
}


@dataclass(frozen=True, slots=True)
class MagicOptions:
    """A name and settings, as a magic's line gives them; not yet validated."""

    name: str | None
    after: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)


def parse_stage(line: str) -> MagicOptions:
    """Read what follows ``%%stage``.

    Raises
    ------
    UsageError
        When the name is missing or an option is wrong.
    """
    options = _parse("%%stage", line, STAGE_OPTIONS)
    if options.name is None:
        message = "%%stage needs the name of a stage."
        raise UsageError(message, remedy="Write %%stage NAME as the cell's first line.")
    return options


def parse_pipeline(line: str) -> MagicOptions:
    """Read what follows ``%pipeline``."""
    return _parse("%pipeline", line, PIPELINE_OPTIONS)


def _parse(magic: str, line: str, table: Mapping[str, Option]) -> MagicOptions:
    try:
        words = shlex.split(line)
    except ValueError as error:
        message = f"{magic} {line}: {str(error).lower()}."
        raise UsageError(message, remedy="Close the quotes.") from None
    names: list[str] = []
    settings: dict[str, Any] = {}
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if not word.startswith("--"):
            names.append(word)
            continue
        key, joined, text = word[2:].partition("=")
        option = table.get(key)
        if option is None:
            raise _unknown_option(magic, key, table)
        if option.value != "flag" and not joined:
            if position == len(words) or words[position].startswith("--"):
                message = f"{magic}: --{key} needs a value."
                raise UsageError(message)
            text = words[position]
            position += 1
        _put(settings, option, _read(magic, key, option, text), f"{magic}: --{key}")
    if len(names) > 1:
        message = f"{magic}: unexpected {names[1]!r} after the name {names[0]!r}."
        raise UsageError(message, remedy="Put quotes around a value with spaces.")
    after = tuple(settings.pop("after", ()))
    return MagicOptions(names[0] if names else None, after, settings)


def _read(magic: str, key: str, option: Option, text: str) -> Any:
    if option.value == "number":
        try:
            return int(text)
        except ValueError:
            message = f"{magic}: --{key} takes a whole number, not {text!r}."
            raise UsageError(message) from None
    if option.value == "flag":
        if text:
            message = f"{magic}: --{key} takes no value."
            raise UsageError(message)
        return True
    if option.value == "names":
        return [name.strip() for name in text.split(",") if name.strip()]
    if option.value == "pair":
        name, equals, value = text.partition("=")
        if not equals or not name:
            message = f"{magic}: --{key} takes NAME=VALUE, not {text!r}."
            raise UsageError(message)
        return {name: value}
    if option.value == "compute":
        return _compute(magic, text)
    return text


def _compute(magic: str, text: str) -> dict[str, Any]:
    if not text.startswith("{"):
        return {"backend": "local"} if text == "local" else {"instance_type": text}
    try:
        return dict(json.loads(text))
    except ValueError as error:
        message = f"{magic}: --compute {text} is not JSON: {error}."
        raise UsageError(message) from None


def _put(settings: dict[str, Any], option: Option, value: Any, label: str) -> None:
    """Merge a value into the settings; saying one thing twice is a mistake."""
    *parents, last = option.path
    place = settings
    for parent in parents:
        place = place.setdefault(parent, {})
    known = place.get(last)
    if known is None:
        place[last] = value
    elif isinstance(known, dict) and isinstance(value, dict):
        known.update(value)
    elif isinstance(known, list) and isinstance(value, list):
        known.extend(value)
    else:
        message = f"{label} is given twice."
        raise UsageError(message)


def _unknown_option(magic: str, key: str, table: Mapping[str, Option]) -> UsageError:
    close = difflib.get_close_matches(key, table, n=1)
    hint = f" Did you mean --{close[0]}?" if close else ""
    allowed = ", ".join(f"--{name}" for name in table)
    return UsageError(f"{magic}: unknown option --{key}.{hint}", remedy=f"Allowed: {allowed}.")
