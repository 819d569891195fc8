"""Crontab expressions, read as cron reads them.

APScheduler's own reader counts the days of a week from Monday, wants both a day of the month and a
day of the week to fit, and knows no 7. For cron 0 and 7 are Sunday, and one of both days is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

if TYPE_CHECKING:
    from apscheduler.triggers.base import BaseTrigger

_FIELDS = 5
_WEEK = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def trigger(expression: str) -> BaseTrigger:
    """When a crontab expression is due, in the machine's zone (`TZ`).

    Raises:
        ValueError: It is none.
    """
    fields = expression.split()
    if len(fields) != _FIELDS:
        raise ValueError(f"it has {len(fields)} fields instead of {_FIELDS}")
    minute, hour, day, month, weekday = fields
    often = {"minute": minute, "hour": hour, "month": month}
    weekdays = weekday if weekday == "*" else ",".join(_weekdays(weekday))
    if day.startswith("*") or weekday.startswith("*"):
        return CronTrigger(day=day, day_of_week=weekdays, **often)
    return OrTrigger([CronTrigger(day=day, **often), CronTrigger(day_of_week=weekdays, **often)])


def _weekdays(field: str) -> list[str]:
    """The days that the field names, for instance `1-5` or `sun,3` or `*/2`."""
    days = {_WEEK[day % 7] for item in field.split(",") for day in _span(item)}
    if not days:
        raise ValueError(f"no day of the week is {field}")
    return sorted(days, key=_WEEK.index)


def _span(item: str) -> range:
    days, _, step = item.partition("/")
    first, _, last = ("0", "-", "6") if days == "*" else days.partition("-")
    begin = _day(first)
    end = _day(last) if last else 6 if step else begin
    return range(begin, end + 1, int(step or 1))


def _day(text: str) -> int:
    name = text.lower()[:3]
    number = _WEEK.index(name) if name in _WEEK else int(text)
    if not 0 <= number <= len(_WEEK):
        raise ValueError(f"no day of the week is {text}")
    return number
