"""Instants, offsets and calendars, with the zones of Python's own library."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

#: What WHOOP documents, from -13:59 to +14:00.
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)")
_WEST, _EAST = -(13 * 60 + 59), 14 * 60


def instant(text: str) -> datetime:
    """An RFC 3339 date-time."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)


def from_epoch(seconds: int | None) -> datetime | None:
    """Seconds since 1970; None if there are none."""
    return None if seconds is None else datetime.fromtimestamp(seconds, timezone.utc)


def offset_minutes(text: str | None) -> int | None:
    """The minutes of an offset; None of what is none."""
    if text == "Z":
        return 0
    found = _OFFSET.fullmatch(text or "")
    if not found:
        return None
    sign, hours, minutes = found.groups()
    offset = int(f"{sign}1") * (int(hours) * 60 + int(minutes))
    return offset if _WEST <= offset <= _EAST else None


@cache
def zone(name: str | None) -> ZoneInfo | None:
    """A zone by name; None where nobody knows it."""
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, ZoneInfoNotFoundError):
        return None


def offset_at(place: ZoneInfo | None, at: datetime | None) -> int | None:
    """The minutes by which the clocks of a zone differ from UTC at an instant."""
    offset = at.astimezone(place).utcoffset() if place and at else None
    return None if offset is None else offset // timedelta(minutes=1)


def local(at: datetime | None, offset: int | None) -> datetime | None:
    """The clock's reading; in UTC where the offset is not known."""
    if at is None:
        return None
    return at.astimezone(timezone.utc).replace(tzinfo=None) + timedelta(minutes=offset or 0)


def midnight(day: date, place: ZoneInfo | None) -> datetime:
    """When a day begins on the clocks of a zone; of UTC where it is not known."""
    return datetime(day.year, day.month, day.day, tzinfo=place or timezone.utc).astimezone(
        timezone.utc
    )
