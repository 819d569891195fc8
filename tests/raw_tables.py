"""What may become of raw tables without a change of what they say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from psycopg import sql

if TYPE_CHECKING:
    from psycopg import Connection

    from health_tools.postgres.connection import Connection as Address

RAW = ["whoop_raw", "withings_raw"]
#: What the taps and the loader add to the vendor's record.
ADDED = [
    "user_id",
    "account",
    "synced_at",
    "_sdc_extracted_at",
    "_sdc_received_at",
    "_sdc_batched_at",
]


def shuffle(database: Address) -> None:
    """Have the raw tables hold their rows in another order."""
    with database.connect() as session:
        session.execute("select setseed(0.25)")
        for table in _raw_tables(session):
            _replace(
                session,
                table,
                "create table {new} (like {old} including all)",
                "insert into {new} select * from {old} order by random()",
            )


def repeat(database: Address) -> int:
    """Have the records lie there many times, as a tool without keys left them.

    Beside each row there are an exact copy, and without its values one that was read a day before,
    one that was read nobody knows when, and one that was read at the same time though the vendor
    has changed it since. Returns how many recoveries of WHOOP are there too often.
    """
    with database.connect() as session:
        for table in _raw_tables(session):
            values = _values(session, table)
            empty = json.dumps(dict.fromkeys(values)).replace("{", "{{").replace("}", "}}")
            times = {"synced_at": ["r.synced_at - interval '1 day'", "null"]}
            for name in {"updated_at", "modified"}.intersection(values):
                times[name] = [f"r.{name} - interval '1 minute'"]
            older = [
                "insert into {new} select (jsonb_populate_record("
                f"r, '{empty}' || jsonb_build_object('{name}', {time}))).* "
                f"from {{old}} as r where r.{name} is not null"
                for name, changes in times.items()
                for time in changes
            ]
            copies = ["create table {new} as select * from {old}", "insert into {new} table {old}"]
            _replace(session, table, *copies, *older)
        found = session.execute(
            "select count(*) - count(distinct cycle_id) from whoop_raw.recoveries"
        ).fetchone()
    assert found
    repeats: int = found[0]
    return repeats


def _raw_tables(session: Connection[Any]) -> list[tuple[str, str]]:
    return session.execute(
        "select schemaname, tablename from pg_tables where schemaname = any(%s)", (RAW,)
    ).fetchall()


def _values(session: Connection[Any], table: tuple[str, str]) -> list[str]:
    """The columns of the vendor's record that are not of its key: the loader lets them be null."""
    found = session.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
        "and not attnotnull and attname <> all(%s)",
        (".".join(table), ADDED),
    ).fetchall()
    return [name for (name,) in found]


def _replace(session: Connection[Any], table: tuple[str, str], *statements: str) -> None:
    """Put a new table in the place of one."""
    schema, name = table
    renamed = "drop table {old} cascade", "alter table {new} rename to {name}"
    for statement in (*statements, *renamed):
        text = sql.SQL(statement).format(
            old=sql.Identifier(schema, name),
            new=sql.Identifier(schema, "replacement"),
            name=sql.Identifier(name),
        )
        session.execute(text)
