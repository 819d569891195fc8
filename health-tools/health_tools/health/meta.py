"""Reads what the models in the schema `meta` know about streams, days and deletions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.rows import class_row

from health_tools.health.display import as_utc

if TYPE_CHECKING:
    from datetime import date, datetime

    import psycopg

    from health_tools.health.sync_log import StreamState

#: Local days in which also what did not fail is looked at, the day of the newest sync included.
DAYS = 30

# A failure may have the time of the machine, whose clock may be ahead; what is not tried any more
# was taken out of the selection or of the accounts.
_STREAMS = """
    with believed as (
        select
            *,
            case
                when last_failure_at <= now() + interval '1 hour' then last_failure_at
            end as failure_at,
            case
                when last_success_at <= now() + interval '1 hour' then last_success_at
            end as success_at
        from meta.sync_status
    ),

    tried as (
        select *, greatest(failure_at, success_at) as tried_at from believed
    )
    select
        source_system as source, account_alias as account, stream,
        case when failure_at is null then 'complete' else last_status end as status,
        last_error as error, last_failure_at as last_failure, last_success_at as last_success,
        newest_record_at as newest_record, "rows", deleted_rows, held_deletions,
        is_history_missing,
        coalesce(
            tried_at >= max(tried_at) over (partition by source_system) - interval '1 day', true
        ) as is_current
    from tried
    order by source_system, account_alias, stream
"""

# A day that is not over yet is no gap.
_GAPS = """
    with ledger as (
        select
            *,
            max(local_date) over () as newest_day,
            max(local_date) over (partition by source_system, source_account_id) as unfinished_day
        from meta.coverage_ledger
    )
    select
        source_system as source, account_alias as account, stream, status, error,
        array_agg(local_date order by local_date) as days
    from ledger
    where
        status = 'failed'
        or local_date > newest_day - %s
        and (
            status = 'pending_score'
            or (status = 'not_yet_asked' and local_date < unfinished_day)
        )
    group by source_system, account_alias, stream, status, error
    order by source_system, account_alias, stream, status, error
"""

_HELD = """
    select
        source_system as source, stream, sum(records)::bigint as records, min(oldest) as oldest,
        max(newest) as newest, string_agg(distinct reason, ', ') as reason, confirm_with
    from meta.held_deletions
    group by source_system, stream, confirm_with
    order by source_system, stream
"""


@dataclass
class StreamStatus:
    """One stream of one account. Instants are UTC; None is what is not known, or never was."""

    source: str
    account: str
    stream: str
    status: str | None
    """Of the last window: `complete` or `failed`."""
    error: str | None
    """The class of error of the last failure."""
    last_failure: datetime | None
    last_success: datetime | None
    newest_record: datetime | None = None
    rows: int | None = None
    deleted_rows: int | None = None
    held_deletions: int | None = None
    is_history_missing: bool = False
    """Whether what was loaded before was lost while the tap's state remained."""
    is_current: bool = True
    """Whether the last window is of the source's last day: else the stream is not read any more."""

    def __post_init__(self) -> None:
        self.last_failure = as_utc(self.last_failure)
        self.last_success = as_utc(self.last_success)
        self.newest_record = as_utc(self.newest_record)

    @property
    def failed(self) -> bool:
        """Whether the last window failed, of a stream that is read at all."""
        return self.status == "failed" and self.is_current


@dataclass(frozen=True)
class Gap:
    """Local days of one stream that nobody can explain as received or empty."""

    source: str
    account: str
    stream: str
    status: str
    """`failed`, `not_yet_asked` or `pending_score`."""
    error: str | None
    days: list[date]


@dataclass(frozen=True)
class HeldDeletions:
    """Records of one stream that are gone at the vendor, and kept until somebody agrees."""

    source: str
    stream: str
    records: int
    oldest: datetime | date
    newest: datetime | date
    reason: str
    confirm_with: str
    """The value of HEALTH_CONFIRM_DELETIONS that lets them go."""


def streams(session: psycopg.Connection) -> list[StreamStatus] | None:
    """One per source, account and stream; None before the models were built."""
    return _rows(session, StreamStatus, "sync_status", _STREAMS)


def gaps(session: psycopg.Connection) -> list[Gap] | None:
    """Those that failed, and the others of the last 30 days, counted from the newest sync.

    None before the models were built.
    """
    return _rows(session, Gap, "coverage_ledger", _GAPS, DAYS)


def held_deletions(session: psycopg.Connection) -> list[HeldDeletions] | None:
    """None before the models were built."""
    return _rows(session, HeldDeletions, "held_deletions", _HELD)


def from_log(state: StreamState) -> StreamStatus:
    """What the sync log alone knows of a stream."""
    return StreamStatus(
        source=state.source,
        account=state.account,
        stream=state.stream,
        status=state.status,
        error=state.error,
        last_failure=None,
        last_success=state.last_success,
        rows=state.rows,
        is_current=state.is_current,
    )


def _rows(
    session: psycopg.Connection, kind: type[Any], relation: str, query: str, *values: Any
) -> list[Any] | None:
    found = session.execute("select to_regclass(%s)", (f"meta.{relation}",)).fetchone()
    if found == (None,):
        return None
    with session.cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode(), values or None).fetchall()
