"""Which sleeps and workouts count."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from .records import Row

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Kind:
    """What sleeps and workouts differ in.

    Attributes:
        category: That of preferences.
        ends: The columns of start and end.
        longest: What lasts longer cannot be true.
        overlap: Two belong together if they overlap by this part of the shorter one.
    """

    category: str
    ends: tuple[str, str]
    longest: timedelta
    overlap: float = 0

    def why_not(self, row: Row) -> str | None:
        """Why a session does not count; None if it does."""
        start, end = (row[name] for name in self.ends)
        if row["deleted_at"] is not None:
            return "deleted"
        if start and end and not timedelta(0) <= end - start <= self.longest:
            return "implausible"
        in_bed, asleep = (_seconds(row.get(name)) for name in ("in_bed_s", "asleep_s"))
        if in_bed is None and start and end:
            in_bed = end - start
        if in_bed is not None and asleep is not None and asleep > in_bed + MINUTE:
            return "implausible"
        return None if start and end else "no_time"


SLEEPS = Kind("sleep", ("in_bed_start_at", "in_bed_end_at"), DAY)
WORKOUTS = Kind("activity", ("start_at", "end_at"), 2 * DAY, 0.5)


def _seconds(value: Decimal | None) -> timedelta | None:
    return None if value is None else timedelta(milliseconds=int(value * 1000))
