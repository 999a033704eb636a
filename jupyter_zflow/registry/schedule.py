"""What EventBridge Scheduler accepts: ``rate(...)``, ``cron(...)`` with six fields, ``at(...)``."""

from __future__ import annotations

import re
from datetime import datetime
from difflib import get_close_matches
from zoneinfo import available_timezones

from jupyter_zflow.errors import SettingsError

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# name, lowest, highest, words, what else a single item may be
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...], str], ...] = (
    ("minutes", 0, 59, (), ""),
    ("hours", 0, 23, (), ""),
    ("day of month", 1, 31, (), r"\?|L|LW|\d{1,2}W"),
    ("month", 1, 12, _MONTHS, ""),
    ("day of week", 1, 7, _DAYS, r"\?|L|(?:[1-7]|[A-Z]{3})L|(?:[1-7]|[A-Z]{3})#[1-5]"),
    ("year", 1970, 2199, (), ""),
)
_EXAMPLES = "'rate(1 day)', 'cron(0 6 * * ? *)' or 'at(2030-12-01T06:00:00)'"


def check_schedule(expression: str, *, timezone: str = "UTC") -> None:
    """Raise when EventBridge Scheduler would not accept the schedule.

    Raises
    ------
    SettingsError
        The message names the wrong part and what is allowed there.
    """
    found = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if not found:
        hint = "cron(...)" if len(expression.split()) in {5, 6} else "one of these forms"
        raise SettingsError(
            f"Schedule {expression!r} is not written as EventBridge Scheduler wants it.",
            remedy=f"Use {hint}: {_EXAMPLES}.",
        )
    {"rate": _check_rate, "cron": _check_cron, "at": _check_at}[found[1]](found[2], expression)
    check_timezone(timezone)


def check_timezone(timezone: str) -> None:
    """Raise when the timezone has no entry in the IANA database."""
    known = available_timezones()
    if timezone not in known:
        near = get_close_matches(timezone, sorted(known), n=3) or get_close_matches(
            timezone.title(), sorted(known), n=3
        )
        hint = f"Did you mean {' or '.join(near)}?" if near else "Use a name like 'Europe/Berlin'."
        raise SettingsError(f"Timezone {timezone!r} is unknown.", remedy=hint)


def _check_rate(text: str, expression: str) -> None:
    found = re.fullmatch(r"([1-9]\d*) (minute|hour|day)(s?)", text)
    if not found:
        raise SettingsError(
            f"Schedule {expression!r} is no rate.",
            remedy="Write a whole number and minutes, hours or days, such as 'rate(12 hours)'.",
        )


def _check_at(text: str, expression: str) -> None:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S")  # noqa: DTZ007  (the timezone is beside it)
    except ValueError:
        raise SettingsError(
            f"Schedule {expression!r} is no point in time.",
            remedy="Write it like 'at(2030-12-01T06:00:00)', the timezone apart.",
        ) from None


def _check_cron(text: str, expression: str) -> None:
    fields = text.split()
    if len(fields) != len(_FIELDS):
        raise SettingsError(
            f"Schedule {expression!r} has {len(fields)} fields; EventBridge wants 6.",
            remedy="They are minutes, hours, day of month, month, day of week and year, "
            "such as 'cron(0 6 ? * MON-FRI *)'.",
        )
    for text_, rule in zip(fields, _FIELDS, strict=True):
        if not all(_is_item(item, rule) for item in text_.upper().split(",")):
            name, lowest, highest, words, _ = rule
            named = f" or {words[0]}-{words[-1]}" if words else ""
            raise SettingsError(
                f"Schedule {expression!r}: {text_!r} is no {name}.",
                remedy=f"Allowed are {lowest}-{highest}{named}, lists, ranges, steps and *.",
            )
    if (fields[2] == "?") == (fields[4] == "?"):
        raise SettingsError(
            f"Schedule {expression!r} needs one '?', as day of month or as day of week.",
            remedy="Put '?' where the other field says the day, such as 'cron(0 6 * * ? *)'.",
        )


def _is_item(item: str, rule: tuple[str, int, int, tuple[str, ...], str]) -> bool:
    _, lowest, highest, words, special = rule
    if special and re.fullmatch(special, item):
        return True
    base, _, pace = item.partition("/")
    if "/" in item and not (pace.isdecimal() and int(pace) > 0):
        return False
    if base == "*":
        return True
    ends = base.split("-")
    return len(ends) <= 2 and all(  # noqa: PLR2004
        end in words or (end.isdecimal() and lowest <= int(end) <= highest) for end in ends
    )
