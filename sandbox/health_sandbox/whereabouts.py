"""Where a person was, and when they wore nothing: a pure function of seed, person and date."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from .instants import from_datetime

if TYPE_CHECKING:
    from .people import Person

_BLOCK_DAYS = 50


@dataclass(frozen=True)
class _Block:
    trip: range
    trip_zone: ZoneInfo | None
    gap: range


class Whereabouts:
    """One person's places. They are the same for every vendor."""

    def __init__(self, person: Person, seed: int) -> None:
        self.person = person
        self._seed = seed
        self._block = lru_cache(maxsize=None)(self._draw_block)

    def draw(self, what: str, number: int) -> random.Random:
        """Return the source of chance for one thing: always the same for the same name."""
        return random.Random(f"{self._seed}/{self.person.name}/{what}/{number}")  # noqa: S311 - made-up data, not secrets

    def zone_on(self, day: date) -> ZoneInfo:
        """Return the zone the person is in on the evening of a date."""
        number = day.toordinal()
        block = self._block(number // _BLOCK_DAYS)
        return block.trip_zone if block.trip_zone and number in block.trip else self.person.zone

    def wears_nothing(self, day: date) -> bool:
        """Tell whether the person wears nothing from the evening of a date to the next."""
        number = day.toordinal()
        return number in self._block(number // _BLOCK_DAYS).gap

    def midnight(self, day: date) -> int:
        """Return the local midnight that begins a date."""
        return from_datetime(datetime.combine(day, time(), self.zone_on(day)))

    def _draw_block(self, block: int) -> _Block:
        chance, person = self.draw("block", block), self.person
        first = block * _BLOCK_DAYS
        trip_start = first + chance.randrange(3, 14)
        trip = range(trip_start, trip_start + chance.randrange(4, 12))
        gap_start = first + chance.randrange(28, 42)
        gap = range(gap_start, gap_start + chance.randrange(1, 6))
        travels = bool(person.trips) and chance.random() < person.trip_share
        zone = ZoneInfo(chance.choice(person.trips)) if travels else None
        return _Block(trip, zone, gap if chance.random() < person.gap_share else range(0))
