"""What was read of a member, and when: the last reading of every record, and what is proven gone.

Each window of the sync log is an answer of the vendor's. What was in it follows from the truth at
that moment and from how the vendor chooses; what should have been in it and was not is deleted.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .canonical_time import from_epoch, instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .canonical_rows import Account, Record

DAY = timedelta(days=1)
#: More of them at once would be held back: see `held_deletions`.
CAP = 20
#: Streams whose records lie in a collection of another name.
COLLECTIONS = {"user_basic_profile": "profile", "user_body_measurement": "body"}
#: Of which a member has one.
ONE_EACH = {"profile", "body", "goals"}
#: The keys that are not called ``id``.
KEYS = {"recoveries": "cycle_id", "measure_groups": "grpid", "devices": "deviceid"}
#: What is found by a local date.
BY_DATE = {"activity", "workouts", "sleep_summary"}
#: No zone is further east or west.
EAST, WEST = timedelta(hours=14), timedelta(hours=12)
#: A goal of the user.
GOAL = 2


@dataclass(frozen=True)
class Window:
    """A row of the sync log.

    Attributes:
        stream: What was asked for.
        basis: Whether by ``activity_time`` or ``change_time``, or all that is (``snapshot``).
        start: Inclusive.
        end: Exclusive.
        at: When it was read.
        records: How many records came.
    """

    stream: str
    basis: str
    start: datetime
    end: datetime
    at: datetime
    records: int

    @classmethod
    def of(cls, row: Sequence[Any]) -> Window:
        """A row with these columns, whose times are UTC."""
        stream, basis, *times, records = row
        start, end, at = (time.replace(tzinfo=timezone.utc) for time in times)
        return cls(stream, basis, start, end, at, records)


@dataclass(frozen=True)
class Snapshot:
    """All that a vendor knew of a member at one moment.

    Attributes:
        records: By collection.
        zone: Where the account was.
    """

    records: Mapping[str, list[Record]] = field(repr=False)
    zone: str | None = None


@dataclass(frozen=True)
class Known:
    """A record as it was last read.

    Attributes:
        name: What the models call it.
        record: As the vendor sent it.
        read_at: When.
        deleted_at: When it was first found missing.
    """

    name: str
    record: Record = field(repr=False)
    read_at: datetime
    deleted_at: datetime | None = None

    @property
    def created_at(self) -> datetime | None:
        """When the vendor made the record; None if it does not tell."""
        told = self.record.get("created_at")
        return instant(told) if told else from_epoch(self.record.get("created"))

    @property
    def updated_at(self) -> datetime | None:
        """When the vendor last changed the record; None if it does not tell."""
        told = self.record.get("updated_at")
        return instant(told) if told else from_epoch(self.record.get("modified"))


@dataclass
class Readings:
    """All that was ever read of one member at one vendor.

    Attributes:
        account: Whose.
        zone: That of the account in the newest answer with measures.
        windows: All that were read, oldest first.
    """

    account: Account
    zone: str | None = None
    windows: list[Window] = field(default_factory=list)
    _known: dict[str, dict[str, Known]] = field(default_factory=lambda: defaultdict(dict))

    def __getitem__(self, collection: str) -> list[Known]:
        """All records of a collection that were ever read."""
        return [*self._known[collection].values()]

    def alive(self, collection: str) -> list[Known]:
        """Those that are not deleted."""
        return [known for known in self[collection] if known.deleted_at is None]

    def read(self, snapshot: Snapshot, windows: Iterable[Window]) -> None:
        """Take note of a sync.

        Raises:
            AssertionError: So much is gone at once that it would be held back.
        """
        for window in sorted(windows, key=lambda window: window.at):
            self.windows.append(window)
            collection = COLLECTIONS.get(window.stream, window.stream)
            if collection == "sleep_stages":
                self._take_stages(snapshot, window)
            elif collection in snapshot.records:
                self._take(collection, snapshot, window)

    def _take(self, collection: str, snapshot: Snapshot, window: Window) -> None:
        known = self._known[collection]
        found = {
            name_of(self.account, collection, record): record
            for record in snapshot.records[collection]
            if self._finds(window, collection, record, snapshot)
        }
        for name, record in found.items():
            known[name] = Known(name, record, window.at)
        if found and collection == "measure_groups":
            self.zone = snapshot.zone
        if window.basis == "activity_time" and window.records:
            gone = [
                name
                for name, each in known.items()
                if each.deleted_at is None
                and each.read_at < window.at
                and self._is_judged(collection, each)
                and _should_have(window, self.span(collection, each))
            ]
            assert len(gone) <= CAP, f"{len(gone)} {collection} are gone at once"
            for name in gone:
                known[name] = replace(known[name], deleted_at=window.at)

    def _take_stages(self, snapshot: Snapshot, window: Window) -> None:
        """A night is read whole: all stages that began in it, of whatever sleep."""
        known = self._known["sleep_stages"]
        told = snapshot.records["sleep_stages"]
        for sleep in snapshot.records["sleep_summary"]:
            if self._finds(window, "sleep_summary", sleep, snapshot):
                for name in [n for n, k in known.items() if k.record["sleep_id"] == sleep["id"]]:
                    del known[name]
                for stage in told:
                    if sleep["startdate"] <= stage["startdate"] < sleep["enddate"]:
                        record = {**stage, "sleep_id": sleep["id"]}
                        name = name_of(self.account, "sleep_stages", record)
                        known[name] = Known(name, record, window.at)

    def settle(self) -> None:
        """Take note of a build of the models: what is a part of something deleted goes with it."""
        sleeps = {sleep.name: sleep for sleep in self["sleeps"]}
        recoveries = self._known["recoveries"]
        for name, known in recoveries.items():
            sleep = sleeps.get(known.record["sleep_id"])
            if known.deleted_at is None and sleep and sleep.deleted_at:
                recoveries[name] = replace(known, deleted_at=self._outlived(known, sleep))

    def _outlived(self, recovery: Known, sleep: Known) -> datetime | None:
        """When a recovery went: with its sleep, or if it was read since, with the next window."""
        if sleep.deleted_at and recovery.read_at < sleep.deleted_at:
            return sleep.deleted_at
        windows = (
            window.at
            for window in self.windows
            if window.stream == "recoveries"
            and window.basis == "activity_time"
            and window.records
            and window.at > recovery.read_at
            and _should_have(window, self.span("sleeps", sleep))
        )
        return next(windows, None)

    def span(self, collection: str, known: Known) -> tuple[datetime, datetime | None]:
        """The time of a record; of a local date all that it can be anywhere."""
        record = known.record
        if self.account.vendor == "whoop":
            end = record.get("end")
            return instant(record["start"]), instant(end) if end else None
        if collection == "activity":
            day = _utc(date.fromisoformat(record["date"]))
            return day - EAST, day + DAY + WEST
        start, end = _epochs(record)
        return start, end

    def _is_judged(self, collection: str, known: Known) -> bool:
        if self.account.vendor == "whoop":
            return collection in {"cycles", "sleeps", "workouts"}
        return known.record.get("category") != GOAL or collection != "measure_groups"

    def _finds(self, window: Window, collection: str, record: Record, snapshot: Snapshot) -> bool:
        """Whether a vendor's answer holds a record."""
        if window.basis == "snapshot":
            return True
        if window.basis == "change_time":
            return _changed(record) >= window.start
        if self.account.vendor == "whoop":
            return _overlaps(window, collection, record, snapshot)
        if collection in BY_DATE:
            day = date.fromisoformat(record["date"])
            return (window.start - DAY).date() <= day <= (window.end + DAY).date()
        start, _ = _epochs(record)
        return window.start <= start <= window.end


