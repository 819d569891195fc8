"""Which stretches of time a run reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime, timedelta

Kind = Literal["backfill", "incremental", "snapshot"]
Basis = Literal["activity_time", "change_time", "snapshot"]


@dataclass(frozen=True)
class Window:
    """A stretch of time, UTC; ``start`` inclusive, ``end`` exclusive.

    Attributes:
        basis: What it bounds: when things happened, when the vendor changed its records of them,
            or nothing, for what only knows the present.
        moves_bookmark: Whether the next run may begin where this window ends.
    """

    start: datetime
    end: datetime
    kind: Kind
    basis: Basis = "activity_time"
    moves_bookmark: bool = True


def plan_windows(
    *,
    bookmark: datetime | None,
    earliest: datetime,
    end: datetime,
    lookback: timedelta,
    length: timedelta | None,
) -> list[Window]:
    """Plan ascending windows of activity time that end at ``end``.

    Args:
        bookmark: End of the last complete window; None before the first.
        earliest: No window begins before this.
        end: Frozen end of the run.
        lookback: How far an incremental window reaches back behind the bookmark, because vendors
            deliver late and score again.
        length: Longest window; None reads everything as one.

    Returns:
        From the bookmark minus the look-back, or the whole backfill. Empty when there is nothing to
        read before ``end``.
    """
    if bookmark is None:
        return split(earliest, end, length, "backfill")
    return split(max(bookmark - lookback, earliest), end, length, "incremental")


def split(
    start: datetime,
    end: datetime,
    length: timedelta | None,
    kind: Kind,
    *,
    moves_bookmark: bool = True,
) -> list[Window]:
    """Windows of activity time from ``start`` to ``end``, ascending."""
    windows = []
    while start < end:
        stop = min(start + length, end) if length else end
        windows.append(Window(start, stop, kind, moves_bookmark=moves_bookmark))
        start = stop
    return windows
