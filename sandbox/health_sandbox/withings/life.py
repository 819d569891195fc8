"""One member's life, from which all their data follow: seed, member, date and place."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from health_sandbox.instants import SECOND, from_datetime, to_datetime
from health_sandbox.whereabouts import Whereabouts

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
    def places(self) -> Whereabouts:
        """Where the member is; the same as at other vendors."""
        return Whereabouts(self.member.person, self.seed)

    @property
    def habits(self) -> Habits:
        """What their data are made of."""
        return self.member.habits

    def draw(self, what: str, day: date) -> random.Random:
        """Return the source of chance for one thing on a date."""
        return self.places.draw(f"withings/{what}", day.toordinal())

    def new_id(self, what: str) -> int:
        """Return an id above 2^32, always the same for the same name."""
        name = f"withings/{self.seed}/{self.member.name}/{what}"
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        return _FIRST_ID + int.from_bytes(digest, "big") % _IDS

    def zone_on(self, day: date) -> ZoneInfo:
        """Return the zone the member is in on a date."""
        return self.places.zone_on(day)

    def at(self, day: date, hour: float) -> int:
        """Return the instant of a wall-clock hour of a date, to the second; it may pass 24."""
        wall = datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600))
        return from_datetime(wall.replace(tzinfo=self.zone_on(day)))

    def account_zone(self, now: int) -> str:
        """Return the zone of the account, which moves with the member."""
        return self.zone_on(to_datetime(now).astimezone(self.member.zone).date()).key


def epoch(instant: int) -> int:
    """Return an instant in Withings' notation: whole seconds since the epoch."""
    return instant // SECOND