def name_of(account: Account, collection: str, record: Record) -> str:
    """What the models call a record."""
    if collection in ONE_EACH:
        return account.number
    if collection == "activity":
        brand = record.get("brand")
        source = -1 if brand is None else brand
        return f"{record['date']}|{source}|{record.get('deviceid') or ''}"
    if collection == "heart_recordings":
        at = datetime.fromtimestamp(record["timestamp"], timezone.utc)
        signal = (record.get("ecg") or {}).get("signalid", -1)
        return f"{at:%Y-%m-%dT%H:%M:%S.%f}|{signal}|{record.get('deviceid') or ''}"
    if collection == "sleep_stages":
        at = datetime.fromtimestamp(record["startdate"], timezone.utc)
        model = record.get("model_id", -1)
        start = f"{at:%Y-%m-%dT%H:%M:%S.%f}"
        return f"{record['sleep_id']}|{model}|{start}|{record['state']}"
    return str(record[KEYS.get(collection, "id")])


def _should_have(window: Window, span: tuple[datetime, datetime | None]) -> bool:
    """Whether a record lies in a window, with a day to spare."""
    start, end = span
    return end is not None and window.start + DAY <= start and end <= window.end - DAY


def _overlaps(window: Window, collection: str, record: Record, snapshot: Snapshot) -> bool:
    """WHOOP's choice: what overlaps; a recovery with its sleep, else with its cycle."""
    found: Record | None = record
    if collection == "recoveries":
        of_sleeps, of_cycles = snapshot.records["sleeps"], snapshot.records["cycles"]
        found = next((each for each in of_sleeps if each["id"] == record["sleep_id"]), None)
        if found is None:
            found = next((each for each in of_cycles if each["id"] == record["cycle_id"]), None)
    if found is None:
        return True
    return instant(found["start"]) < window.end and (
        found["end"] is None or instant(found["end"]) >= window.start
    )


def _changed(record: Record) -> datetime:
    told: Any = next(
        record[name]
        for name in ("modified", "created", "date")
        if isinstance(record.get(name), int)
    )
    return datetime.fromtimestamp(told, timezone.utc)


def _epochs(record: Record) -> tuple[datetime, datetime]:
    begins = ("startdate", "date", "timestamp")
    start = next(record[name] for name in begins if isinstance(record.get(name), int))
    end = record.get("enddate", start)
    return (
        datetime.fromtimestamp(start, timezone.utc),
        datetime.fromtimestamp(end, timezone.utc),
    )


def _utc(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
