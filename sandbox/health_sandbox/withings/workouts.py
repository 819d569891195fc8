"""Workouts over time (API reference, workout_object)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND, to_datetime
from health_sandbox.timeline import Body, Record, Version

from . import groups
from .activity import TRACKERS
from .devices import SCANWATCH_2
from .life import Life, epoch
from .relays import APPLE_WATCH

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from datetime import date


@dataclass(frozen=True)
class Sport:
    """A category of workout: how common it is, and what Withings tells of it."""

    category: int
    weight: float
    metres_per_second: float = 0.0
    swimming: bool = False
    told: bool = True
    """Whether anything is told at all: not of multi-sport and breathing exercises."""


SPORTS = (
    Sport(1, 20, 1.4),
    Sport(2, 22, 2.9),
    Sport(6, 14, 6.5),
    Sport(7, 9, swimming=True),
    Sport(16, 8),
    Sport(28, 5),
    Sport(36, 6),
    Sport(456, 3),
    Sport(272, 3, told=False),
    Sport(560, 3, told=False),
    Sport(533, 2),
    Sport(9001, 2),
)
"""36 is "other"; 533 is in no list, nor is 9001."""

_SLOTS = ((7.5, 11.0), (16.0, 20.5))
_NEARLY_EMPTY_SHARE = 0.05


def workout_records(life: Life, day: date) -> Iterator[Record]:
    """Return the workouts of a date as they appear, are corrected and deleted."""
    device = life.member.device(day, *TRACKERS)
    relayed = device is None and bool(life.habits.phone)
    if (device is None and not relayed) or life.places.wears_nothing(day):
        return
    for number, (opens, closes) in enumerate(_SLOTS):
        chance = life.draw(f"workout/{number}", day)
        if chance.random() >= life.habits.workouts_per_day / 2:
            continue
        start = life.at(day, chance.uniform(opens, closes - 2))
        length = chance.randrange(12 * MINUTE, 100 * MINUTE, SECOND)
        sport = chance.choices(SPORTS, [row.weight for row in SPORTS])[0]
        entered = not relayed and chance.random() < life.habits.entered_share
        workout_id = life.new_id(f"workout/{day}/{number}")
        shown = start + length + groups.delay(chance, 3 * life.habits.late_share)
        by_device = None if entered else device
        body = {
            "id": workout_id,
            "category": sport.category,
            "timezone": life.zone_on(day).key,
            "model": by_device.model.model_id if by_device else APPLE_WATCH.model_id,
            "attrib": groups.ENTERED if entered else groups.BY_DEVICE,
            "startdate": epoch(start),
            "enddate": epoch(start + length),
            "date": local_date(life, day, start),
            "modified": epoch(shown),
            "deviceid": by_device.device_id(life.member) if by_device else None,
            "data": workout_data(
                life, chance, sport, length, warm=bool(device and device.model == SCANWATCH_2)
            ),
        }
        yield Record(str(workout_id), _versions(life, chance, shown, body))


def local_date(life: Life, day: date, instant: int) -> str:
    """Return the date that an instant has where the member is on a date."""
    return to_datetime(instant).astimezone(life.zone_on(day)).date().isoformat()


def workout_data(
    life: Life, chance: random.Random, sport: Sport, length: int, *, warm: bool
) -> Body | list[Body]:
    """Return what is told of a workout; where there is nothing, a list takes the object's place."""
    if not sport.told:
        return []
    person, seconds = life.member.person, length // SECOND
    effort = chance.uniform(0.25, 0.8)
    reserve = person.max_heart_rate - person.resting_heart_rate
    zones = [round(seconds * share) for share in (0.3, 0.35, 0.25, 0.1)]
    data: Body = {
        "calories": round(seconds / 60 * (3 + 9 * effort)),
        "intensity": 0,
        "manual_intensity": 0,
        "manual_distance": 0,
        "manual_calories": 0,
        "hr_average": round(person.resting_heart_rate + reserve * effort),
        "hr_min": round(person.resting_heart_rate + reserve * effort / 3),
        "hr_max": round(person.resting_heart_rate + reserve * min(1.0, effort + 0.15)),
        **{f"hr_zone_{number}": zone for number, zone in enumerate(zones)},
        "pause_duration": 0,
        "algo_pause_duration": chance.randrange(300) if sport.swimming else None,
        "spo2_average": None,
    }
    if warm:
        data |= {f"core_body_temperature_{name}": 37.2 + at for name, at in _WARMTH.items()}
        data["core_body_temperature_status"] = chance.choice(("unknown", "usual", "elevated"))
    if sport.swimming:
        laps = seconds // 45
        return data | {"pool_laps": laps, "strokes": 17 * laps, "pool_length": 25}
    metres = sport.metres_per_second * seconds * chance.uniform(0.9, 1.1)
    data |= {"steps": round(metres / 0.8), "distance": round(metres, 3)}
    data["elevation"] = chance.choice((0, round(metres / 600, 3)))
    if chance.random() < _NEARLY_EMPTY_SHARE:
        return {"calories": data["calories"], "hr_average": None, "distance": None}
    return data


_WARMTH = {"avg": 0.25, "min": 0.0, "max": 0.5}


def _versions(life: Life, chance: random.Random, shown: int, body: Body) -> list[Version]:
    """Return how a workout changes: the member corrects what it was, or deletes it."""
    versions, fate = [Version(shown, body)], chance.random()
    changed = shown + chance.randrange(10 * MINUTE, 40 * HOUR, SECOND)
    share = life.habits.correction_share
    if fate < share:
        change = {"category": 36, "attrib": groups.CONFIRMED, "modified": epoch(changed)}
        versions.append(Version(changed, {**body, **change}))
    elif fate < share * 4 / 3:
        versions.append(Version(changed, None))
    return versions
