"""How Withings is asked for a window."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tap_core.window import Window
    from tap_withings.services import Form

#: The year of Withings' first scale.
FIRST_SCALE = datetime(2009, 1, 1, tzinfo=timezone.utc)
#: Windows of services without a known limit: few requests, and places to go on from.
TWO_YEARS = timedelta(days=730)

_DAY = timedelta(days=1)
_DAY_SECONDS = 86_400


def by_seconds(window: Window) -> Form:
    """A window for services that take seconds since the epoch."""
    if window.basis == "change_time":
        return _changes(window)
    return {
        "startdate": math.floor(window.start.timestamp()),
        "enddate": math.ceil(window.end.timestamp()),
    }


def by_days(window: Window) -> Form:
    """A window for services that take local dates, which are up to a day before or after UTC's."""
    if window.basis == "change_time":
        return _changes(window)
    return {
        "startdateymd": (window.start - _DAY).date().isoformat(),
        "enddateymd": (window.end + _DAY).date().isoformat(),
    }


def daily_slices(start: float, end: float) -> Iterator[Form]:
    """A stretch of time for services that answer for 24 hours at most, silently."""
    first, last = math.floor(start), math.ceil(end)
    for begin in range(first, last, _DAY_SECONDS):
        yield {"startdate": begin, "enddate": min(begin + _DAY_SECONDS, last)}


def _changes(window: Window) -> Form:
    # Never beside dates: then the answer is empty, without an error (seen by a client).
    return {"lastupdate": math.floor(window.start.timestamp())}
