from __future__ import annotations

import pytest

from jupyter_zflow.errors import SettingsError
from jupyter_zflow.registry import check_schedule


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 day)",
        "rate(12 hours)",
        "cron(0 6 * * ? *)",
        "cron(0/15 8-18 ? * MON-FRI *)",
        "cron(0 0 L * ? *)",
        "cron(30 4 ? * 6L 2027-2030)",
        "cron(0 9 ? JAN,jul TUE#2 *)",
        "at(2030-12-01T06:00:00)",
    ],
)
def test_schedules_that_eventbridge_accepts(expression: str) -> None:
    assert check_schedule(expression, timezone="Europe/Berlin") is None  # type: ignore[func-returns-value]


@pytest.mark.parametrize(
    ("expression", "timezone", "part"),
    [
        ("0 6 * * *", "UTC", "Use cron(...)"),
        ("daily", "UTC", "'rate(1 day)'"),
        ("rate(0 days)", "UTC", "is no rate"),
        ("rate(1 week)", "UTC", "is no rate"),
        ("cron(0 6 * * *)", "UTC", "has 5 fields"),
        ("cron(0 6 * * * *)", "UTC", "needs one '?'"),
        ("cron(0 6 ? * ? *)", "UTC", "needs one '?'"),
        ("cron(60 6 * * ? *)", "UTC", "'60' is no minutes"),
        ("cron(0 24 * * ? *)", "UTC", "'24' is no hours"),
        ("cron(0 6 ? * FUN *)", "UTC", "'FUN' is no day of week"),
        ("cron(0 6 * 13 ? *)", "UTC", "'13' is no month"),
        ("cron(*/0 6 * * ? *)", "UTC", "'*/0' is no minutes"),
        ("at(2030-13-01T06:00:00)", "UTC", "is no point in time"),
        ("rate(1 day)", "Europe/Berln", "Did you mean Europe/Berlin"),
        ("rate(1 day)", "CEST", "'CEST' is unknown"),
    ],
)
def test_wrong_schedules_name_the_wrong_part(expression: str, timezone: str, part: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_schedule(expression, timezone=timezone)

    assert part in str(caught.value)
