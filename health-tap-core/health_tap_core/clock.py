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


class Clock:
    """Tells UTC as the vendor sees it, once the vendor has been heard."""

    def __init__(self, machine: Callable[[], float] = time.time) -> None:
        """Start with the machine's clock.

        Args:
            machine: Seconds since the epoch.
        """
        self._machine = machine
        self._offset: timedelta | None = None

    def observe(self, date_header: str | None) -> None:
        """Learn the vendor's time from the ``Date`` header of an answer, if not known yet."""
        if date_header is None or self._offset is not None:
            return
        try:
            vendor = parsedate_to_datetime(date_header)
            offset = vendor.replace(tzinfo=timezone.utc) - self._machine_now()
        except (ValueError, OverflowError):
            return
        self._offset = offset if abs(offset) >= TOLERANCE else timedelta(0)

    def now(self) -> datetime:
        """The present instant, UTC, in microseconds."""
        return self._machine_now() + (self._offset or timedelta(0))

    def _machine_now(self) -> datetime:
        return datetime.fromtimestamp(self._machine(), timezone.utc)
