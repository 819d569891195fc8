"""Instants: milliseconds since the epoch, UTC, as plain ``int``.

WHOOP writes every instant in UTC with exactly three decimals and ``Z``; an integer of
milliseconds holds that without rounding and compares fast.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_OWN_FORMAT_LENGTH = len("2026-06-01T12:00:00.000Z")
_OFFSET_LENGTH = len("+00:00")
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})"
)


def format_instant(instant: int) -> str:
    """Write an instant as ``2026-06-01T12:00:00.000Z``."""
    return to_datetime(instant).isoformat(timespec="milliseconds")[:-_OFFSET_LENGTH] + "Z"


def parse_instant(text: str) -> int:
    """Read an RFC 3339 date-time (any offset, any number of decimals) as an instant.

    Raises:
        ValueError: the text is no date-time or lacks its offset.
    """
    if len(text) == _OWN_FORMAT_LENGTH and text[-1] == "Z":
        return from_datetime(datetime.fromisoformat(text[:-1] + "+00:00"))
    match = _RFC3339.fullmatch(text)
    if match is None:
        message = f"not an RFC 3339 date-time with an offset: {text!r}"
        raise ValueError(message)
    date, time, decimals, offset = match.groups()
    zone = "+00:00" if offset in "Zz" else offset
    milliseconds = int(((decimals or "") + "000")[:3])
    return from_datetime(datetime.fromisoformat(f"{date}T{time}{zone}")) + milliseconds


def from_datetime(moment: datetime) -> int:
    """Turn an aware datetime into an instant."""
    return (moment - _EPOCH) // _MILLISECOND


def to_datetime(instant: int) -> datetime:
    """Turn an instant into an aware datetime in UTC."""
    return _EPOCH + instant * _MILLISECOND
