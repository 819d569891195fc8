"""Crontab expressions mean what cron means by them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from health_tools.scheduler import crontab


def times(expression: str, count: int = 3) -> list[str]:
    """The first times after noon of Monday, 1 June 2026, on the machine's clock."""
    trigger, found = crontab.trigger(expression), []
    now = datetime(2026, 6, 1, 12).astimezone()
    for _ in range(count):
        now = trigger.get_next_fire_time(None, now)
        found.append(f"{now:%a %d %H:%M}")
        now += timedelta(seconds=1)
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/15 * * * *", ["Mon 01 12:00", "Mon 01 12:15", "Mon 01 12:30"]),
        ("37 3 * * *", ["Tue 02 03:37", "Wed 03 03:37", "Thu 04 03:37"]),
        ("0 6 * * 0", ["Sun 07 06:00", "Sun 14 06:00", "Sun 21 06:00"]),
        ("0 6 * * 7", ["Sun 07 06:00", "Sun 14 06:00", "Sun 21 06:00"]),
        ("0 6 * * 1-2,Sat", ["Tue 02 06:00", "Sat 06 06:00", "Mon 08 06:00"]),
        ("0 6 * * 5-7", ["Fri 05 06:00", "Sat 06 06:00", "Sun 07 06:00"]),
        ("0 6 * * */3", ["Wed 03 06:00", "Sat 06 06:00", "Sun 07 06:00"]),
        ("0 6 * * mon-fri/2", ["Wed 03 06:00", "Fri 05 06:00", "Mon 08 06:00"]),
        ("0 6 10 * *", ["Wed 10 06:00", "Fri 10 06:00", "Mon 10 06:00"]),
        # One of both days is enough, unless one of them is a star.
        ("0 6 10 * 1", ["Mon 08 06:00", "Wed 10 06:00", "Mon 15 06:00"]),
        ("0 6 */9 * 1", ["Mon 10 06:00", "Mon 28 06:00", "Mon 19 06:00"]),
    ],
)
def test_it_is_due_when_cron_would_be(expression: str, expected: list[str]) -> None:
    assert times(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("* * * *", "it has 4 fields"),
        ("99 * * * *", "99"),
        ("0 6 * * 8", "no day of the week is 8"),
        ("0 6 * * 5-1", "no day of the week is 5-1"),
        ("0 6 * * someday", "someday"),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        crontab.trigger(expression)
