"""The window loop: every page of a window or none, then the claim, then the bookmark.

Built on the SDK's plain ``Stream``. The private parts of the SDK that this package needs, pinned
by a test: ``Stream._increment_stream_state`` is switched off here, because a bookmark is the end of
a window and never a maximum over records; ``Stream.ABORT_AT_RECORD_COUNT`` tells a connection test
from a sync; the sync log writes with ``Stream._write_schema_message`` and
``Stream._write_record_message``; the tap adds its checks to ``Tap._validate_config``.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.errors import MalformedAnswerError, SyncError
from health_tap_core.record import RecordBuilder
from health_tap_core.sync_log import sync_row
from health_tap_core.timestamps import parse_instant, utc_text
from health_tap_core.window import Window, plan_windows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import msgspec

    from health_tap_core.account import Account
    from health_tap_core.tap import HealthTap

#: A connection test looks for records in this much of the recent past.
TEST_SPAN = timedelta(days=30)


class HealthStream(Stream):
    """A stream that is read per account and window.

    A vendor's stream says how to read a window. Collapsing repeated records, ``account`` and
    ``synced_at``, failure isolation, sync log and state are done here.
    """

    # Our own code builds records that fit; conforming them again costs more than reading them.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    #: What a window bounds, for the sync log.
    basis: ClassVar[str]

    _tap: HealthTap

    @abstractmethod
    def read(self, account: Account, window: Window) -> Iterable[msgspec.Raw]:
        """All the vendor's records of a window, in any order, repeats allowed.

        Raises:
            SyncError: The window could not be read to its last page.
        """

    @abstractmethod
    def plan(self, account: Account, context: Context) -> list[Window]:
        """The windows to read in this run, ascending."""

    def complete(self, context: Context, window: Window) -> None:
        """Take note that a window was emitted in full; called after its row in the sync log."""

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """One partition for each account."""
        return [{"account": name} for name in self._tap.account_names]

    def get_records(self, context: Context | None) -> Iterator[Record]:
        """Read the account's windows; one that fails ends this stream for this account only."""
        context = context or {}
        account = self._tap.account(context["account"])
        if account.error:
            self._fail(account, Window(account.run_end, account.run_end, "snapshot"), account.error)
            return
        for window in self.plan(account, context):
            synced_at = self._tap.clock.now()
            try:
                records, received = self._collect(account, window, synced_at)
            except SyncError as error:
                self._fail(account, window, error)
                return
            yield from records.values()
            self._claim(account, window, synced_at, records=received, distinct_keys=len(records))
            self.complete(context, window)

    def _collect(
        self, account: Account, window: Window, synced_at: datetime
    ) -> tuple[dict[tuple[Any, ...], Record], int]:
        """Read a whole window before anything of it is emitted."""
        records: dict[tuple[Any, ...], Record] = {}
        received = 0
        known = len(self._builder.unknown)
        own = {"account": account.name, "synced_at": utc_text(synced_at)}
        for raw in self.read(account, window):
            record = self._builder.build(raw, user_id=account.user_id, **own)
            key = tuple(record[name] for name in self.primary_keys)
            if None in key:
                raise MalformedAnswerError(
                    f"A record of {self.name} has no {' or no '.join(self.primary_keys)}."
                )
            records[key] = record
            received += 1
        if len(self._builder.unknown) > known:
            self.logger.warning(
                "%s: the vendor sends fields that have no column yet: %s. "
                "Their values are kept in the column raw.",
                self.name,
                ", ".join(sorted(self._builder.unknown)),
            )
        return records, received

    def _claim(
        self,
        account: Account,
        window: Window,
        synced_at: datetime,
        *,
        error: str | None = None,
        **counts: int,
    ) -> None:
        """Write the window's row of the sync log, and one line for whoever watches."""
        requests = account.client.take_requests()
        self._tap.sync_windows.write(
            sync_row(
                account,
                self.name,
                self.basis,
                window,
                synced_at=synced_at,
                requests=requests,
                error=error,
                **counts,
            )
        )
        self.logger.info(
            "%s of account %r, %s up to %s: %s (records: %d, requests: %d)",
            self.name,
            account.name,
            window.kind,
            utc_text(window.end.replace(microsecond=0)),
            error or "complete",
            counts.get("distinct_keys", 0),
            requests,
        )

    def _fail(self, account: Account, window: Window, error: SyncError) -> None:
        self._tap.report_failure(account.name, self, error)
        self._claim(account, window, self._tap.clock.now(), error=error.code)

    @cached_property
    def _builder(self) -> RecordBuilder:
        return RecordBuilder(self.schema)

    def get_replication_key_signpost(
        self,
        context: Context | None = None,
    ) -> None:
        """None: the bookmark is ours, no record can push it."""

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Nothing: see the module's text."""


class SnapshotStream(HealthStream):
    """A stream that only knows the present: one object, no history, no bookmark."""

    basis = "snapshot"
    state_partitioning_keys = ()

    def plan(
        self,
        account: Account,
        context: Context,  # noqa: ARG002 (the base's signature)
    ) -> list[Window]:
        """The present instant."""
        return [Window(account.run_end, account.run_end, "snapshot")]


class WindowedStream(HealthStream):
    """A stream that the vendor can filter by activity time.

    The bookmark is the end of the last complete window. ``updated_at`` is announced as replication
    key because it is the version of a row for whoever loads it, not because we would read by it:
    the vendors' filters do not know it.
    """

    basis = "activity_time"
    replication_key = "updated_at"

    #: Nothing can be older at this vendor; the start of a backfill without ``start_date``.
    earliest: ClassVar[datetime]

    def plan(self, account: Account, context: Context) -> list[Window]:
        """From the bookmark minus the look-back, or from ``start_date``, to the run's end."""
        config = self.config
        end, earliest = account.run_end, self.earliest
        if self.ABORT_AT_RECORD_COUNT is not None:
            return [Window(end - TEST_SPAN, end, "incremental")]
        if start_date := config.get("start_date"):
            earliest = parse_instant(start_date)
        if end_date := config.get("end_date"):
            end = min(end, parse_instant(end_date))
        bookmark = self._bookmark(context)
        length = config.get("window_days")
        return plan_windows(
            # A bookmark ahead of the vendor's time was written by a wrong clock.
            bookmark=None if bookmark is None else min(bookmark, account.run_end),
            earliest=earliest,
            end=end,
            lookback=timedelta(days=config["lookback_days"]),
            length=timedelta(days=length) if length else None,
        )

    def complete(self, context: Context, window: Window) -> None:
        """Move the bookmark to the window's end, never back, and tell the loader."""
        bookmark = self._bookmark(context)
        if bookmark is None or bookmark < window.end:
            state = self.get_context_state(context)
            state["replication_key"] = self.replication_key
            state["replication_key_value"] = utc_text(window.end)
            self._tap.state_writer.write_state(self.tap_state)

    def _bookmark(self, context: Context) -> datetime | None:
        value = self.get_context_state(context).get("replication_key_value")
        return parse_instant(value) if value else None
