"""What is in the tables of an engine, in words that are the same for each."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: The types of PostgreSQL that are called otherwise in DuckDB; see macros/xdb/engine_type.sql.
_IN_DUCKDB = {
    "character varying": "VARCHAR",
    "numeric": "DECIMAL(38,18)",
    "text": "VARCHAR",
    "timestamp without time zone": "TIMESTAMP",
}


class Session(Protocol):
    """A connection of psycopg's or DuckDB's."""

    def execute(self, query: Any, /) -> Any:
        """Run a statement; what comes back has the rows."""


@dataclass(frozen=True)
class Table:
    """What is in a table, whatever the order of the rows.

    Attributes:
        types: Its columns and their types, as DuckDB calls them.
        rows: Hashes of the rows, and how many rows have each.
        values: The same of each column's values.
    """

    types: dict[str, str]
    rows: Counter[str]
    values: dict[str, Counter[str]]


def in_duckdb(kind: str) -> str:
    """What DuckDB calls a type of either engine."""
    return _IN_DUCKDB.get(kind, kind.upper())


def tables_of(session: Session, schemas: Iterable[str]) -> list[str]:
    """The tables and views of some schemas, by name."""
    names = ", ".join(f"'{schema}'" for schema in schemas)
    found = session.execute(
        "select table_schema, table_name from information_schema.tables "
        f"where table_schema in ({names}) order by 1, 2"
    )
    return [".".join(row) for row in found.fetchall()]


def columns_of(session: Session, table: str) -> list[tuple[str, str]]:
    """The columns of a table and their types, in their order."""
    schema, _, name = table.partition(".")
    found = session.execute(
        "select column_name, data_type from information_schema.columns "
        f"where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position"
    )
    return [(column, kind) for column, kind in found.fetchall()]


def read(session: Session, table: str, without: Sequence[str] = ()) -> Table:
    """All of a table, but for some columns."""
    types = {
        name: in_duckdb(kind) for name, kind in columns_of(session, table) if name not in without
    }
    columns = ", ".join(f'"{name}"' for name in types)
    rows = [
        [*map(text, row)] for row in session.execute(f"select {columns} from {table}").fetchall()
    ]
    return Table(
        types,
        Counter(map(_hash, rows)),
        {name: Counter(row[place] for row in rows) for place, name in enumerate(types)},
    )


def differences(one: Table, other: Table) -> list[str]:
    """In what two tables differ: their columns, else those with other values, else the rows."""
    if list(one.types.items()) != list(other.types.items()):
        return sorted(map(str, one.types.items() ^ other.types.items())) or ["order of columns"]
    columns = [name for name in one.types if one.values[name] != other.values[name]]
    return columns or (["rows"] if one.rows != other.rows else [])


def text(value: Any) -> str:
    """A value as the same text on each engine: 70.50 is 70.5, in JSON too; an instant is in UTC."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return f"{Decimal(value):.20f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        instant = value.astimezone(timezone.utc) if value.tzinfo else value
        return instant.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith('{"'):
        return json.dumps(json.loads(value, parse_float=Decimal, parse_int=Decimal), default=text)
    return json.dumps(value, default=str)


def _hash(row: list[str]) -> str:
    return hashlib.md5("|".join(row).encode(), usedforsecurity=False).hexdigest()
