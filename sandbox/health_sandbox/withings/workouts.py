"""Workouts over time (API reference, workout_object)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND, to_datetime
from health_sandbox.timeline import Body, Record, Version

from . import groups
from .activity import TRACKERS
from .devices import SCANWATCH_2
from .life import Life, as_seen, epoch, eve
from .relays import APPLE_WATCH

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date


@dataclass(frozen=True)
class Sport:
    """A category of workout, and what Withings tells of it."""

    category: int
    metres_per_second: float = 0.0
    swimming: bool = False
    told: bool = True
    """Whether anything is told at all: not of multi-sport and breathing exercises."""


SPORTS: Mapping[str, Sequence[Sport]] = {
    "running": (Sport(2, 2.9),),
    "cycling": (Sport(6, 6.5),),
    "weights": (Sport(16),),
    "walking": (Sport(1, 1.4),),
    "hiking": (Sport(3, 1.1),),
    "swimming": (Sport(7, swimming=True),),
    "tennis": (Sport(12),),
    "padel": (Sport(456),),
    "yoga": (Sport(28), Sport(560, told=False)),
    "powerlifting": (Sport(16),),
    "other": (Sport(36), Sport(272, told=False)),
    "rolling": (Sport(533),),
    "sauna": (Sport(9001),),
    "stretching": (Sport(552),),
}
"""What Withings may make of each kind of bout. 36 is "other"; 533 is in no list, nor is 9001."""

_MISSED_SHARE = 0.08
_ERROR_MINUTES = 1.5
_NEARLY_EMPTY_SHARE = 0.05


def workout_records(life: Life, day: date) -> Iterator[Record]:
    """Return the workouts of a date as they appear, are corrected and deleted.

    The watch misses a few of the bouts, and errs about both ends of the others.
    """
    device = life.member.device(day, *TRACKERS)
    relayed = device is None and bool(life.habits.phone)
    if (device is None and not relayed) or life.wears_nothing(day):
        return
    zone = life.routine.zone_on(eve(day))
    for number, bout, _ in life.routine.drawn_bouts(eve(day)):
        chance = life.draw(f"workout/{number}", day)
        if chance.random() < _MISSED_SHARE:
            continue
        span, sport = as_seen(chance, bout.span, _ERROR_MINUTES), chance.choice(SPORTS[bout.kind])
        entered = not relayed and chance.random() < life.habits.entered_share
        workout_id = life.new_id(f"workout/{day}/{number}")
        shown = span.end + groups.delay(chance, 3 * life.habits.late_share)
        by_device = None if entered else device
        warm = device is not None and device.model == SCANWATCH_2
        body = {
            "id": workout_id,
            "category": sport.category,
            "timezone": zone.key,
            "model": by_device.model.model_id if by_device else APPLE_WATCH.model_id,
            "attrib": groups.ENTERED if entered else groups.BY_DEVICE,
            "startdate": epoch(span.start),
            "enddate": epoch(span.end),
            "date": to_datetime(span.start).astimezone(zone).date().isoformat(),
            "modified": epoch(shown),
            "deviceid": by_device.device_id(life.member) if by_device else None,
            "data": workout_data(life, chance, sport, span.length, warm=warm),
        }
        yield Record(str(workout_id), _versions(life, chance, shown, body))


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
