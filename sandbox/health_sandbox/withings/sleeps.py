"""Nights and naps over time (API reference, sleep_summary_object)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND, to_datetime
from health_sandbox.routine import Span
from health_sandbox.timeline import Body, Record, Version

from .activity import TRACKERS
from .devices import SCANWATCH_2, SLEEP_MAT, Device
from .hypnogram import AWAKE, DEEP, LIGHT, MONITOR, OUT_OF_BED, REM, TRACKER, Stage, stages
from .life import Life, as_seen, epoch, eve
from .relays import APPLE_WATCH

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence
    from datetime import date
    from zoneinfo import ZoneInfo

_WEEK = 7
_REWRITTEN_NIGHTS, _REWRITTEN_SHARE = 5, 0.12
_MISSED_NIGHTS, _MISSED_NAPS = 0.02, 0.15
_NIGHT_ERROR_MINUTES, _NAP_ERROR_MINUTES = 5, 1.5
_SETTLED = int(2.1 * HOUR)


@dataclass(frozen=True)
class Sleep:
    """What a member slept, before Withings says anything about it; instants in UTC."""

    life: Life
    name: str
    day: date
    """The date on which it ends."""
    zone: ZoneInfo
    device: Device | None
    span: Span

    def body(self, stored: int, modified: int, *, later: int = 0, completed: bool = True) -> Body:
        """Return the row; a rewritten night ends some minutes later."""
        life, monitor = self.life, self.device is not None and self.device.model == SLEEP_MAT
        end = self.span.end + later
        body: Body = {
            "id": life.new_id(f"sleep/{self.name}"),
            "timezone": self.zone.key,
            "model": MONITOR if monitor else TRACKER,
            "model_id": self.device.model.model_id if self.device else APPLE_WATCH.model_id,
            "hash_deviceid": self.device.device_id(life.member) if self.device else None,
            "startdate": epoch(self.span.start),
            "enddate": epoch(end),
            "date": to_datetime(end).astimezone(self.zone).date().isoformat(),
            "created": epoch(stored),
            "modified": epoch(modified),
            "completed": completed,
        }
        return {**body, "data": summary(life, body, completed=completed)}


def sleep_records(life: Life, day: date) -> Iterator[Record]:
    """Return the sleeps that end on a date: the night, seen by one device or two, and a nap.

    Devices miss a few nights and more naps, and err about both ends of the others.
    """
    chance = life.draw("sleep", day)
    off = life.wears_nothing(day)
    monitor = life.member.device(day, SLEEP_MAT)
    watch = None if off else life.member.device(day, *TRACKERS)
    relayed = not off and watch is None and life.habits.relayed_share > chance.random()
    if monitor is None and watch is None and not relayed:
        return
    night, (nap, _) = life.routine.true_night(eve(day)), life.routine.drawn_nap(eve(day))
    if night.slept and chance.random() >= _MISSED_NIGHTS:
        span = as_seen(chance, Span(night.asleep, night.rise), _NIGHT_ERROR_MINUTES)
        yield _record(Sleep(life, f"{day}", day, night.zone, monitor or watch, span), chance)
        if monitor and watch and chance.random() < life.habits.two_devices_share:
            shift = chance.randrange(2, 12) * MINUTE
            span = Span(span.start + shift, span.end - shift)
            yield _record(Sleep(life, f"{day}/watch", day, night.zone, watch, span), chance)
    if nap is not None and chance.random() >= _MISSED_NAPS:
        span = as_seen(chance, nap, _NAP_ERROR_MINUTES)
        yield _record(Sleep(life, f"{day}/nap", day, night.zone, watch or monitor, span), chance)


def _record(sleep: Sleep, chance: random.Random) -> Record:
    """Return a sleep as it appears, is completed, and at times is rewritten days later.

    Seen: a monitor's night is modified 2.1 hours after its end; five nights were rewritten
    together 22 to 170 hours after they had ended.
    """
    stored = sleep.span.end + chance.randrange(5 * MINUTE, 45 * MINUTE, SECOND)
    settled = sleep.span.end + _SETTLED + chance.randrange(20 * MINUTE)
    versions = [
        Version(stored, partial(sleep.body, stored, stored, completed=False)),
        Version(settled, partial(sleep.body, stored, settled)),
    ]
    weekday = sleep.day.toordinal() % _WEEK
    last = sleep.day + timedelta(days=_WEEK - 1 - weekday)
    rewritten = sleep.life.draw("rewritten", last).random() < _REWRITTEN_SHARE
    most = max(MINUTE, sleep.span.length // 20)
    later = chance.choice((0, chance.randrange(most // 6, most, SECOND)))
    if rewritten and weekday < _REWRITTEN_NIGHTS:
        at = sleep.life.at(last, 15)
        versions.append(Version(at, partial(sleep.body, stored, at, later=later)))
    return Record(str(sleep.life.new_id(f"sleep/{sleep.name}")), versions)


def summary(life: Life, sleep: Body, *, completed: bool = True) -> Body:
    """Return the ``data`` of a sleep, counted from its stages."""
    chance = life.routine.draw(f"withings/summary/{sleep['modified']}", sleep["id"])
    found, length = stages(sleep), sleep["enddate"] - sleep["startdate"]
    if sleep["hash_deviceid"] is None:
        absent = ("lightsleepduration", "deepsleepduration", "remsleepduration")
        return {"total_timeinbed": length, "asleepduration": length, **dict.fromkeys(absent)}
    data = {**_counted(found, length), **_pulse(life, chance)}
    if sleep["model"] == MONITOR:
        data |= _breathing(chance, at_home=life.member.zone.key.startswith("Europe/"))
    if sleep["model_id"] == SCANWATCH_2.model_id:
        warmth = {"min": 36.1, "max": 37.1, "avg": 36.6}
        data |= {f"core_body_temperature_{name}": at for name, at in warmth.items()}
        data["core_body_temperature_status"] = chance.choice(("unknown", "usual", "elevated"))
    if completed:
        data["sleep_score"] = min(
            100, round(100 * data["sleep_efficiency"] - chance.uniform(0, 25))
        )
    return data


def _counted(found: Sequence[Stage], length: int) -> Body:
    def seconds(*states: int) -> int:
        return sum(stage.seconds for stage in found if stage.state in states)

    between = found[1:-1]
    woken = [stage for stage in between if stage.state == AWAKE]
    left = [stage for stage in between if stage.state == OUT_OF_BED]
    asleep = seconds(LIGHT, DEEP, REM)
    first, last = found[0], found[-1]
    start = first.start
    events = {
        "1": [0],
        "2": [first.seconds],
        "3": [stage.start - start for stage in (*woken, last)],
        "4": [stage.start - start for stage in left] + [length],
    }
    return {
        "total_timeinbed": length,
        "total_sleep_time": asleep,
        "lightsleepduration": seconds(LIGHT),
        "remsleepduration": seconds(REM),
        "deepsleepduration": seconds(DEEP),
        "sleep_efficiency": round(asleep / length, 2),
        "sleep_latency": first.seconds,
        "wakeup_latency": last.seconds,
        "wakeupduration": seconds(AWAKE),
        "wakeupcount": len(woken),
        "waso": sum(stage.seconds for stage in woken),
        "nb_rem_episodes": sum(stage.state == REM for stage in found),
        "durationtosleep": first.seconds,
        "durationtowakeup": last.seconds,
        "out_of_bed_count": len(left),
        "night_events": events,
    }


def _pulse(life: Life, chance: random.Random) -> Body:
    pulse = round(life.member.person.resting_heart_rate + chance.gauss(3, 2))
    breaths = round(chance.gauss(14, 1))
    return {
        "hr_average": pulse,
        "hr_min": pulse - chance.randrange(4, 10),
        "hr_max": pulse + chance.randrange(12, 40),
        "rr_average": breaths,
        "rr_min": breaths - 4,
        "rr_max": breaths + 7,
        "rmssd_start_avg": chance.randrange(25, 60),
        "rmssd_end_avg": chance.randrange(30, 80),
    }


def _breathing(chance: random.Random, *, at_home: bool) -> Body:
    """Return what a sleep monitor hears; the apnea index is for Europe and Australia only."""
    breaths = round(chance.gauss(14, 1))
    data: Body = {
        "breathing_disturbances_intensity": chance.randrange(40),
        "breathing_quality_assessment": chance.randrange(40),
        "snoring": chance.randrange(0, 5400, 60),
        "snoringepisodecount": chance.randrange(12),
        "mvt_score_avg": chance.randrange(4, 40),
        "mvt_active_duration": chance.randrange(300, 2400, 60),
        "breathing_sounds": chance.randrange(0, 1800, 60),
        "breathing_sounds_episode_count": chance.randrange(6),
    }
    for name in ("chest_movement_rate", "chest_movement_rate_wellness"):
        levels = {"average": breaths, "min": breaths - 4, "max": breaths + 7}
        data |= {f"{name}_{level}": value for level, value in levels.items()}
    if at_home:
        data |= {"apnea_hypopnea_index": chance.randrange(12), "withings_index": None}
    return data
