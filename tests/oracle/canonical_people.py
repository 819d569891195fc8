"""People and their devices, and where they were."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING

from .canonical_codes import code, label
from .canonical_rows import Expected, key, of_record
from .canonical_time import from_epoch, instant, midnight, offset_minutes, zone
from .canonical_whoop import Whoop
from .canonical_withings import device_of, model_of, span
from .canonical_zones import Observation, whereabouts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from .canonical_readings import Readings
    from .canonical_rows import Account, Record
    from .canonical_zones import Home, Whereabouts

PROFILES = {"whoop": "whoop_raw.user_basic_profile", "withings": "withings_raw.profile"}
#: Collections whose records name a device.
WORN = ("measure_groups", "activity", "workouts", "sleep_summary", "heart_recordings")


@dataclass(frozen=True)
class Seen:
    """What records tell of a device: the time of those that are not deleted, and its model."""

    times: list[datetime]
    models: list[int]


def owners(accounts: Iterable[Account], said: Mapping[tuple[str, str], str]) -> list[Account]:
    """The accounts with their persons: those of one alias are one person's.

    Unless two accounts of one vendor have it. The user's own word beats the alias.
    """
    told = [*accounts]
    used = Counter((a.vendor, a.alias) for a in told if (a.vendor, a.number) not in said)
    doubtful = {alias for (_, alias), count in used.items() if count > 1}
    return [
        replace(
            a,
            owner=said.get((a.vendor, a.number)) or (None if a.alias in doubtful else a.alias),
        )
        for a in told
    ]


@dataclass(frozen=True)
class Person:
    """One person's accounts, by vendor and number, and the home zones that were set."""

    accounts: Sequence[Readings]
    homes: Sequence[Home]

    @property
    def user_id(self) -> str:
        """Who it is."""
        return self.accounts[0].account.user_id

    @cached_property
    def zone(self) -> str | None:
        """The zone of the first account that has one."""
        return next((told.zone for told in self.accounts if zone(told.zone)), None)

    @cached_property
    def whereabouts(self) -> Whereabouts:
        """Where the person was, as the records of all accounts tell."""
        seen = [each for told in self.accounts for each in observations(told)]
        return whereabouts(seen, self.homes, self.zone)

    def stays(self) -> Iterator[Expected]:
        """The rows of the history."""
        for stay in self.whereabouts.stays:
            yield Expected(
                {
                    "user_id": self.user_id,
                    "valid_from": stay.since,
                    "valid_to": stay.until,
                    "tz_iana": stay.name,
                    "utc_offset_min": stay.offset,
                    "evidence": stay.evidence,
                }
            )

    def identity(self) -> Iterator[Expected]:
        """The row of the person, with the account that knows a name."""
        named = [a for a in self.accounts if _names(a["profile"][0].record)]
        readings = (named or [*self.accounts])[0]
        (known,) = readings["profile"]
        record = known.record
        offsets = (Whoop(a).default_offset for a in self.accounts if a.account.vendor == "whoop")
        yield Expected(
            {
                **of_record(readings.account, PROFILES[readings.account.vendor], known),
                "modality": "self_reported",
                "display_name": " ".join(_names(record)) or self.user_id,
                **{name: record.get(name) for name in ("first_name", "last_name", "email")},
                "default_utc_offset_min": next((o for o in offsets if o is not None), None),
                "default_tz_iana": self.zone,
            },
            (known.name,),
            record,
        )


@dataclass(frozen=True)
class Member:
    """An account, and the devices that it knows."""

    readings: Readings

    def account(self, said: Mapping[tuple[str, str], str]) -> Iterator[Expected]:
        """The row of the account."""
        account = self.readings.account
        (known,) = self.readings["profile"]
        evidence = "alias" if account.owner else "account"
        if (account.vendor, account.number) in said:
            evidence = "account_owners"
        yield Expected(
            {
                **of_record(account, PROFILES[account.vendor], known),
                "source_account_key": key(account.vendor, account.number),
                "account_alias": account.alias,
                "owner_evidence": evidence,
            },
            (known.name,),
            known.record,
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
                else {**account.columns, "raw_source_id": name, "is_deleted": False}
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


def observations(readings: Readings) -> Iterator[Observation]:
    """What records tell of zones: WHOOP's by offset, those of Withings by name."""
    if readings.account.vendor == "whoop":
        for collection in ("cycles", "sleeps", "workouts"):
            for known in readings.alive(collection):
                offset = offset_minutes(known.record["timezone_offset"])
                if offset is not None:
                    yield Observation(instant(known.record["start"]), "whoop", offset=offset)
        return
    for collection in ("activity", "workouts", "sleep_summary"):
        for known in readings.alive(collection):
            name = known.record.get("timezone")
            if zone(name):
                yield Observation(_time_of(known.record), "withings", name)


def _names(profile: Record) -> list[str]:
    return [profile[name] for name in ("first_name", "last_name") if profile.get(name)]


def _time_of(record: Record) -> datetime:
    """The start of what a record tells of; of a local day its midnight."""
    if "startdate" in record:
        at: datetime = span(record, "start", "end")["start_at"]
        return at
    told = record.get("timestamp", record.get("date"))
    if isinstance(told, str):
        return midnight(datetime.fromisoformat(told).date(), zone(record.get("timezone")))
    return datetime.fromtimestamp(told or 0, timezone.utc)
