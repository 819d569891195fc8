"""What a person does day by day, before any device sees it: sleeps, naps, exercises, walks.

Everything is a pure function of seed, person and date, and the same at every vendor: a vendor adds
what its own device makes of it. What is drawn, and in which order, is what WHOOP's histories were
first made from; it stays, so that they stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from .instants import DAY, HOUR, MINUTE, from_datetime
from .whereabouts import Whereabouts

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from .people import Person

_SHORTEST_NIGHT = int(3.5 * HOUR)
_WEEKEND = (4, 5)
_RESTLESS_SHARE = 1 / 91
_NAP_BEGINS = (0.4, 0.48)
_BOUT_SLOTS = ((0.05, 0.36), (0.58, 0.84))
"""The parts of the waking day in which bouts begin and end: morning, late afternoon."""
_STEPS_COUNTED_SHARE = 0.94

KINDS = {
    "running": 22,
    "cycling": 14,
    "weights": 14,
    "walking": 12,
    "hiking": 6,
    "swimming": 4,
    "tennis": 4,
    "padel": 4,
    "yoga": 4,
    "powerlifting": 3,
    "other": 5,
    "rolling": 2,
    "sauna": 4,
    "stretching": 2,
}
"""The kinds of bouts, and how common each is. Vendors have names and numbers of their own."""

_KINDS, _WEIGHTS = tuple(KINDS), tuple(KINDS.values())


@dataclass(frozen=True)
class Span:
    """A stretch of time between two instants in UTC."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True)
class TrueNight:
    """The night that begins on the evening of a date, as it was; instants in UTC."""

    date: date
    zone: ZoneInfo
    """Where the person is, until the next bedtime."""
    bed: int
    asleep: int
    """Later than bedtime on restless evenings."""
    rise: int
    slept: bool
    """Whether they slept at all."""


@dataclass(frozen=True)
class Bout:
    """One exercise, of one of the ``KINDS``."""

    kind: str
    span: Span


@dataclass(frozen=True)
class Effort:
    """What a person did on the day after a night, and how well it could be measured."""

    worn_on: int
    """How long after the day the devices were still on, if the next night nothing is worn."""
    luck: float
    """From 0 to 1: the lower, the worse the measurement."""
    strain: float
    """Without bouts, on WHOOP's scale."""
    first_guess: float
    """A first estimate of the energy, as a multiple of the final one."""
    steps_counted: bool
    """Whether a strap could count the steps."""
    steps: int


class Routine(Whereabouts):
    """One person's days and nights.

    What ``drawn_...`` methods return comes with the source of chance it was drawn from: WHOOP draws
    on from there for what its strap makes of it.
    """

    def __init__(self, person: Person, seed: int) -> None:
        super().__init__(person, seed)
        self._nights: dict[date, TrueNight] = {}

    def true_night(self, day: date) -> TrueNight:
        """Return the night that begins on the evening of a date, whatever was worn."""
        return self._nights.get(day) or self.drawn_night(day)[0]

    def drawn_night(self, day: date) -> tuple[TrueNight, random.Random]:
        """Return the night that begins on the evening of a date, and its source of chance."""
        chance, zone = self.draw("night", day.toordinal()), self.zone_on(day)
        late = 0.7 if day.weekday() in _WEEKEND else 0.0
        to_bed = min(max(chance.gauss(23.2 + late, 0.6), 20.5), 27.0)
        out_of_bed = min(max(chance.gauss(7.2 + late, 0.6), 4.5), 10.5)
        bed = _local(day, to_bed, zone)
        rise = max(_local(day + timedelta(days=1), out_of_bed, zone), bed + _SHORTEST_NIGHT)
        awake = chance.randrange(6, 25) * MINUTE if chance.random() < _RESTLESS_SHARE else 0
        slept = chance.random() >= self.person.sleepless_share
        night = self._nights[day] = TrueNight(day, zone, bed, bed + awake, rise, slept)
        return night, chance

    def waking(self, day: date) -> Span:
        """Return the time between the night of a date and the next, or a day if none is worn."""
        night, next_day = self.true_night(day), day + timedelta(days=1)
        off = self.wears_nothing(next_day)
        return Span(night.rise, night.bed + DAY if off else self.true_night(next_day).bed)

    def drawn_nap(self, day: date) -> tuple[Span | None, random.Random]:
        """Return the nap on the day after the night of a date, if any, and its source of chance."""
        chance = self.draw("nap", day.toordinal())
        return nap_from(chance, self.person.nap_share, self.waking(day)), chance

    def drawn_bouts(self, day: date) -> Iterator[tuple[int, Bout, random.Random]]:
        """Yield the bouts of the day after the night of a date: number, bout, source of chance."""
        waking = self.waking(day)
        for number, (opens, closes) in enumerate(_BOUT_SLOTS):
            chance = self.draw(f"workout/{number}", day.toordinal())
            if chance.random() >= self.person.bouts_per_day / len(_BOUT_SLOTS):
                continue
            longest = int(waking.length * (closes - opens))
            length = min(chance.randrange(15 * MINUTE, 130 * MINUTE), longest)
            start = waking.start + int(waking.length * opens)
            start += chance.randrange(longest - length + 1)
            kind = chance.choices(_KINDS, _WEIGHTS)[0]
            yield number, Bout(kind, Span(start, start + length)), chance

    def drawn_effort(self, day: date) -> tuple[Effort, random.Random]:
        """Return the effort of the day after the night of a date, and its source of chance."""
        chance = self.draw("cycle", day.toordinal())
        off = self.wears_nothing(day + timedelta(days=1))
        effort = Effort(
            worn_on=chance.randrange(60, 240) * MINUTE if off else 0,
            luck=chance.random(),
            strain=max(1.8, chance.gauss(7.5, 2.2)),
            first_guess=chance.uniform(0.95, 1.3),
            steps_counted=chance.random() < _STEPS_COUNTED_SHARE,
            steps=max(200, round(chance.gauss(9000, 3500))),
        )
        return effort, chance


def nap_from(
    chance: random.Random, share: float, waking: Span, begins: float | None = None
) -> Span | None:
    """Draw a nap of a waking day: at noon, unless the part of the day it begins after is given."""
    if chance.random() >= share:
        return None
    at_noon = chance.uniform(*_NAP_BEGINS)
    start = waking.start + int(waking.length * (at_noon if begins is None else begins))
    return Span(start, start + chance.randrange(20, 45) * MINUTE + chance.randrange(MINUTE))


def _local(day: date, hour: float, zone: ZoneInfo) -> int:
    """Turn a wall-clock hour of a date, which may pass 24, into an instant."""
    wall = datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600, 3))
    return from_datetime(wall.replace(tzinfo=zone))
