"""Withings' nights and workouts, by the words of the canonical model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from operator import itemgetter
from typing import TYPE_CHECKING

from .canonical_codes import code, label
from .canonical_rows import Expected, device_key, kilojoules, number, of_record, present
from .canonical_sessions import SLEEPS
from .canonical_time import local, offset_at, zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, timedelta

    from .canonical_readings import Known, Readings
    from .canonical_rows import Record
    from .records import Row

#: Columns of a sleep, and what Withings calls them; those of which zero says nothing.
SLEEP = {
    "in_bed_s": "total_timeinbed",
    "awake_s": "wakeupduration",
    "light_s": "lightsleepduration",
    "deep_s": "deepsleepduration",
    "rem_s": "remsleepduration",
    "latency_s": "sleep_latency",
    "waso_s": "waso",
    "awakenings": "wakeupcount",
    "respiratory_rate": "rr_average",
    "snoring_s": "snoring",
    "ahi": "apnea_hypopnea_index",
}
HEART = {"hr_avg": "hr_average", "hr_min": "hr_min", "hr_max": "hr_max"}


@dataclass(frozen=True)
class Withings:
    """All that was read of one member."""

    readings: Readings

    def sleeps(self) -> Iterator[Expected]:
        """Each sleep, naps included; the longest of each date that counts is the main one."""
        sleeps = [self._sleep(known) for known in self.readings["sleep_summary"]]
        nights: dict[date, list[Row]] = defaultdict(list)
        for row in sorted((sleep.columns for sleep in sleeps), key=itemgetter("raw_source_id")):
            if SLEEPS.why_not(row) is None:
                nights[row["in_bed_end_local"].date()].append(row)
        main = {max(found, key=_length_and_end)["raw_source_id"] for found in nights.values()}
        for sleep in sleeps:
            is_main = sleep.columns["raw_source_id"] in main
            yield replace(sleep, columns={**sleep.columns, "is_main_sleep": is_main})

    def _sleep(self, known: Known) -> Expected:
        data = known.record.get("data") or {}
        efficiency = number(data.get("sleep_efficiency"))
        asleep = data.get("total_sleep_time")
        columns = {
            **span(known.record, "in_bed_start", "in_bed_end"),
            **{column: number(data.get(name)) for column, name in SLEEP.items()},
            **{column: present(data.get(name)) for column, name in HEART.items()},
            "asleep_s": number(data.get("asleepduration") if asleep is None else asleep),
            "efficiency_pct": None if efficiency is None else efficiency * 100,
            "score_state": "SCORED",
            "modality": night_modality(known.record),
        }
        return self.expected(known, "sleep_summary", columns)

    def workouts(self) -> Iterator[Expected]:
        """Each workout; zero is missing."""
        for known in self.readings["workouts"]:
            record = known.record
            data = record.get("data") or {}
            told = {name: present(value) for name, value in data.items() if _is_number(value)}
            columns = {
                **span(record, "start", "end"),
                "source_activity_name": label("workout_category", record["category"])
                or str(record["category"]),
                "score_state": "SCORED",
                "modality": modality(record.get("attrib"), model_of(record)),
                "energy_kj": kilojoules(told.get("calories") or told.get("manual_calories")),
                "distance_m": told.get("distance") or told.get("manual_distance"),
                "floors": told.get("elevation"),
                "steps": told.get("steps"),
                "pause_s": told.get("pause_duration") or told.get("algo_pause_duration"),
                **{column: told.get(name) for column, name in HEART.items()},
            }
            yield self.expected(known, "workouts", columns)

    def expected(self, known: Known, table: str, columns: Row) -> Expected:
        """A row of a record."""
        account = self.readings.account
        shared = {
            **of_record(account, f"withings_raw.{table}", known),
            "device_key": device_key(account, device_of(known.record)),
        }
        return Expected({**shared, **columns}, (known.name,), known.record)


def span(record: Record, start: str, end: str) -> Row:
    """Both ends in UTC and on the clock of the record's zone."""
    place = zone(record.get("timezone"))
    row: Row = {
        "tz_iana": record["timezone"] if place else None,
        "tz_evidence": "source_iana" if place else "default",
    }
    for name, told in ((start, record["startdate"]), (end, record["enddate"])):
        at = datetime.fromtimestamp(told, timezone.utc)
        offset = offset_at(place, at)
        row |= {
            f"{name}_at": at,
            f"{name}_local": local(at, offset),
            f"{name}_utc_offset_min": offset,
        }
    return row


def device_of(record: Record) -> str | None:
    """The device that a record names."""
    return record.get("deviceid") or record.get("hash_deviceid") or None


def model_of(record: Record) -> int | None:
    """The number of the device model, however it is spelled."""
    told = (record.get(name) for name in ("model_id", "modelid", "model"))
    return next((value for value in told if isinstance(value, int)), None)


def modality(attrib: int | None, model: int | None, brand: int | None = None) -> str:
    """Typed in beats passed on, else it was sensed."""
    return (
        code("attrib", attrib).get("modality")
        or code("device_model", model).get("modality")
        or code("brand", brand).get("modality")
        or "sensed"
    )


def night_modality(record: Record) -> str:
    """A night without stages was passed on by another app."""
    data = record.get("data") or {}
    passed_on = data.get("total_sleep_time") is None and data.get("asleepduration") is not None
    return "imported" if passed_on else modality(None, record.get("model_id"))


def _length_and_end(sleep: Row) -> tuple[timedelta, datetime]:
    start, end = (sleep[name] for name in SLEEPS.ends)
    return end - start, end


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float))
