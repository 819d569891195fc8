"""Which stretches of activity time a run reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Kind = Literal["backfill", "incremental", "snapshot"]


@dataclass(frozen=True)
class Window:
    """A stretch of activity time, UTC; ``start`` inclusive, ``end`` exclusive."""

    start: datetime
    end: datetime
    kind: Kind


def plan_windows(
    *,
    bookmark: datetime | None,
    earliest: datetime,
    end: datetime,
    lookback: timedelta,
    length: timedelta | None,
) -> list[Window]:
    """Plan ascending windows that end at ``end``.

    Args:
        bookmark: End of the last complete window; None before the first.
        earliest: No window begins before this.
        end: Frozen end of the run.
        lookback: How far an incremental window reaches back behind the bookmark, because vendors
            deliver late and score again.
        length: Longest window of a backfill; None reads it as one.

    Returns:
        One window from the bookmark minus the look-back, or the windows of the backfill. Empty
        when there is nothing to read before ``end``.
    """
    if bookmark is not None:
        start = max(bookmark - lookback, earliest)
        return [Window(start, end, "incremental")] if start < end else []
    windows = []
    start = earliest
    while start < end:
        stop = min(start + length, end) if length else end
        windows.append(Window(start, stop, "backfill"))
        start = stop
    return windows
