"""The nights of a member as WHOOP tells of them: a pure function of seed, member and date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, to_datetime
from health_sandbox.routine import Routine

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from .members import Member

_SYNTHETIC_DAYS = 3
_LONGEST_DELAY = int(2.3 * HOUR)


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
    """Whether there is a main sleep; a cycle without one has no recovery."""
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


class Calendar(Routine):
    """One member's days and nights, and when WHOOP tells of them."""

    def __init__(self, member: Member, seed: int) -> None:
        super().__init__(member.person, seed)
        self._member = member
        self.night = lru_cache(maxsize=8)(self._draw_night)

    def _draw_night(self, day: date) -> Night | None:
        habits = self._member.habits
        first_night = self._member.joined + timedelta(days=_SYNTHETIC_DAYS)
        if day < first_night or self.wears_nothing(day):
            return None
        night, chance = self.drawn_night(day)
        delay = 4 * MINUTE + min(int(chance.expovariate(1 / 25) * MINUTE), _LONGEST_DELAY)
        rescored, first_wake = None, night.rise
        if chance.random() < habits.rescored_share:
            first_wake -= chance.choice((0, 1, 1)) * chance.randrange(20, 80) * MINUTE
            rescored = night.rise + delay + chance.randrange(30, 300) * MINUTE
        return Night(
            date=day,
            zone=night.zone,
            cycle_start=night.bed,
            sleep_start=night.asleep,
            first_wake=first_wake,
            wake=night.rise,
            slept=night.slept,
            seen=first_wake + delay,
            rescored=rescored,
        )
