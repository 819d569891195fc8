"""Where a person was: `user_timezone_history`."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from .canonical_time import offset_at, zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

EVER = datetime(1900, 1, 1, tzinfo=timezone.utc)
RECENT = timedelta(days=3)


@dataclass(frozen=True)
class Observation:
    """What a record says of the zone that a person was in.

    Attributes:
        at: When.
        source: Who says so.
        name: The zone; None where only an offset is told.
        offset: In minutes; None beside a name.
    """

    at: datetime
    source: str
    name: str | None = None
    offset: int | None = None

    @property
    def place(self) -> tuple[datetime, str, str]:
        """What orders them. Of several at one instant the last by text holds, as good as any."""
        return self.at, self.source, self.name or str(self.offset)


@dataclass(frozen=True)
class Home:
    """A home zone, from an instant until another one is in force."""

    since: datetime
    name: str


@dataclass(frozen=True)
class Stay:
    """An interval of the history; ``until`` is None of the last one."""

    since: datetime
    until: datetime | None
    name: str | None
    offset: int | None
    evidence: str

    def offset_at(self, at: datetime) -> int | None:
        """The offset at an instant of it."""
        return offset_at(zone(self.name), at) if self.name else self.offset


@dataclass(frozen=True)
class Whereabouts:
    """A person's stays, oldest first."""

    stays: Sequence[Stay]

    def at(self, at: datetime) -> Stay | None:
        """Where the person was at an instant; None if nobody knows."""
        count = bisect_right(self.stays, at, key=lambda stay: stay.since)
        stay = self.stays[count - 1] if count else None
        return stay if stay and (stay.until is None or at < stay.until) else None


def named(observations: Iterable[Observation], homes: Sequence[Home]) -> list[Observation]:
    """Observations by name, where a zone with that offset is known; by time."""
    last: str | None = None
    made = []
    for seen in sorted(observations, key=lambda each: each.place):
        if seen.name:
            last = seen.name
            made.append(seen)
        elif seen.offset is not None:
            known = (last, _home(homes, seen.at))
            name = next(
                (n for n in known if n and offset_at(zone(n), seen.at) == seen.offset), None
            )
            made.append(replace(seen, name=name, offset=None if name else seen.offset))
    return sorted(made, key=lambda each: each.place)


def whereabouts(
    observations: Iterable[Observation], homes: Sequence[Home], account: str | None
) -> Whereabouts:
    """A person's history.

    Args:
        observations: What records say.
        homes: Home zones, oldest first.
        account: The zone of the vendor's account.
    """
    seen = named(observations, homes)
    times = {EVER, *(home.since for home in homes)}
    for each in seen:
        times |= {each.at, each.at + RECENT}
    stays: list[Stay] = []
    cuts = sorted(times)
    for since, until in zip(cuts, [*cuts[1:], None], strict=True):
        found = _zone(since, seen, homes, account)
        if found is None:
            continue
        name, offset, evidence = found
        before = stays[-1] if stays else None
        if before and (before.name, before.offset, before.evidence) == found:
            since = stays.pop().since  # noqa: PLW2901  # the same stay goes on
        stays.append(Stay(since, until, name, offset, evidence))
    return Whereabouts(stays)


def _zone(
    at: datetime, seen: Sequence[Observation], homes: Sequence[Home], account: str | None
) -> tuple[str | None, int | None, str] | None:
    """The first that is known at an instant."""
    count = bisect_right(seen, at, key=lambda each: each.at)
    last = seen[count - 1] if count else None
    home = _home(homes, at)
    if last and at < last.at + RECENT:
        return last.name, last.offset, "recent_record"
    if home:
        return home, None, "home_zone"
    if nearest := last or (seen[0] if seen else None):
        return nearest.name, nearest.offset, "nearest_record"
    return (account, None, "account_zone") if zone(account) else None


def _home(homes: Sequence[Home], at: datetime) -> str | None:
    return next((home.name for home in reversed(homes) if home.since <= at), None)
