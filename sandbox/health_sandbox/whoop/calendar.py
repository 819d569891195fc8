"""Where a member was and when they slept: a pure function of seed, member and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from health_sandbox.instants import DAY, HOUR, MINUTE, from_datetime, to_datetime
from health_sandbox.whereabouts import Whereabouts

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from .members import Member

_SYNTHETIC_DAYS = 3
_SHORTEST_NIGHT = int(3.5 * HOUR)
_LONGEST_DELAY = int(2.3 * HOUR)
_WEEKEND = (4, 5)


@dataclass(frozen=True)
class Night:
    """The night that begins on the evening of a date, and with it a cycle; instants in UTC."""

    date: date
    zone: ZoneInfo
    cycle_start: int
    sleep_start: int
    first_wake: int
    """Where the night ends as WHOOP first shows it."""
    wake: int
    """Where it really ends: later, if the member fell asleep again."""
    slept: bool
    """Whether WHOOP found a main sleep."""
    seen: int
    """When WHOOP first shows the night and the cycle, and closes the cycle before."""
    rescored: int | None
    """When WHOOP scores the night a second time."""

    @property
    def day(self) -> int:
        """The number of the date, to name draws and ids after."""
        return self.date.toordinal()


def offset_at(zone: ZoneInfo, instant: int) -> str:
    """Return a zone's offset in WHOOP's notation: ``+hh:mm``, ``-hh:mm`` or ``Z`` for none."""
    minutes = (to_datetime(instant).astimezone(zone).utcoffset() or timedelta()) // timedelta(
        minutes=1
    )
    if minutes == 0:
        return "Z"
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


class Calendar(Whereabouts):
    """One member's nights and places."""

    def __init__(self, member: Member, seed: int) -> None:
        super().__init__(member.person, seed)
        self._member = member
        self.night = lru_cache(maxsize=8)(self._draw_night)

    def _draw_night(self, day: date) -> Night | None:
        member, number = self._member, day.toordinal()
        first_night = member.joined + timedelta(days=_SYNTHETIC_DAYS)
        if day < first_night or self.wears_nothing(day):
            return None
        chance, zone = self.draw("night", number), self.zone_on(day)
        late = 0.7 if day.weekday() in _WEEKEND else 0.0
        bed = min(max(chance.gauss(23.2 + late, 0.6), 20.5), 27.0)
        rise = min(max(chance.gauss(7.2 + late, 0.6), 4.5), 10.5)
        start = _local(day, bed, zone)
        wake = max(_local(day + timedelta(days=1), rise, zone), start + _SHORTEST_NIGHT)
        moved = chance.randrange(6, 25) * MINUTE if chance.random() < 1 / 91 else 0
        slept = chance.random() >= member.habits.sleepless_share
        delay = 4 * MINUTE + min(int(chance.expovariate(1 / 25) * MINUTE), _LONGEST_DELAY)
        rescored, first_wake = None, wake
        if chance.random() < member.habits.rescored_share:
            first_wake -= chance.choice((0, 1, 1)) * chance.randrange(20, 80) * MINUTE
            rescored = wake + delay + chance.randrange(30, 300) * MINUTE
        return Night(
            day, zone, start, start + moved, first_wake, wake, slept, first_wake + delay, rescored
        )


def _local(day: date, hour: float, zone: ZoneInfo) -> int:
    """Turn a wall-clock hour of a date, which may pass 24, into an instant."""
    wall = datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600, 3))
    return from_datetime(wall.replace(tzinfo=zone))


def next_start(night: Night, following: Night | None) -> int:
    """Return when a night's cycle ends: with the next night, or a day on if the strap is off."""
    return following.cycle_start if following else night.cycle_start + DAY
