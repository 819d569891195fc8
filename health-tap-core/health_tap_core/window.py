"""Which stretches of time a run reads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

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
        moves_bookmark: Whether all that lies before its end was read when it is.
    """

    start: datetime
    end: datetime
    kind: Kind
    basis: Basis = "activity_time"
    moves_bookmark: bool = False

    def until(self, now: datetime) -> Window:
        """The window as far as it lies in the past."""
        return replace(self, start=min(self.start, now), end=min(self.end, now))


def plan_windows(
    *,
    covered: Coverage,
    earliest: datetime,
    end: datetime,
    settled: datetime,
    length: timedelta,
) -> list[Window]:
    """Plan ascending windows of activity time that leave nothing unread before ``end``.

    Args:
        covered: What was read for good.
        earliest: No window begins before this.
        end: Frozen end of the run.
        settled: What happened since then is read again in any case.
        length: Longest window.

    Returns:
        The gaps in what is covered, the last of them up to the end. Empty when there is nothing to
        read before ``end``.
    """
    known = covered.until(settled)
    # Begun behind what is known, a run leaves something out; it is owed to the next one.
    is_whole = known.end is None or earliest <= known.end
    windows = []
    for start, stop in known.gaps(earliest, end):
        is_news = known.end is not None and known.end <= start and stop - start <= length
        kind: Kind = "incremental" if is_news else "backfill"
        windows += split(start, stop, length, kind)
    return [replace(window, moves_bookmark=is_whole) for window in windows]


def split(
    start: datetime,
    end: datetime,
    length: timedelta,
    kind: Kind,
    overlap: timedelta = timedelta(0),
) -> list[Window]:
    """Windows of activity time from ``start`` to ``end``, ascending.

    Args:
        start: Of the first window.
        end: Of the last one.
        length: Longest window; longer than the overlap.
        kind: Why they are read.
        overlap: Each window but the first begins so long before the one before it ends.
    """
    windows = []
    while start < end:
        stop = min(start + length, end)
        windows.append(Window(start, stop, kind))
        start = stop - overlap if stop < end else end
    return windows
