"""The values of Withings: of measure groups, days and nights."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .canonical_codes import code, label, metrics
from .canonical_rows import Expected, device_key, number, of_record, present
from .canonical_time import local, midnight, offset_at, zone
from .canonical_withings import device_of, modality, model_of, night_modality, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .canonical_readings import Known, Readings
    from .canonical_rows import Record
    from .canonical_zones import Whereabouts
    from .records import Row

MEASURE, GOAL, AMBIGUOUS = 1, 2, 1
#: No position, where it is part of a key.
NOWHERE = -1
#: Metrics of a day: what kind of value it is, and the vendor's name.
DAY = {
    "steps_day": ("sum", "steps"),
    "floors_day": ("sum", "elevation"),
    "light_activity_day": ("sum", "soft"),
    "moderate_activity_day": ("sum", "moderate"),
    "intense_activity_day": ("sum", "intense"),
    "energy_active_day": ("sum", "calories"),
}
#: Those of which zero says nothing.
WORN_DAY = {
    "distance_day": ("sum", "distance"),
    "energy_total_day": ("sum", "totalcalories"),
    "heart_rate": ("mean", "hr_average"),
    "min_heart_rate_day": ("min", "hr_min"),
    "max_heart_rate_day": ("max", "hr_max"),
}
#: Metrics of a night, all of them means.
NIGHT = {
    "respiratory_rate": "rr_average",
    "hrv_rmssd_sleep_start": "rmssd_start_avg",
    "hrv_rmssd_sleep_end": "rmssd_end_avg",
    "core_body_temperature": "core_body_temperature_avg",
}


@dataclass(frozen=True)
class WithingsValues:
    """All that was measured of one member.

    Attributes:
        readings: What was read.
        whereabouts: Where the person was: scales do not know where they stand.
    """

    readings: Readings
    whereabouts: Whereabouts

    def vitals(self) -> Iterator[Expected]:
        """Each value."""
        for known in self.readings["measure_groups"]:
            if known.record["category"] == MEASURE:
                yield from self._of_group(known)
        for known in self.readings["activity"]:
            yield from self._of_day(known)
        for known in self.readings["sleep_summary"]:
            yield from self._of_night(known)

    def _of_group(self, known: Known) -> Iterator[Expected]:
        group = known.record
        at = datetime.fromtimestamp(group["date"], timezone.utc)
        stay = self.whereabouts.at(at)
        offset = stay.offset_at(at) if stay else None
        shared = {
            **of_record(self.readings.account, "withings_raw.measures", known),
            "device_key": device_key(self.readings.account, device_of(group)),
            "modality": modality(group["attrib"], model_of(group)),
            "is_ambiguous_owner": group["attrib"] == AMBIGUOUS,
            "statistic": "point",
            "tz_iana": stay.name if stay else None,
            "tz_evidence": "user_history" if stay else "default",
            **_times(at, at, offset, offset),
        }
        told = [*distinct(group["measures"])]
        copies = Counter((m["type"], m.get("position")) for _, m in told)
        for repeat, measure in told:
            kind = code("measure_type", measure["type"])
            if kind.get("metric_code"):
                place = measure.get("position")
                columns = {
                    **_value(measure, kind),
                    "metric_code": kind["metric_code"],
                    "body_position": position(place),
                    "raw_source_part": part(place, repeat),
                    "is_differing_duplicate": copies[measure["type"], place] > 1,
                }
                where = NOWHERE if place is None else place
                raw = (known.name, str(measure["type"]), str(where), str(repeat))
                yield Expected({**shared, **columns}, raw, [measure, {**group, "measures": None}])

    def _of_day(self, known: Known) -> Iterator[Expected]:
        record = known.record
        day, place = date.fromisoformat(record["date"]), zone(record.get("timezone"))
        start, end = midnight(day, place), midnight(day + timedelta(days=1), place)
        row = _times(start, end, offset_at(place, start), offset_at(place, end))
        if known.read_at < end:
            row |= {name: None for name in row if name.startswith("effective_end")}
        shared = {
            **row,
            "tz_iana": record["timezone"] if place else None,
            "tz_evidence": "source_iana" if place else "default",
            "modality": modality(None, model_of(record), record.get("brand")),
            "local_date": day,
            "local_date_rule": "source_date",
        }
        values: dict[str, tuple[str, Decimal | None]] = {}
        for named, read in ((DAY, number), (WORN_DAY, present)):
            for metric, (statistic, name) in named.items():
                values[metric] = statistic, read(record.get(name))
        yield from self._values(known, "activity", values, "day", shared)

    def _of_night(self, known: Known) -> Iterator[Expected]:
        data = known.record.get("data") or {}
        row = span(known.record, "effective_start", "effective_end")
        shared = {
            **row,
            "modality": night_modality(known.record),
            "local_date": row["effective_end_local"].date(),
            "local_date_rule": "effective_end",
        }
        values = {metric: ("mean", number(data.get(name))) for metric, name in NIGHT.items()}
        values["heart_rate"] = "mean", present(data.get("hr_average"))
        yield from self._values(known, "sleep_summary", values, "sleep", shared)

    def _values(
        self,
        known: Known,
        table: str,
        values: Mapping[str, tuple[str, Decimal | None]],
        context: str,
        shared: Row,
    ) -> Iterator[Expected]:
        account = self.readings.account
        for metric, (statistic, value) in values.items():
            if value is not None:
                columns = {
                    **of_record(account, f"withings_raw.{table}", known),
                    "device_key": device_key(account, device_of(known.record)),
                    **shared,
                    "metric_code": metric,
                    "value_num": value,
                    "statistic": statistic,
                    "context": context,
                }
                key = known.name.split("|", 2)  # of a day: date, brand and device
                raw = (account.number, *key) if table == "activity" else (known.name,)
                yield Expected(columns, raw, known.record)


def distinct(measures: list[Record]) -> Iterator[tuple[int, Record]]:
    """The measures of a group without those that are there twice, numbered where they differ."""
    seen: dict[Any, list[Any]] = {}
    for measure in measures:
        place = measure["type"], measure.get("position")
        value = measure["value"], measure["unit"]
        known = seen.setdefault(place, [])
        if value not in known:
            yield len(known), measure
            known.append(value)


def position(place: int | None) -> str | None:
    """Where on the body, in our words."""
    if place is None:
        return None
    name = label("position", place)
    return name.lower().replace(" ", "_") if name else str(place)


def part(place: int | None, repeat: int) -> str | None:
    """Which of several values of one metric."""
    told = ("" if place is None else str(place)) + (f"#{repeat}" if repeat else "")
    return told or None


def _value(measure: Record, kind: Mapping[str, str]) -> Row:
    """The number, exactly; of a class its name."""
    value = Decimal(measure["value"]).scaleb(measure["unit"])
    if metrics()[kind["metric_code"]]["ucum_unit"] == "{class}":
        return {"value_text": label("afib", int(value)) or str(int(value))}
    return {"value_num": value}


def _times(start: datetime, end: datetime, start_offset: int | None, end_offset: int | None) -> Row:
    told = local(end, end_offset)
    assert told
    return {
        "effective_start_at": start,
        "effective_start_local": local(start, start_offset),
        "effective_start_utc_offset_min": start_offset,
        "effective_end_at": end,
        "effective_end_local": told,
        "effective_end_utc_offset_min": end_offset,
        "local_date": told.date(),
        "local_date_rule": "effective_end",
    }
