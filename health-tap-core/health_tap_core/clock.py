"""The vendor's time, as far as we can know it.

Windows and ``synced_at`` follow the vendor's clock, not the machine's: a laptop that is years off
would otherwise ask for windows that do not exist and poison its bookmarks. The vendor tells its
time in the ``Date`` header (RFC 9110, section 6.6.1), one second fine. Small differences are
network delay, so the machine's finer clock is kept for them. The first sound answer of a run
decides, so that time within a run only moves forward.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: A machine clock that differs by less than this from the vendor's counts as right.
TOLERANCE = timedelta(minutes=1)
#: No clock that was ever set shows a time outside of these.
BELIEVED = (
    datetime(2015, 1, 1, tzinfo=timezone.utc),
    datetime(2100, 1, 1, tzinfo=timezone.utc),
)


class Clock:
    """Tells UTC as the vendor sees it, once the vendor has been heard.

    Within a run only a steady clock counts on, so that a machine's clock that is set meanwhile
    turns nothing upside down.
    """

    def __init__(
        self,
        machine: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start with the machine's clock.

        Args:
            machine: Seconds since the epoch.
            monotonic: Seconds of a steady clock.
        """
        self._start = datetime.fromtimestamp(machine(), timezone.utc)
        self._monotonic = monotonic
        self._started = monotonic()
        self._was_told = False
        #: Whether the vendor has answered at all, with or without its time.
        self.was_heard = False

    def observe(self, date_header: str | None) -> None:
        """Learn the vendor's time from the ``Date`` header of an answer, if not known yet."""
        self.was_heard = True
        if date_header is None or self._was_told:
            return
        try:
            vendor = parsedate_to_datetime(date_header).replace(tzinfo=timezone.utc)
        except (ValueError, OverflowError):
            return
        if not BELIEVED[0] <= vendor < BELIEVED[1]:
            return
        self._was_told = True
        offset = vendor - self.now()
        if abs(offset) >= TOLERANCE:
            self._start += offset

    def now(self) -> datetime:
        """The present instant, UTC, in microseconds."""
        return self._start + timedelta(seconds=self._monotonic() - self._started)
