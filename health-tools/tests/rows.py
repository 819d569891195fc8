"""Rows of the sync log as the loader writes them, and of the models in `meta` as dbt does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from health_tools.postgres.connection import Connection

_COLUMNS = """
    window_id uuid primary key, account text, user_id text, stream text, basis text, kind text,
    window_start timestamp, window_end timestamp, status text, error text, synced_at timestamp,
    records bigint, distinct_keys bigint, requests bigint
"""

_MODELS = """
    create table meta.sync_status (
        source_system text, source_account_id text, account_alias text, stream text,
        last_success_at timestamptz, newest_record_at timestamptz, lag_s double precision,
        rows bigint, deleted_rows bigint, last_status text, last_error text,
        last_failure_at timestamptz, held_deletions bigint,
        is_history_missing boolean not null default false
    );
    create table meta.coverage_ledger (
        source_system text, source_account_id text, account_alias text, stream text,
        local_date date, status text, records bigint, pending_records bigint,
        deleted_records bigint, asked_at timestamptz, window_id text, error text
    );
    create table meta.held_deletions (
        source_system text, source_account_id text, stream text, records bigint,
        oldest timestamptz, newest timestamptz, reason text, confirm_with text
    );
"""


def make_log(database: Connection, schema: str) -> None:
    with database.connect() as session:
        session.execute(f"create schema {schema}".encode())
        session.execute(f"create table {schema}.sync_windows ({_COLUMNS})".encode())


def log_window(database: Connection, schema: str, synced_at: str, **values: Any) -> None:
    window = {
        "account": "default",
        "stream": "walks",
        "status": "complete",
        "error": None,
        "window_end": synced_at,
        "records": 0,
        "requests": 1,
        **values,
    }
    columns = ", ".join(window)
    marks = ", ".join(f"%({name})s" for name in window)
    with database.connect() as session:
        session.execute(
            f"insert into {schema}.sync_windows (window_id, synced_at, {columns})"
            f" values (gen_random_uuid(), %(synced_at)s, {marks})".encode(),
            {**window, "synced_at": synced_at},
        )


def make_models(database: Connection) -> None:
    with database.connect() as session:
        session.execute("create schema meta")
        session.execute(_MODELS.encode())


def add_row(database: Connection, model: str, **values: Any) -> None:
    """Insert a row into `meta.<model>`; by default of stream walks of the account default."""
    row: dict[str, Any] = {"source_system": "acme", "source_account_id": "7", "stream": "walks"}
    if model != "held_deletions":
        row["account_alias"] = "default"
    row |= values
    marks = ", ".join(f"%({name})s" for name in row)
    with database.connect() as session:
        session.execute(
            f"insert into meta.{model} ({', '.join(row)}) values ({marks})".encode(), row
        )
