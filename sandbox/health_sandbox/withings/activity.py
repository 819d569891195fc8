"""Days of activity: one row for each local date, which grows with every sync."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING

from health_sandbox.instants import DAY, HOUR, MINUTE, SECOND
from health_sandbox.timeline import Body, Record, Version

from .devices import SCANWATCH, SCANWATCH_2, SCANWATCH_LIGHT, Device, Model
from .life import Life, epoch, eve

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import date

    from .relays import Relay

TRACKERS = (SCANWATCH, SCANWATCH_2, SCANWATCH_LIGHT)

SLOT = 10 * MINUTE
_FIRST_HOUR, _SLOTS = 6, 100
_SYNC_HOURS = (9, 12, 15, 18, 21)
_LATEST_SYNC = 3 * DAY
_NO_HEART_RATE_SHARE = 0.04
_MISCOUNTED = 0.06
"""How far the steps of a day are off at most, as a share of them."""


@dataclass(frozen=True)
class ActiveDay:
    """What a member did on a date, before Withings says anything about it; instants in UTC."""

    life: Life
    day: date
    device: Device | None
    source: Model | Relay
    whole: Body
    """The sums of the whole day."""
    rates: Body
    """What does not grow: heart rates."""
    start: int
    """When the first slot begins."""
    shares: Sequence[float]
    """The part of the day's activity that lies before each slot, and 1 at last."""
    syncs: Sequence[int]

    def share_at(self, instant: int) -> float:
        """Return the part of the day's activity that lies before an instant."""
        return self.shares[min(max(0, (instant - self.start) // SLOT), len(self.shares) - 1)]

    def synced(self, now: int) -> int:
        """Return the last sync before an instant, or an instant before all slots."""
        reached = bisect_right(self.syncs, now)
        return self.syncs[reached - 1] if reached else 0

    def sums_at(self, share: float) -> Body:
        """Return what the day comes to when a part of it is over."""
        return {
            name: int(sum_ * share) if isinstance(sum_, int) else round(sum_ * share, 3)
            for name, sum_ in self.whole.items()
        }

    def body(self, sync: int) -> Body:
        """Return the row as of a sync."""
        sums = self.sums_at(self.share_at(sync))
        device_id = self.device.device_id(self.life.member) if self.device else None
        return {
            "date": self.day.isoformat(),
            "timezone": self.life.zone_on(self.day).key,
            "deviceid": device_id,
            "hash_deviceid": device_id,
            "brand": self.source.brand,
            "is_tracker": self.device is not None,
            "modified": epoch(sync),
            "model": self.source.name,
            "modelid": self.source.model_id,
            **sums,
            "active": sums["moderate"] + sums["intense"],
            "totalcalories": round(1450 * self._elapsed(sync) + sums["calories"], 3),
            **self.rates,
        }

    def _elapsed(self, sync: int) -> float:
        midnight = self.life.at(self.day, 0)
        return min(1.0, max(0.0, (sync - midnight) / DAY))


def active_day(life: Life, day: date) -> ActiveDay | None:
    """Return what the member did on a date, if anything counted it."""
    device = life.member.device(day, *TRACKERS)
    if device and life.wears_nothing(day):
        return None
    source = device.model if device else life.habits.phone
    if source is None:
        return None
    chance = life.draw("activity", day)
    weights = [chance.random() ** 3 for _ in range(_SLOTS)]
    total = sum(weights)
    shares = (0.0, *(min(1.0, part / total) for part in accumulate(weights[:-1])), 1.0)
    effort, _ = life.routine.drawn_effort(eve(day))
    steps = round(effort.steps * chance.uniform(1 - _MISCOUNTED, 1 + _MISCOUNTED))
    whole: Body = {
        "steps": steps,
        "distance": round(steps * chance.uniform(0.68, 0.8), 3),
        "elevation": round(chance.uniform(0, 30), 3) if device else 0,
        "soft": chance.randrange(3000, 15000),
        "moderate": chance.randrange(0, 5400),
        "intense": chance.randrange(0, 3600),
        "calories": round(steps * 0.045, 3),
    }
    rates = _heart_rates(life, chance) if device else {}
    syncs = [life.at(day, hour + chance.uniform(0, 0.8)) for hour in _SYNC_HOURS]
    last = life.at(day + timedelta(days=1), chance.uniform(0.2, 8.5))
    if chance.random() < life.habits.late_share:
        last += chance.randrange(2 * HOUR, _LATEST_SYNC, SECOND)
    return ActiveDay(
        life, day, device, source, whole, rates, life.at(day, _FIRST_HOUR), shares, [*syncs, last]
    )


def day_records(life: Life, day: date) -> Iterator[Record]:
    """Return the row of a date as it looks after every sync."""
    active = active_day(life, day)
    if active is not None:
        versions = [Version(sync, partial(active.body, sync)) for sync in active.syncs]
        yield Record(day.isoformat(), versions)


def _heart_rates(life: Life, chance: random.Random) -> Body:
    """Return a day's heart rates; 0 is what a watch that was not tight enough tells."""
    person, measured = life.member.person, chance.random() >= _NO_HEART_RATE_SHARE
    rates = {
        "hr_average": round(person.resting_heart_rate + chance.gauss(18, 4)),
        "hr_min": round(person.resting_heart_rate - chance.uniform(0, 5)),
        "hr_max": round(person.max_heart_rate - chance.uniform(10, 70)),
        "hr_zone_0": chance.randrange(30_000, 70_000),
        "hr_zone_1": chance.randrange(0, 6000),
        "hr_zone_2": chance.randrange(0, 2400),
        "hr_zone_3": chance.randrange(0, 600),
    }
    return rates if measured else dict.fromkeys(rates, 0)
