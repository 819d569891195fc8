"""Recordings of the heart: ECG, and what was measured with it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.errors import RequestRejectedError
from health_tap_core.record import VendorRecord
from health_tap_core.windowed_stream import WindowedStream
from tap_withings import schemas
from tap_withings.envelope import decode_object, decode_whole
from tap_withings.pages import malformed
from tap_withings.schemas import WITHINGS
from tap_withings.services import ECG, HEART
from tap_withings.streams.periods import FIRST_SCALE, TWO_YEARS, by_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


#: How far back the list is read again.
_MONTHS = timedelta(days=90)
#: Signals are asked for again from this long before the bookmark.
_OVERLAP = timedelta(hours=1)


class _HeartList(WindowedStream):
    """What can be learnt from the list of recordings.

    It cannot be filtered by change, so the last months are read in every run: one request, however
    late a watch delivers.
    """

    dialect = WITHINGS
    earliest = FIRST_SCALE
    window_length = TWO_YEARS

    @property
    def lookback(self) -> timedelta:
        """At least three months."""
        return max(super().lookback, _MONTHS)

    def recordings(self, account: Account, window: Window) -> list[msgspec.Raw]:
        """Every recording of the window."""
        client: WithingsClient = account.client
        return client.listed(HEART, **by_seconds(window))


class HeartRecordings(_HeartList):
    """ECGs, and the blood pressure and heart rate that came with them."""

    name = "heart_recordings"
    primary_keys = ("user_id", "deviceid", "timestamp", "ecg_signalid")
    replication_key = "modified"
    schema = record_schema(schemas.HEART_RECORDINGS, keys=primary_keys)

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """Every recording of the window."""
        return map(VendorRecord, self.recordings(account, window))


class EcgSignals(_HeartList):
    """The samples of each ECG. Opt-in: one request for each recording that is new or changed."""

    name = "ecg_signals"
    primary_keys = ("signalid",)
    replication_key = "timestamp"
    schema = record_schema(schemas.ECG_SIGNALS, keys=primary_keys)
    selected_by_default = False
    test_span = timedelta(days=7)

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """The signal of every ECG of the window that changed since the last run."""
        client: WithingsClient = account.client
        bookmark = self.position({"account": account.name})
        for found in self.recordings(account, window):
            try:
                recording = decode_object(found)
                ecg = decode_object(recording.get("ecg", msgspec.Raw(b"null")))
                signal_id = decode_whole(ecg.get("signalid"))
                modified = decode_whole(recording.get("modified"))
                timestamp = decode_whole(recording.get("timestamp"))
            except msgspec.MsgspecError:
                raise malformed(HEART) from None
            # Not all recordings say when they changed. What a watch delivers later than that, the
            # nightly reconcile reads: here each would cost a request in every run.
            changed = modified or timestamp + self.config["lookback_days"] * 86_400
            is_known = bookmark and changed < (bookmark - _OVERLAP).timestamp()
            if signal_id and not (is_known and window.kind == "incremental"):
                yield from self._signal(client, signal_id, recording)

    def _signal(
        self, client: WithingsClient, signal_id: int, recording: dict[str, msgspec.Raw]
    ) -> Iterator[VendorRecord]:
        try:
            json = client.call(ECG, signalid=signal_id)
        except RequestRejectedError as error:
            self.logger.warning("%s: signal %d is left out: %s", self.name, signal_id, error)
            return
        told = {
            name: msgspec.json.decode(recording[name])
            for name in ("timestamp", "deviceid")
            if name in recording
        }
        yield VendorRecord(json, {"signalid": signal_id, **told})
