"""One form for every instant: UTC, RFC 3339, ``Z``.

The loader drops offsets (it stores ``timestamp without time zone``), so an instant leaves the tap
in UTC or not at all.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

import pendulum

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def utc_text(instant: datetime) -> str:
    """Write an instant as the schema's ``date-time``, microseconds kept if there are any."""
    text = instant.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 date or date-time; a missing time is midnight, a missing zone is UTC.

    Returns:
        The instant in UTC.

    Raises:
        ValueError: The text is neither, or lies outside of the calendar.
    """
    parsed = pendulum.parse(text, exact=True) if text[:1].isdigit() else None
    if isinstance(parsed, pendulum.DateTime):
        try:
            return parsed.in_timezone("UTC")
        except OverflowError as error:
            raise ValueError(f"{text!r} lies outside of the calendar") from error
    if isinstance(parsed, pendulum.Date):
        return datetime(parsed.year, parsed.month, parsed.day, tzinfo=timezone.utc)
    raise ValueError(f"{text!r} is not a date")


def to_utc(text: str) -> str:
    """Turn a vendor's date-time of any offset into the same instant in UTC.

    Raises:
        ValueError: The text is not an RFC 3339 date-time.
    """
    if _UTC.fullmatch(text):
        datetime.fromisoformat(text[:19])  # raises for what only looks like an instant
        return text
    return utc_text(parse_instant(text))
