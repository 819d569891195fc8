"""The truth of the simulated WHOOP, flattened by code that shares nothing with the tap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from .member import Member
from .records import Difference, TrueRecord, compare, parse_instant, rows_by_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from psycopg import Connection

    from .records import Key, Row

#: Key columns of each table.
KEYS = {
    "cycles": ["id"],
    "sleeps": ["id"],
    "recoveries": ["cycle_id"],
    "workouts": ["id"],
    "user_basic_profile": ["user_id"],
    "user_body_measurement": ["user_id"],
}
COLLECTIONS = {"user_basic_profile": "profile", "user_body_measurement": "body"}
INSTANTS = {"created_at", "updated_at", "start", "end"}
UUIDS = {"sleeps.id", "workouts.id", "recoveries.sleep_id"}


def expected(stream: str, name: str, value: Any) -> Any:
    """A value as PostgreSQL has to give it back."""
    if value is None or isinstance(value, bool):
        return value
    if name in INSTANTS:
        return parse_instant(value)
    if f"{stream}.{name}" in UUIDS:
        return UUID(value)
    return Decimal(repr(value)) if isinstance(value, float) else value


def columns(stream: str, record: dict[str, Any]) -> Row:
    """A vendor's record by column name."""
    flat: Row = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= columns(stream, {f"{name}_{inner}": v for inner, v in value.items()})
        else:
            flat[name] = expected(stream, name, value)
    return flat


def wrong_columns(record: TrueRecord, row: Row) -> Iterator[str]:
    """The columns of a row that differ from its record."""
    for name, value in record.columns.items():
        if name == "score":  # null: all its columns are
            scores = (column for column in row if column.startswith("score_"))
            yield from (c for c in scores if c != "score_state" and row[c] is not None)
        elif row[name] != value:
            yield name


@dataclass(frozen=True)
class WhoopOracle(Member):
    """One member, by the tables of the tap."""

    schema = "whoop_raw"
    keys = KEYS
    by_change: ClassVar[frozenset[str]] = frozenset()

    def truth(self, stream: str) -> list[TrueRecord]:
        """Every record of a stream, whenever it was."""
        records = self.records(stream)
        (profile,) = self.records("user_basic_profile")
        flat = [columns(stream, record) for record in records]
        spans = self._spans(stream, flat)
        return [
            TrueRecord(
                key=tuple({"user_id": profile["user_id"], **row}[key] for key in KEYS[stream]),
                columns=row,
                start=start,
                end=end,
                changed=row.get("updated_at"),
            )
            for row, (start, end) in zip(flat, spans, strict=True)
        ]

    def records(self, stream: str) -> list[dict[str, Any]]:
        """Every record of a stream as the API shows it."""
        return self.sandbox.truth(self.member, COLLECTIONS.get(stream, stream))

    def wants(self, record: TrueRecord) -> bool:
        """Whether a sync since the start has to deliver a record."""
        return record.end is None or record.end > self.start

    def lies_in(self, record: TrueRecord, start: datetime, end: datetime) -> bool:
        """Whether WHOOP's answer for a stretch of activity time holds a record: by overlap."""
        return (
            record.start is not None
            and record.start < end
            and (record.end is None or record.end >= start)
        )

    def rows(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """The rows of a table; all of them count."""
        return self.stored(connection, stream)

    def stored(self, connection: Connection[Any], stream: str) -> dict[Key, Row]:
        """All rows of a table by key."""
        return rows_by_key(connection, self.schema, stream, KEYS[stream])

    def compare(self, connection: Connection[Any], stream: str) -> Difference:
        """How a table differs from the truth."""
        return compare(
            self.rows(connection, stream),
            self.truth(stream),
            wanted=self.wants,
            wrong_columns=wrong_columns,
        )

    def _spans(self, stream: str, rows: list[Row]) -> list[tuple[datetime | None, datetime | None]]:
        """From when to when each lasted; a recovery as long as its sleep."""
        if stream != "recoveries":
            return [(row.get("start"), row.get("end")) for row in rows]
        sleeps = {row["id"]: row for row in (columns("sleeps", s) for s in self.records("sleeps"))}
        return [(sleeps[row["sleep_id"]]["start"], sleeps[row["sleep_id"]]["end"]) for row in rows]
