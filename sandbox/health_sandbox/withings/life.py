"""One member's life, from which all their data follow: seed, member, date and routine."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from health_sandbox.instants import MINUTE, SECOND, from_datetime, to_datetime
from health_sandbox.routine import Routine, Span

if TYPE_CHECKING:
    import random
    from zoneinfo import ZoneInfo

    from .members import Habits, Member

_FIRST_ID = 1 << 32
_IDS = 1 << 44


@dataclass(frozen=True)
class Life:
    """What the generators of all collections need to know of a member."""

    member: Member
    seed: int

    @cached_property
    def routine(self) -> Routine:
        """Where the member is and what they do; the same as at other vendors."""
        return Routine(self.member.person, self.seed)

    @property
    def habits(self) -> Habits:
        """What their data are made of."""
        return self.member.habits

    def draw(self, what: str, day: date) -> random.Random:
        """Return the source of chance for one thing on a date."""
        return self.routine.draw(f"withings/{what}", day.toordinal())

    def new_id(self, what: str) -> int:
        """Return an id above 2^32, always the same for the same name."""
        name = f"withings/{self.seed}/{self.member.name}/{what}"
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        return _FIRST_ID + int.from_bytes(digest, "big") % _IDS

    def zone_on(self, day: date) -> ZoneInfo:
        """Return the zone the member is in on a date."""
        return self.routine.zone_on(day)

    def wears_nothing(self, day: date) -> bool:
        """Tell whether the member leaves their devices off, from the evening before a date on."""
        return self.routine.wears_nothing(eve(day))

    def at(self, day: date, hour: float) -> int:
        """Return the instant of a wall-clock hour of a date, to the second; it may pass 24."""
        wall = datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600))
        return from_datetime(wall.replace(tzinfo=self.zone_on(day)))

    def account_zone(self, now: int) -> str:
        """Return the zone of the account, which moves with the member."""
        return self.zone_on(to_datetime(now).astimezone(self.member.zone).date()).key


def eve(day: date) -> date:
    """Return the date whose evening begins the night before a date."""
    return day - timedelta(days=1)


def as_seen(chance: random.Random, span: Span, minutes: float) -> Span:
    """Return a span as a device sees it: either end off by so many minutes, at most thrice that.

    Whole seconds, as Withings tells them.
    """

    def seen(instant: int) -> int:
        error = min(max(chance.gauss(0, minutes), -3 * minutes), 3 * minutes)
        return round((instant + error * MINUTE) / SECOND) * SECOND

    return Span(seen(span.start), seen(span.end))


def epoch(instant: int) -> int:
    """Return an instant in Withings' notation: whole seconds since the epoch."""
    return instant // SECOND
