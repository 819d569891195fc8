"""Reads the sync log (`sync_windows`) of every source in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.rows import class_row

from health_tools.health.display import as_utc

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

#: Its table, in the schema of each source.
LOG = "sync_windows"
_RAW = "_raw"

_TABLES = """
    select n.nspname, array_agg(c.relname::text)
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and right(n.nspname, 4) = '_raw'
    group by n.nspname
    order by n.nspname
"""

_SCHEMAS = """
    select table_schema
    from information_schema.columns
    where right(table_schema, 4) = '_raw' and table_name = %(log)s and column_name = %(column)s
    order by table_schema
"""

# A failure may have the time of the machine, whose clock may be ahead; what is not tried any more
# was taken out of the selection or of the accounts.
_LAST_WINDOWS = sql.SQL("""
    with windows as (
        select *, synced_at <= now() at time zone 'UTC' + interval '1 hour' as is_past
        from {log}
    ),

    ranked as (
        select
            *,
            row_number() over (
                partition by account, stream
                order by synced_at desc, window_end desc nulls last
            ) as recency,
            max(synced_at) filter (where is_past) over () - interval '1 day' as current_since
        from windows
        where status = 'complete' or is_past
    )
    select
        {source} as source,
        account,
        stream,
        max(status) filter (where recency = 1) as status,
        max(error) filter (where recency = 1) as error,
        max(synced_at) filter (where status = 'complete') as last_success,
        max(window_end) filter (where status = 'complete') as newest_window_end,
        max(records) filter (where recency = 1) as records,
        max(requests) filter (where recency = 1) as requests,
        coalesce(max(synced_at) >= max(current_since), true) as is_current
    from ranked
    group by account, stream
    order by account, stream
""")


@dataclass
class StreamState:
    """What the sync log says about one stream of one account. Instants are UTC."""

    source: str
    account: str
    stream: str
    status: str
    """Of the last window: `complete` or `failed`."""
    error: str | None
    """The class of error of the last window, if that failed."""
    last_success: datetime | None
    newest_window_end: datetime | None
    """The end of the newest complete window."""
    records: int | None
    """Of the last window, as `requests`."""
    requests: int | None
    is_current: bool = True
    """Whether the last window is of the source's last day: else the stream is not read any more."""
    rows: int | None = None
    """All rows of the raw table, of all accounts; None while the table does not exist."""

    def __post_init__(self) -> None:
        self.last_success = as_utc(self.last_success)
        self.newest_window_end = as_utc(self.newest_window_end)

    @property
    def failed(self) -> bool:
        """Whether the last window failed, of a stream that is read at all."""
        return self.status == "failed" and self.is_current


def read(session: psycopg.Connection) -> list[StreamState]:
    """One state per source, account and stream, in that order; empty before the first sync."""
    states: list[StreamState] = []
    for schema, tables in session.execute(_TABLES).fetchall():
        if LOG in tables:
            states.extend(_read_source(session, schema, set(tables)))
    return states


def schemas(session: psycopg.Connection, *, with_column: str = "synced_at") -> dict[str, str]:
    """The schema of each source that has a sync log with that column."""
    found = session.execute(_SCHEMAS, {"log": LOG, "column": with_column}).fetchall()
    return {schema.removesuffix(_RAW): schema for (schema,) in found}


def _read_source(session: psycopg.Connection, schema: str, tables: set[str]) -> list[StreamState]:
    query = _LAST_WINDOWS.format(
        log=sql.Identifier(schema, LOG), source=sql.Literal(schema.removesuffix(_RAW))
    )
    with session.cursor(row_factory=class_row(StreamState)) as cursor:
        states = cursor.execute(query).fetchall()
    counts = {
        stream: _count(session, schema, stream)
        for stream in {state.stream for state in states} & tables
    }
    for state in states:
        state.rows = counts.get(state.stream)
    return states


def _count(session: psycopg.Connection, schema: str, table: str) -> int:
    query = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
    row = session.execute(query).fetchone()
    return int(row[0]) if row else 0
