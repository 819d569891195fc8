"""The sync log: one row for every window that was read, or could not be.

A ``complete`` row is a claim, emitted after the last page: so many distinct keys were returned. The
loader commits each table on its own, so the claim counts once as many rows with this ``synced_at``
or a later one have landed. That makes completeness, freshness and deletions provable in SQL.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from health_tap_core.pushed_stream import PushedStream
from health_tap_core.timestamps import utc_text

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from health_tap_core.account import Account
    from health_tap_core.window import Window

#: Makes window ids of one claim equal, however often it is computed.
_NAMESPACE = uuid.UUID("6f9e3c1e-33a0-4d0b-9a55-6a0f3c1b7d52")


def sync_row(  # noqa: PLR0913 (the columns of the log)
    account: Account,
    stream: str,
    window: Window,
    *,
    run_id: str,
    synced_at: datetime,
    requests: int,
    records: int = 0,
    distinct_keys: int = 0,
    error: str | None = None,
    drift: Collection[str] = (),
) -> dict[str, Any]:
    """Describe one window.

    Args:
        account: Whose window it is.
        stream: The stream's name.
        window: What was asked for.
        run_id: Which run of the tap asked.
        synced_at: When the window was read; its rows carry the same value.
        requests: Requests since the account's previous row; a run's first row counts the one that
            found out who the user is.
        records: Records received, those that several pages repeat counted each time.
        distinct_keys: Rows that must land.
        error: Class of the error of a window that failed; None for a complete one.
        drift: Names of what the vendor sent and the stream's schema does not know.
    """
    start, end, at = utc_text(window.start), utc_text(window.end), utc_text(synced_at)
    claim = f"{account.name}/{stream}/{start}/{end}/{at}"
    return {
        "window_id": str(uuid.uuid5(_NAMESPACE, claim)),
        "account": account.name,
        "user_id": None if account.user_id is None else str(account.user_id),
        "stream": stream,
        "basis": window.basis,
        "kind": window.kind,
        "window_start": start,
        "window_end": end,
        "status": "failed" if error else "complete",
        "error": error,
        "synced_at": at,
        "records": records,
        "distinct_keys": distinct_keys,
        "requests": requests,
        "run_id": run_id,
        "drift": ", ".join(sorted(drift)) or None,
    }


class SyncWindows(PushedStream):
    """What was read and what could not be: one row for each window and account."""

    name = "sync_windows"
    primary_keys = ("window_id",)
    state_partitioning_keys = ()
    schema = th.PropertiesList(
        th.Property("window_id", th.UUIDType, required=True, description="One per claim."),
        th.Property("account", th.StringType, required=True, description="The user's own name."),
        th.Property("user_id", th.StringType, description="The vendor's user, if known."),
        th.Property("stream", th.StringType, required=True, description="Table of the rows."),
        th.Property(
            "basis",
            th.StringType,
            required=True,
            description="activity_time, change_time or snapshot.",
        ),
        th.Property(
            "kind",
            th.StringType,
            required=True,
            description="backfill, incremental, reconcile or snapshot.",
        ),
        th.Property("window_start", th.DateTimeType, required=True, description="Inclusive, UTC."),
        th.Property("window_end", th.DateTimeType, required=True, description="Exclusive, UTC."),
        th.Property("status", th.StringType, required=True, description="complete or failed."),
        th.Property("error", th.StringType, description="Class of the error of a failed window."),
        th.Property(
            "synced_at",
            th.DateTimeType,
            required=True,
            description="When the window was read (UTC); its rows carry the same value.",
        ),
        th.Property(
            "records", th.IntegerType, required=True, description="Records received, repeats too."
        ),
        th.Property(
            "distinct_keys", th.IntegerType, required=True, description="Rows that must land."
        ),
        th.Property(
            "requests",
            th.IntegerType,
            required=True,
            description="API requests since the account's previous row, retries too.",
        ),
        th.Property("run_id", th.UUIDType, description="The run of the tap: one for all accounts."),
        th.Property(
            "drift",
            th.StringType,
            description=(
                "Names of fields that the vendor sent, in this run up to here, and that have no "
                "column or a value of another type. Null if there are none."
            ),
        ),
    ).to_dict()
