"""How the canonical tables differ from what they have to hold."""

from __future__ import annotations

from datetime import timezone
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.rows import dict_row

from .records import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from .canonical_rows import Expected
    from .canonical_tables import Table
    from .records import Key, Row

#: What only the loader knows; it has to be that of the raw row.
LINEAGE = {
    "synced_at": "synced_at",
    "extracted_at": "_sdc_extracted_at",
    "loaded_at": "_sdc_batched_at",
}
#: What is in a raw table once for each key.
RAW_KEYS = {
    "whoop_raw.user_basic_profile": ["user_id"],
    "whoop_raw.user_body_measurement": ["user_id"],
    "whoop_raw.cycles": ["id"],
    "whoop_raw.sleeps": ["id"],
    "whoop_raw.recoveries": ["cycle_id"],
    "whoop_raw.workouts": ["id"],
    "withings_raw.profile": ["user_id"],
    "withings_raw.devices": ["user_id", "deviceid"],
    "withings_raw.measures": ["grpid", "type", "position", "repeat"],
    "withings_raw.activity": ["user_id", "date", "brand", "deviceid"],
    "withings_raw.workouts": ["id"],
    "withings_raw.sleep_summary": ["id"],
    "withings_raw.sleep_stages": ["sleep_id", "model_id", "startdate", "state"],
}


#: What was said of a record and the hash of it, by table and key.
Hashes = dict["Key", tuple[str, "str | None"]]


class Database:
    """The tables that are compared."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._raw: dict[str, dict[Key, Row]] = {}

    def rows(self, table: Table) -> dict[Key, Row]:
        """All rows of a canonical table.

        Raises:
            AssertionError: A key is there twice, or the table has other columns than it should.
        """
        rows = self._all("canonical", table.name)
        found = {tuple(row[name] for name in table.keys): row for row in rows}
        assert len(found) == len(rows), f"{table.name} has a key twice"
        known = {*table.columns, *table.unknown}
        if table.has_lineage:
            known |= {*LINEAGE, "record_hash"}
        for row in rows[:1]:
            assert row.keys() == known, f"{table.name}: columns {row.keys() ^ known}"
        return found

    def raw(self, relation: str, key: Key) -> Row | None:
        """A raw row."""
        if relation not in self._raw:
            names = RAW_KEYS[relation]
            self._raw[relation] = {
                tuple(str(row[name]) for name in names): row
                for row in self._all(*relation.split("."))
            }
        return self._raw[relation].get(key)

    def compare(self, table: Table, expected: Sequence[Expected]) -> Difference:
        """How a table differs from what it has to hold: keys, and names of columns."""
        rows = self.rows(table)
        truth = {tuple(each.columns[name] for name in table.keys): each for each in expected}
        assert len(truth) == len(expected), f"{table.name} is to have a key twice"
        return Difference(
            lost=truth.keys() - rows.keys(),
            surplus=rows.keys() - truth.keys(),
            wrong=[
                f"{key} {name}"
                for key in truth.keys() & rows.keys()
                for name in self._wrong(table, truth[key], rows[key])
            ],
        )

    def hashes(self, table: Table, expected: Sequence[Expected]) -> Hashes:
        """What the vendor says of each record, and the hash of that."""
        if not table.has_lineage:
            return {}
        rows = self.rows(table)
        keys = (tuple(each.columns[name] for name in table.keys) for each in expected)
        return {
            (table.name, *key): (each.fingerprint, rows[key]["record_hash"])
            for key, each in zip(keys, expected, strict=True)
            if key in rows
        }

    def _wrong(self, table: Table, expected: Expected, row: Row) -> Iterator[str]:
        yield from (name for name, value in expected.columns.items() if row[name] != value)
        if not table.has_lineage:
            return
        raw = self._raw_rows(expected)
        for name, loaded in LINEAGE.items():
            told = row[name].astimezone(timezone.utc).replace(tzinfo=None) if row[name] else None
            if told != max((each[loaded] for each in raw), default=None):
                yield f"{name}: is not that of the raw row"
        if (row["record_hash"] is None) != (not raw):
            yield "record_hash: is there without a raw row, or the other way round"

    def _raw_rows(self, expected: Expected) -> list[Row]:
        """The raw rows that a row comes from.

        Raises:
            AssertionError: One of them is not there.
        """
        if expected.raw_key is None:
            return []
        relation = expected.columns["raw_relation"]
        rows = [self.raw(relation, key) for key in (expected.raw_key, *expected.more_raw_keys)]
        assert all(rows), f"{relation} has no {expected.raw_key}"
        return [row for row in rows if row]

    def _all(self, schema: str, table: str) -> list[Row]:
        statement = sql.SQL("select * from {}").format(sql.Identifier(schema, table))
        return self._connection.cursor(row_factory=dict_row).execute(statement).fetchall()


def changed_alone(before: Hashes, after: Hashes) -> Iterator[str]:
    """Rows whose hash is another one though the record is the same, or the other way round."""
    for key in before.keys() & after.keys():
        (old, old_hash), (new, new_hash) = before[key], after[key]
        if (old == new) != (old_hash == new_hash):
            yield f"{key} record_hash"
