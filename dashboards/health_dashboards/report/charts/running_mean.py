"""What is usual for a person: the mean of the weeks before each date."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: So many dates make a mean, the one that it is of included; it needs a value for half of them.
DATES = 28


def running_means(values: Sequence[float | None]) -> list[float | None]:
    """The mean of the known values of the `DATES` dates up to each one."""
    return [usual(values[max(0, end - DATES) : end]) for end in range(1, len(values) + 1)]


def usual(values: Sequence[float | None]) -> float | None:
    """The mean of these values, if enough of them are known."""
    known = [value for value in values if value is not None]
    return fmean(known) if 2 * len(known) >= DATES else None
