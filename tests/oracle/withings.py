"""The truth of the simulated Withings, flattened by code that shares nothing with the tap."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .member import Member
from .records import Difference, TrueRecord, compare, rows_by_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

    from .records import Key, Row

#: Key columns of each table whose rows are records of the sandbox's collection of that name.
COLLECTIONS = {
    "measure_groups": ["grpid"],
    "activity": ["user_id", "date", "brand", "deviceid"],
    "workouts": ["id"],
    "sleep_summary": ["id"],
    "heart_recordings": ["user_id", "deviceid", "timestamp", "ecg_signalid"],
    "devices": ["user_id", "deviceid"],
    "goals": ["user_id"],
}
#: Those of every table.
KEYS = {
    **COLLECTIONS,
    "measures": ["grpid", "type", "position", "repeat"],
    "profile": ["user_id"],
}
EPOCHS = {
    "created",
    "modified",
    "startdate",
    "enddate",
    "timestamp",
    "first_session_date",
    "last_session_date",
}
JSON = {"measures", "data_night_events", "algo_params"}
ABSENT = {"deviceid": "", "brand": -1, "position": -1, "ecg_signalid": -1}
#: What a measure repeats of its group.
OF_GROUP = ("user_id", "attrib", "category", "date", "modified", "deviceid")


def instant(epoch: int) -> datetime:
    """An instant as the loader stores it: UTC, without a zone."""
    return datetime(1970, 1, 1) + timedelta(seconds=epoch)


def expected(stream: str, name: str, value: Any) -> Any:
    """A value as PostgreSQL has to give it back."""
    if value is None:
        return ABSENT.get(name) if name in COLLECTIONS[stream] else None
    if name in EPOCHS or (name == "date" and stream == "measure_groups"):
        return instant(value)
    if name == "date":
        return date.fromisoformat(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


def columns(stream: str, record: dict[str, Any], prefix: str = "") -> Row:
    """A vendor's record by column name."""
    flat: Row = {}
    for name, value in record.items():
        column = {"modelid": "model_id"}.get(name, prefix + name)
        if isinstance(value, dict) and column not in JSON:
            flat |= columns(stream, value, f"{column}_")
        elif value != []:
            flat[column] = expected(stream, column, value)
    return flat


def wrong_columns(record: TrueRecord, row: Row) -> Iterator[str]:
    """The columns of a row that differ from its record; what has no column is in ``raw``."""
    for name, value in record.columns.items():
        stored = row.get(name, value)
        if name in JSON and stored is not None:
            stored = json.loads(stored)
        if stored != value:
            yield name


def span(stream: str, row: Row) -> tuple[datetime | None, datetime | None]:
    """From when to when what a record tells of lasted; a local day as if it were one of UTC."""
    if stream == "activity":
        begin = datetime.combine(row["date"], datetime.min.time())
        return begin, begin + timedelta(days=1)
    if "startdate" in row:
        return row["startdate"], row["enddate"]
    at = row["timestamp"] if stream == "heart_recordings" else row.get("date")
    return at, at


@dataclass(frozen=True)
class WithingsOracle(Member):
    """One member, by the tables of the tap."""

    schema = "withings_raw"
    keys = KEYS
    by_change = frozenset({"measure_groups", "measures", "activity", "workouts", "sleep_summary"})

    def truth(self, stream: str) -> list[TrueRecord]:
        """Every record of a stream, whenever it was."""
        if stream == "profile":
            return [TrueRecord((self.user_id,), {"user_id": self.user_id})]
        if stream == "measures":
            return [*self._measures()]
        return [*self._records(stream)]

    def wants(self, record: TrueRecord) -> bool:
        """Whether a sync since the start has to deliver a record: it was then, or changed then."""
        times = (record.start, record.end, record.changed)
        return record.start is None or any(time and time >= self.start for time in times)

    def lies_in(self, record: TrueRecord, start: datetime, end: datetime) -> bool:
        """Whether every service's answer for a stretch of activity time holds a record."""
        return (
            record.start is not None
            and record.end is not None
            and start <= record.start <= record.end < end
        )

    def rows(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """The rows of a table; of the measures, those that count.

        A group is always read whole, so its rows that are older than its newest do not count.
        """
        rows = self.stored(connection, stream)
        if stream != "measures":
            return rows
        newest: dict[int, datetime] = {}
        for row in rows.values():
            newest[row["grpid"]] = max(newest.get(row["grpid"], row["synced_at"]), row["synced_at"])
        return {key: r for key, r in rows.items() if r["synced_at"] == newest[r["grpid"]]}

    def stored(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """All rows of a table by key; the measures each by its whole value."""
        rows = rows_by_key(connection, self.schema, stream, KEYS[stream])
        if stream != "measures":
            return rows
        return {
            (r["grpid"], r["type"], r["position"], r["value_raw"], r["unit_exponent"]): r
            for r in sorted(rows.values(), key=lambda row: row["synced_at"])
        }

    def compare(self, connection: Connection[Any], stream: str) -> Difference:
        """How a table differs from the truth."""
        return compare(
            self.rows(connection, stream),
            self.truth(stream),
            wanted=self.wants,
            wrong_columns=wrong_columns,
        )

    def _records(self, stream: str) -> Iterator[TrueRecord]:
        user_id = self.user_id
        absent = {name: ABSENT[name] for name in COLLECTIONS[stream] if name in ABSENT}
        for record in self.sandbox.truth(self.member, stream):
            row = {**absent, "user_id": user_id, **columns(stream, record)}
            key = tuple(row[name] for name in COLLECTIONS[stream])
            start, end = span(stream, row)
            yield TrueRecord(key, row, start, end, row.get("modified") or row.get("created"))

    def _measures(self) -> Iterator[TrueRecord]:
        """Each measure of each group: value, raw value and exponent, and what its group says."""
        for group in self._records("measure_groups"):
            shared = {name: group.columns.get(name) for name in OF_GROUP}
            for m in group.columns["measures"]:
                place = (*group.key, m["type"], m.get("position", -1), m["value"], m["unit"])
                value = {"value": Decimal(m["value"]).scaleb(m["unit"])}
                row = {**shared, **value}
                yield TrueRecord(place, row, group.start, group.end, group.changed)
