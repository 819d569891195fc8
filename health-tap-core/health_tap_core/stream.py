"""The window loop: every page of a window or none, then the claim, then the bookmark.

Built on the SDK's plain ``Stream``. The private parts of the SDK that this package needs, pinned
by a test:

* ``Stream._increment_stream_state`` and ``Stream._write_starting_replication_value`` are switched
  off here: a bookmark is the end of a window, never a maximum over records;
* ``Stream.ABORT_AT_RECORD_COUNT`` tells a connection test from a sync;
* the sync log writes with ``Stream._write_schema_message`` and ``Stream._write_record_message``;
* the tap adds its checks to ``Tap._validate_config`` and an exit code to
  ``Tap._handle_termination``.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record  # noqa: TC002 (the SDK resolves annotations)
from singer_sdk.singerlib import Metadata

from health_tap_core.errors import SyncError, contained
from health_tap_core.record import RecordBuilder
from health_tap_core.schema import EVIDENCE
from health_tap_core.sync_log import sync_row
from health_tap_core.timestamps import utc_text
from health_tap_core.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import msgspec
    from singer_sdk.singerlib import Catalog, MetadataMapping

    from health_tap_core.account import Account
    from health_tap_core.tap import HealthTap
    from health_tap_core.window import Kind


class HealthStream(Stream):
    """A stream that is read per account and window.

    A vendor's stream says how to read a window. Collapsing repeated records, ``account`` and
    ``synced_at``, failure isolation, sync log and state are done here.
    """

    # The record builder lets nothing through that does not fit; a second check would cost more
    # than the reading.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    #: What a window bounds, for the sync log.
    basis: ClassVar[str]
    #: How the sync log calls a window that could not even be planned.
    kind: ClassVar[Kind]

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

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note that a window was emitted in full; called after its row in the sync log."""

    @property
    def partitions(self) -> list[dict[str, Any]]:
        """One partition for each account."""
        return [{"account": name} for name in self._tap.account_names]

    def get_records(self, context: Context | None) -> Iterator[Record]:
        """Read the account's windows; one that fails ends this stream for this account only."""
        context = context or {}
        account = self._tap.account(context["account"])
        try:
            if account.error:
                raise account.error
            with contained():
                windows = self.plan(account, context)
        except SyncError as error:
            self._fail(account, Window(account.run_end, account.run_end, self.kind), error)
            return
        for planned in windows:
            synced_at = self._tap.clock.now()
            try:
                with contained():
                    records, received = self._collect(account, planned, synced_at)
            except SyncError as error:
                self._fail(account, planned, error)
                return
            yield from records.values()
            # Planned before the vendor was heard, a window may reach into a wrong future.
            window = replace(planned, end=min(planned.end, self._tap.clock.now()))
            self._claim(account, window, synced_at, records=received, distinct_keys=len(records))
            self.complete(account, context, window)

    def _collect(
        self, account: Account, window: Window, synced_at: datetime
    ) -> tuple[dict[tuple[Any, ...], Record], int]:
        """Read a whole window before anything of it is emitted."""
        records: dict[tuple[Any, ...], Record] = {}
        received = 0
        own = {"account": account.name, "synced_at": utc_text(synced_at)}
        for raw in self.read(account, window):
            record = self._builder.build(raw, user_id=account.user_id, **own)
            records[tuple(record[name] for name in self.primary_keys)] = record
            received += 1
        self._warn_once("the vendor sends fields that have no column yet", self._builder.unknown)
        self._warn_once("the vendor sent values of another type", self._builder.misfits)
        return records, received

    def _warn_once(self, what: str, names: set[str]) -> None:
        new = names - self._warned
        if new:
            self._warned |= new
            self.logger.warning(
                "%s: %s: %s. Their values are kept in the column raw.",
                self.name,
                what,
                ", ".join(sorted(new)),
            )

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
        return RecordBuilder(self.schema, self.primary_keys)

    @cached_property
    def _warned(self) -> set[str]:
        return set()

    @property
    def metadata(self) -> MetadataMapping:
        """What is selected; the evidence always is."""
        mapping = super().metadata
        for name in EVIDENCE:
            mapping[("properties", name)].inclusion = Metadata.InclusionType.AUTOMATIC
        return mapping

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take the selection from a catalog.

        Raises:
            ConfigValidationError: It has another key. Without one, all records would be one row.
        """
        own: Any = type(self)
        super().apply_catalog(catalog)
        if list(self.primary_keys) != list(own.primary_keys):
            wanted, found = list(own.primary_keys), list(self.primary_keys)
            message = (
                f"The catalog gives stream {self.name} the key {found} instead of {wanted}. "
                "Make it anew with --discover."
            )
            raise ConfigValidationError(message, errors=[message], schema={})
        self.replication_key = own.replication_key
        self.forced_replication_method = None

    def get_replication_key_signpost(
        self,
        context: Context | None = None,
    ) -> None:
        """None: the bookmark is ours, no record can push it."""

    def _increment_stream_state(self, *_: Any, **__: Any) -> None:
        """Nothing: see the module's text."""

    def _write_starting_replication_value(self, *_: Any) -> None:
        """Nothing: see the module's text."""
