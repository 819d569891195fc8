"""One form for every instant: UTC, RFC 3339, ``Z``.

The loader drops offsets (it stores ``timestamp without time zone``), so an instant leaves the tap
in UTC or not at all.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pendulum


def utc_text(instant: datetime) -> str:
    """Write an instant as the schema's ``date-time``, microseconds kept if there are any."""
    text = instant.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 date or date-time; a missing time is midnight, a missing zone is UTC.

    Raises:
        ValueError: The text is neither.
    """
    parsed = pendulum.parse(text, exact=True)
    if isinstance(parsed, pendulum.DateTime):
        return parsed
    if isinstance(parsed, pendulum.Date):
        return datetime(parsed.year, parsed.month, parsed.day, tzinfo=timezone.utc)
    raise ValueError(f"{text!r} is not a date")


def to_utc(text: str) -> str:
    """Turn a vendor's date-time of any offset into the same instant in UTC.

    Raises:
        ValueError: The text is not an RFC 3339 date-time.
    """
    return text if text.endswith("Z") else utc_text(parse_instant(text))
