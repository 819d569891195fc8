"""Which stretches of time were read for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.timestamps import parse_instant, utc_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Stretch = tuple["datetime", "datetime"]


class Coverage:
    """Stretches of activity time, UTC, beginning inclusive and end exclusive; ascending, apart.

    A run that was cut off, a start date that was moved and a range that was read on its own all
    leave gaps, and gaps are what the next run reads.
    """

    def __init__(self, *stretches: Stretch) -> None:
        self._stretches: list[Stretch] = []
        for start, end in stretches:
            self.add(start, end)

    @classmethod
    def from_state(cls, value: object) -> Coverage:
        """Read what :meth:`to_state` wrote; None is no coverage.

        Raises:
            ValueError: It is something else.
            TypeError: Likewise.
        """
        if value is None:
            return cls()
        if not isinstance(value, list):
            raise TypeError
        return cls(*((parse_instant(start), parse_instant(end)) for start, end in value))

    def to_state(self) -> list[list[str]]:
        """The stretches as they stand in a state."""
        return [[utc_text(start), utc_text(end)] for start, end in self._stretches]

    @property
    def end(self) -> datetime | None:
        """Where the last stretch ends; None before the first."""
        return self._stretches[-1][1] if self._stretches else None

    def add(self, start: datetime, end: datetime) -> None:
        """Take note that a stretch was read. An empty one says nothing."""
        if start >= end:
            return
        apart = [(a, b) for a, b in self._stretches if b < start or end < a]
        for touching in set(self._stretches) - set(apart):
            start, end = min(start, touching[0]), max(end, touching[1])
        self._stretches = sorted([*apart, (start, end)])

    def until(self, instant: datetime) -> Coverage:
        """What of it lies before an instant."""
        return Coverage(*((start, min(end, instant)) for start, end in self._stretches))

    def gaps(self, start: datetime, end: datetime) -> Iterator[Stretch]:
        """What of a stretch was not read yet, ascending."""
        for begin, until in self._stretches:
            if start < min(begin, end):
                yield start, min(begin, end)
            start = max(start, until)
        if start < end:
            yield start, end
