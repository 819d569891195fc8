"""What sleeps and workouts are made of: stages, and time in heart-rate zones."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from .canonical_codes import code, stage
from .canonical_rows import Expected, device_key, key, of_record, present, seconds
from .canonical_time import local, offset_at, zone
from .canonical_withings import device_of, model_of, night_modality
from .canonical_withings import span as span_of_withings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from .canonical_readings import Known
    from .canonical_whoop import Whoop
    from .canonical_withings import Withings
    from .records import Row

ZONES = ("zero", "one", "two", "three", "four", "five")
#: No device, where it is part of a key.
NO_MODEL = -1


def zones_of_whoop(whoop: Whoop) -> Iterator[Expected]:
    """The six zones of each workout that has a score."""
    for known in whoop.readings["workouts"]:
        told = (known.record.get("score") or {}).get("zone_durations") or {}
        for number, name in enumerate(ZONES):
            duration = seconds(told.get(f"zone_{name}_milli"))
            if duration is not None:
                columns = _zone(whoop, known, "whoop_0_5", number, duration)
                yield whoop.expected(known, "workouts", columns)


def zones_of_withings(withings: Withings) -> Iterator[Expected]:
    """The zones of each workout that have a time."""
    for workout in withings.workouts():
        known = next(k for k in withings.readings["workouts"] if (k.name,) == workout.raw_key)
        for number in range(4):
            duration = present((known.record.get("data") or {}).get(f"hr_zone_{number}"))
            if duration is not None:
                columns = _zone(withings, known, "withings_0_3", number, duration)
                columns["modality"] = workout.columns["modality"]
                yield withings.expected(known, "workouts", columns)


def _zone(
    member: Whoop | Withings, known: Known, scheme: str, number: int, duration: Decimal
) -> Row:
    account = member.readings.account
    return {
        "workout_key": key(account.vendor, account.number, known.name),
        "zone_scheme": scheme,
        "zone_no": number,
        "duration_s": duration,
        "local_date_rule": "start",
    }


def stages(withings: Withings) -> Iterator[Expected]:
    """Each stage of the newest reading of each sleep, of all devices that saw it."""
    readings = withings.readings
    sleeps = {sleep.name: sleep for sleep in readings["sleep_summary"]}
    for known in readings["sleep_stages"]:
        record = known.record
        sleep = sleeps[str(record["sleep_id"])]
        row = span_of_withings(
            {**record, "timezone": sleep.record.get("timezone")}, "stage_start", "stage_end"
        )
        place = zone(sleep.record.get("timezone"))
        waking = datetime.fromtimestamp(sleep.record["enddate"], timezone.utc)
        told = local(waking, offset_at(place, waking))
        assert told
        model, device = model_of(record), device_of(record)
        lasted = row["stage_end_at"] - row["stage_start_at"]
        columns = {
            **of_record(readings.account, "withings_raw.sleep_stages", known),
            "source_created_at": None,
            "source_updated_at": None,
            "deleted_at": sleep.deleted_at,
            "is_deleted": sleep.deleted_at is not None,
            **row,
            "sleep_key": key("withings", readings.account.number, sleep.name),
            "modality": code("sleep_state", record["state"]).get("modality")
            or code("device_model", model).get("modality")
            or ("sensed" if device or model else night_modality(sleep.record)),
            "device_key": device_key(readings.account, device),
            "stage": stage("withings", str(record["state"])),
            "source_stage": str(record["state"]),
            "local_date": told.date(),
            "local_date_rule": "wake",
            "duration_s": lasted.total_seconds(),
            "is_of_summary_device": _same(model, sleep.record.get("model_id")),
        }
        yield Expected(columns, tuple(stage_key(record)), record)


def stage_key(record: Row) -> list[str]:
    """The sleep, the device's model, the start and the state: a stage has no id."""
    model = model_of(record)
    start = datetime.fromtimestamp(record["startdate"], timezone.utc).replace(tzinfo=None)
    told = NO_MODEL if model is None else model
    return [str(record["sleep_id"]), str(told), str(start), str(record["state"])]


def _same(one: int | None, other: int | None) -> bool | None:
    return None if one is None or other is None else one == other
