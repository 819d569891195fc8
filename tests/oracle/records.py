"""What is true of one record, and how what is stored differs from it.

Instants are naive and UTC throughout, as the loader stores them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from psycopg import Connection

Key = tuple[Any, ...]
Row = dict[str, Any]


@dataclass(frozen=True)
class TrueRecord:
    """A record of the vendor's, by the columns that it has to have.

    Attributes:
        key: As :func:`rows_by_key` gives it.
        columns: Every value that PostgreSQL has to give back.
        start: When the activity began; None for what only knows the present.
        end: When it ended; None as long as it goes on, or without a beginning.
        changed: When the vendor last changed the record; None if it does not tell.
    """

    key: Key
    columns: Row = field(repr=False)
    start: datetime | None = None
    end: datetime | None = None
    changed: datetime | None = None


@dataclass(frozen=True)
class Difference:
    """How a table differs from the truth.

    Attributes:
        lost: Keys of records that have no row.
        surplus: Keys of rows that are no record.
        wrong: What is wrong with the other rows, one text for each value.
    """

    lost: set[Key]
    surplus: set[Key]
    wrong: list[str]


def compare(
    rows: Mapping[Key, Row],
    truth: Iterable[TrueRecord],
    *,
    wanted: Callable[[TrueRecord], bool] = lambda _: True,
    wrong_columns: Callable[[TrueRecord, Row], Iterable[str]],
) -> Difference:
    """Compare a table with all that the vendor knows.

    Args:
        rows: The table.
        truth: Every record.
        wanted: Whether a record has to be in the table; the others may.
        wrong_columns: Names the columns of a row that differ from its record.
    """
    records = {record.key: record for record in truth}
    return Difference(
        lost={key for key, record in records.items() if wanted(record)} - rows.keys(),
        surplus=rows.keys() - records.keys(),
        wrong=[
            f"{key} {column}"
            for key in records.keys() & rows.keys()
            for column in wrong_columns(records[key], rows[key])
        ],
    )


def rows_by_key(
    connection: Connection[Any], schema: str, table: str, keys: Sequence[str]
) -> dict[Key, Row]:
    """All rows of a raw table.

    Raises:
        AssertionError: A key is there twice.
    """
    statement = sql.SQL("select * from {}").format(sql.Identifier(schema, table))
    rows = connection.cursor(row_factory=dict_row).execute(statement).fetchall()
    found = {tuple(row[key] for key in keys): row for row in rows}
    assert len(found) == len(rows), f"{table} has a key twice"
    return found


def parse_instant(text: str) -> datetime:
    """An RFC 3339 date-time, or a date."""
    instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return instant.astimezone(timezone.utc).replace(tzinfo=None) if instant.tzinfo else instant
