"""The window loop: every page of a window or none, then the claim, then the bookmark."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.types import Context, Record  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.derived_stream import DerivedStream
from health_tap_core.errors import SyncError, contained
from health_tap_core.log_fields import log_fields
from health_tap_core.progress import Progress, Tally
from health_tap_core.record_stream import RecordStream
from health_tap_core.rows import Rows
from health_tap_core.window import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from health_tap_core.account import Account
    from health_tap_core.record import VendorRecord
    from health_tap_core.window import Basis, Kind


class HealthStream(RecordStream):
    """A stream that is read per account and window.

    A vendor's stream says how to read a window. Collapsing repeated records, ``account`` and
    ``synced_at``, failure isolation, sync log and state are done here.
    """

    #: How the sync log calls a window that could not even be planned, and what it would bound.
    kind: ClassVar[Kind]
    basis: ClassVar[Basis]

    @abstractmethod
    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
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
        with log_fields(account=context["account"], stream_name=self.name):
            yield from self._read_windows(context)

    def _read_windows(self, context: Context) -> Iterator[Record]:
        account = self._tap.account(context["account"])
        try:
            if account.error:
                raise account.error
            with contained():
                windows = self.plan(account, context)
        except SyncError as error:
            now = account.run_end
            self._fail(account, Window(now, now, self.kind, self.basis), error)
            self._tap.tally.add(Tally(windows=1))
            return
        progress = Progress(self.name, account, windows, monotonic=self._tap.monotonic)
        for planned in windows:
            synced_at = self._tap.clock.now()
            # Planned before the vendor was heard, a window may lie in a wrong future.
            if planned.basis != "snapshot" and planned.start >= synced_at:
                break
            try:
                with contained():
                    own, derived = self._collect(account, planned, synced_at, progress)
                    if (now := self._tap.clock.now()) < synced_at:  # heard for the first time
                        synced_at = now
                        own, derived = self._collect(account, planned, synced_at, progress)
                    account = self._tap.known(account, own.user_id)
            except SyncError as error:
                self._fail(account, planned, error)
                break
            yield from own
            for stream, rows in derived.items():
                stream.write(rows)
            window = planned.until(self._tap.clock.now())
            self._claim(account, window, synced_at, [(self, own), *derived.items()])
            self.complete(account, context, window)
            progress.completed(len(own) + sum(map(len, derived.values())))
        progress.end()
        self._tap.tally.add(progress.tally)

    def _collect(
        self, account: Account, window: Window, synced_at: datetime, progress: Progress
    ) -> tuple[Rows, dict[DerivedStream, Rows]]:
        """Read a whole window before anything of it is emitted."""
        own = Rows(self, account, synced_at, keeps_records=bool(self.derived))
        for record in self.read(account, window):
            own.add(record)
            progress.received()
        derived = {stream: Rows(stream, account, synced_at) for stream in self.derived}
        for stream, rows in derived.items():
            for record in own.records:
                for part in stream.derive(record):
                    rows.add(part)
        self.warn_of_drift(own)
        for stream, rows in derived.items():
            stream.warn_of_drift(rows)
        return own, derived

    def _claim(
        self,
        account: Account,
        window: Window,
        synced_at: datetime,
        collected: Iterable[tuple[RecordStream, Rows]],
    ) -> None:
        """One row of the sync log for each table that got rows; requests count for the first."""
        requests = account.client.take_requests()
        for stream, rows in collected:
            if stream.selected:
                stream.claim(
                    account,
                    window,
                    synced_at,
                    requests=requests,
                    records=rows.received,
                    distinct_keys=len(rows),
                )
                requests = 0

    def _fail(self, account: Account, window: Window, error: SyncError) -> None:
        now, requests = self._tap.clock.now(), account.client.take_requests()
        for stream in (self, *self.derived):
            if stream.selected:
                self._tap.report_failure(account.name, stream, error)
                stream.claim(account, window, now, requests=requests, error=error.code)
                requests = 0

    @property
    def derived(self) -> list[DerivedStream]:
        """The selected streams that are parts of this one's records."""
        children = (stream for stream in self.child_streams if isinstance(stream, DerivedStream))
        return [stream for stream in children if stream.selected]

    def generate_child_contexts(
        self,
        record: Record,  # noqa: ARG002 (the SDK's signature)
        context: Context | None,  # noqa: ARG002
    ) -> Iterable[Context | None]:
        """None: derived streams get their rows by window, not one sync for each record."""
        return ()
