"""Records that a test adds: whatever it leaves out gets a plausible value."""

from __future__ import annotations

from datetime import date
from secrets import token_hex
from typing import TYPE_CHECKING

from health_sandbox.instants import HOUR, MINUTE, SECOND, to_datetime
from health_sandbox.timeline import Body, merge

from . import groups
from .activity import TRACKERS
from .devices import BODY, BPM_CORE, SCANWATCH, SCANWATCH_2, SLEEP_MAT, Device, Model
from .hypnogram import MONITOR, TRACKER
from .life import epoch
from .relays import APPLE_WATCH, HEALTH_CONNECT
from .scales import SCALES
from .sleeps import summary
from .workouts import SPORTS, workout_data

if TYPE_CHECKING:
    from .history import History

_WALKING = SPORTS["walking"][0]
_UNOWNED = {groups.ENTERED, groups.AT_CREATION}


def measure_group(history: History, given: Body, now: int) -> Body:
    """Complete a measure group: a weigh-in of now on the member's scale."""
    unowned = given.get("attrib") in _UNOWNED
    device = None if unowned else _owned(history, now, *SCALES)
    created = int(given.get("created", epoch(now)))
    return merge(
        {
            "grpid": _new_id(history),
            "attrib": groups.BY_DEVICE,
            "date": epoch(now),
            "created": created,
            "modified": max(created, epoch(now)),
            "category": groups.REAL,
            **_by(history, device),
            "model": device.model.name if device else None,
            "modelid": device.model.model_id if device else None,
            "measures": [groups.measure(1, history.member.person.weight, -3)],
            "comment": None,
        },
        given,
    )


def activity(history: History, given: Body, now: int) -> Body:
    """Complete a day: today, as the member's tracker counts it, else as a phone relays it."""
    day = date.fromisoformat(given["date"]) if "date" in given else _today(history, now)
    device = _owned(history, now, *TRACKERS)
    source = device.model if device else HEALTH_CONNECT
    whole = {
        "date": day.isoformat(),
        "timezone": history.life.zone_on(day).key,
        **_by(history, device),
        "brand": source.brand,
        "is_tracker": device is not None,
        "modified": epoch(now),
        "model": source.name,
        "modelid": source.model_id,
        "steps": 6200,
        "distance": 4650.5,
        "elevation": 12,
        "soft": 5400,
        "moderate": 1800,
        "intense": 600,
        "active": 2400,
        "calories": 279.25,
        "totalcalories": 1729.25,
    }
    return merge(whole, given)


def workout(history: History, given: Body, now: int) -> Body:
    """Complete a workout: 45 minutes of walking until now."""
    length = 45 * MINUTE
    end = int(given.get("enddate", epoch(now)))
    start = int(given.get("startdate", end - length // SECOND))
    day = _local_date(history, start)
    device = _owned(history, now, *TRACKERS)
    chance = history.life.draw("added", day)
    whole = {
        "id": _new_id(history),
        "category": _WALKING.category,
        "timezone": history.life.zone_on(day).key,
        "model": device.model.model_id if device else APPLE_WATCH.model_id,
        "attrib": groups.BY_DEVICE,
        "startdate": start,
        "enddate": end,
        "date": day.isoformat(),
        "modified": epoch(now),
        "deviceid": device.device_id(history.member) if device else None,
        "data": workout_data(history.life, chance, _WALKING, length, warm=False),
    }
    return merge(whole, given)


def sleep(history: History, given: Body, now: int) -> Body:
    """Complete a sleep: eight hours until now; its summary is counted from its stages."""
    end = int(given.get("enddate", epoch(now)))
    start = int(given.get("startdate", end - 8 * HOUR // SECOND))
    device = _owned(history, now, SLEEP_MAT, *TRACKERS)
    created = int(given.get("created", epoch(now)))
    zone = history.life.zone_on(_local_date(history, end))
    whole: Body = {
        "id": _new_id(history),
        "timezone": zone.key,
        "model": MONITOR if device and device.model == SLEEP_MAT else TRACKER,
        "model_id": device.model.model_id if device else APPLE_WATCH.model_id,
        "hash_deviceid": device.device_id(history.member) if device else None,
        "startdate": start,
        "enddate": end,
        "date": to_datetime(end * SECOND).astimezone(zone).date().isoformat(),
        "created": created,
        "modified": max(created, epoch(now)),
        "completed": True,
    }
    whole |= {name: given[name] for name in given if name != "data"}
    return merge({**whole, "data": summary(history.life, whole)}, given)


def heart_recording(history: History, given: Body, now: int) -> Body:
    """Complete a recording: an ECG of now."""
    device = _owned(history, now, SCANWATCH, SCANWATCH_2, BPM_CORE)
    whole = {
        "deviceid": device.device_id(history.member) if device else None,
        "model": device.model.model_id if device else SCANWATCH.model_id,
        "ecg": {"signalid": _new_id(history), "afib": 0},
        "heart_rate": round(history.member.person.resting_heart_rate),
        "modified": epoch(now),
        "timestamp": epoch(now),
    }
    return merge(whole, given)


def device(history: History, given: Body, now: int) -> Body:
    """Complete a device: a scale that was linked today, and tells the same ever after."""
    name = token_hex(20)
    told = Device(BODY, _today(history, now)).to_json(history.member, now)
    return merge({**told, "deviceid": name, "hash_deviceid": given.get("deviceid", name)}, given)


def goals(history: History, given: Body, _: int) -> Body:
    """Complete the goals of a member."""
    weight = round(history.member.person.weight) * 1000
    whole = {"steps": 10_000, "sleep": 28_800, "weight": {"value": weight, "unit": -3}}
    return merge(whole, given)


def _new_id(history: History) -> int:
    return history.life.new_id(f"added/{token_hex(8)}")


def _today(history: History, now: int) -> date:
    return to_datetime(now).astimezone(history.member.zone).date()


def _local_date(history: History, second: int) -> date:
    at_home = to_datetime(second * SECOND).astimezone(history.member.zone)
    return at_home.astimezone(history.life.zone_on(at_home.date())).date()


def _owned(history: History, now: int, *models: Model) -> Device | None:
    return history.member.device(_today(history, now), *models)


def _by(history: History, device: Device | None) -> Body:
    device_id = device.device_id(history.member) if device else None
    return {"deviceid": device_id, "hash_deviceid": device_id}
