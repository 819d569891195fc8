"""Which stretches of time a run reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from health_tap_core.coverage import Coverage

Kind = Literal["backfill", "incremental", "reconcile", "snapshot"]
Basis = Literal["activity_time", "change_time", "snapshot"]


@dataclass(frozen=True)
class Window:
    """A stretch of time, UTC; ``start`` inclusive, ``end`` exclusive.

    Attributes:
        kind: Why it is read: as new history, as what is new, again to find what is gone, or as what
            only knows the present.
        basis: What it bounds: when things happened, when the vendor changed its records of them,
            or nothing, for what only knows the present.
    """

    start: datetime
    end: datetime
    kind: Kind
    basis: Basis = "activity_time"

    def until(self, now: datetime) -> Window:
        """The window as far as it lies in the past."""
        return replace(self, start=min(self.start, now), end=min(self.end, now))


def plan_windows(
    *,
    covered: Coverage,
    earliest: datetime,
    end: datetime,
    lookback: timedelta,
    length: timedelta,
) -> list[Window]:
    """Plan ascending windows of activity time that leave nothing unread before ``end``.

    Args:
        covered: What was read before.
        earliest: No window begins before this.
        end: Frozen end of the run.
        lookback: How far the newest window reaches back behind what was read, because vendors
            deliver late and score again.
        length: Longest window.

    Returns:
        The gaps in the history, then all from the end of what was read minus the look-back. Empty
        when there is nothing to read before ``end``.
    """
    again = covered.end - lookback if covered.end else end
    windows = [
        window
        for gap in covered.gaps(earliest, min(again, end))
        for window in split(*gap, length, "backfill")
    ]
    recent = max(again, earliest)
    # More than a window of news is history.
    kind: Kind = "incremental" if end - recent <= length else "backfill"
    return [*windows, *split(recent, end, length, kind)]


def split(start: datetime, end: datetime, length: timedelta, kind: Kind) -> list[Window]:
    """Windows of activity time from ``start`` to ``end``, ascending."""
    windows = []
    while start < end:
        stop = min(start + length, end)
        windows.append(Window(start, stop, kind))
        start = stop
    return windows
