"""People and their devices, and where they were."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from .canonical_codes import code, label
from .canonical_rows import Expected, of_record
from .canonical_time import from_epoch, instant, midnight, offset_minutes, zone
from .canonical_withings import device_of, model_of, span
from .canonical_zones import Observation, whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .canonical_readings import Readings
    from .canonical_rows import Record
    from .canonical_whoop import Whoop
    from .canonical_zones import Home, Whereabouts

#: Collections whose records name a device.
WORN = ("measure_groups", "activity", "workouts", "sleep_summary", "heart_recordings")


@dataclass(frozen=True)
class Seen:
    """What records tell of a device: the time of those that are not deleted, and its model."""

    times: list[datetime]
    models: list[int]


@dataclass(frozen=True)
class Person:
    """A member, with the home zones that were set."""

    readings: Readings
    homes: Sequence[Home]

    @cached_property
    def whereabouts(self) -> Whereabouts:
        """Where the person was."""
        seen = _of_whoop if self.readings.account.vendor == "whoop" else _of_withings
        return whereabouts(seen(self.readings), self.homes, self.readings.zone)

    def stays(self) -> Iterator[Expected]:
        """The rows of the history."""
        for stay in self.whereabouts.stays:
            yield Expected(
                {
                    "user_id": self.readings.account.user_id,
                    "valid_from": stay.since,
                    "valid_to": stay.until,
                    "tz_iana": stay.name,
                    "utc_offset_min": stay.offset,
                    "evidence": stay.evidence,
                }
            )

    def identity(self, whoop: Whoop | None) -> Iterator[Expected]:
        """The row of the person."""
        account = self.readings.account
        (known,) = self.readings["profile"]
        record = known.record
        names = [record[name] for name in ("first_name", "last_name") if record.get(name)]
        table = "user_basic_profile" if whoop else "profile"
        place = self.readings.zone
        yield Expected(
            {
                **of_record(account, f"{account.vendor}_raw.{table}", known),
                "modality": "self_reported",
                "display_name": " ".join(names) or account.user_id,
                "first_name": record.get("first_name"),
                "last_name": record.get("last_name"),
                "email": record.get("email"),
                "default_utc_offset_min": whoop.default_offset if whoop else None,
                "default_tz_iana": place if zone(place) else None,
            },
            (known.name,),
            record,
        )

    def devices(self) -> Iterator[Expected]:
        """Each device that a record or the vendor's list names."""
        account = self.readings.account
        listed = {known.name: known for known in self.readings["devices"]}
        seen = self._seen()
        for name in {*listed, *seen}:
            known = listed.get(name)
            record = known.record if known else {}
            told = seen.get(name) or Seen([], [])
            model = record.get("model_id") or (told.models[-1] if told.models else None)
            first = from_epoch(record.get("first_session_date"))
            last = from_epoch(record.get("last_session_date"))
            imported = code("device_model", model).get("modality") == "imported"
            columns = (
                of_record(account, "withings_raw.devices", known)
                if known
                else {**account.columns, "raw_source_id": name}
            )
            yield Expected(
                {
                    **columns,
                    "manufacturer": None if imported else "Withings",
                    "device_model": record.get("model") or label("device_model", model),
                    "device_type": record.get("type"),
                    "battery": record.get("battery"),
                    "first_seen_at": first or min(told.times, default=None),
                    "last_seen_at": last or max(told.times, default=None),
                },
                (account.number, name) if known else None,
                record or None,
            )

    def _seen(self) -> dict[str, Seen]:
        found: dict[str, Seen] = defaultdict(lambda: Seen([], []))
        for collection in WORN:
            for known in self.readings[collection]:
                record = known.record
                name = device_of(record)
                if name is None or record.get("measures") == []:
                    continue
                if known.deleted_at is None:
                    found[name].times.append(_time_of(record))
                model = model_of(record)
                if model is not None:
                    found[name].models.append(model)
        return found


def _of_whoop(readings: Readings) -> Iterator[Observation]:
    for collection in ("cycles", "sleeps", "workouts"):
        for known in readings.alive(collection):
            offset = offset_minutes(known.record["timezone_offset"])
            if offset is not None:
                yield Observation(instant(known.record["start"]), offset=offset)


def _of_withings(readings: Readings) -> Iterator[Observation]:
    for collection in ("activity", "workouts", "sleep_summary"):
        for known in readings.alive(collection):
            name = known.record.get("timezone")
            if zone(name):
                yield Observation(_time_of(known.record), name)


def _time_of(record: Record) -> datetime:
    """The start of what a record tells of; of a local day its midnight."""
    if "startdate" in record:
        at: datetime = span(record, "start", "end")["start_at"]
        return at
    told = record.get("timestamp", record.get("date"))
    if isinstance(told, str):
        return midnight(datetime.fromisoformat(told).date(), zone(record.get("timezone")))
    return datetime.fromtimestamp(told or 0, timezone.utc)
