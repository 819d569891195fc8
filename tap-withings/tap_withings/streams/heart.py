"""Recordings of the heart: ECG, and what was measured with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.errors import MalformedAnswerError
from health_tap_core.record import VendorRecord
from health_tap_core.windowed_stream import WindowedStream
from tap_withings import schemas
from tap_withings.schemas import WITHINGS
from tap_withings.services import ECG, HEART
from tap_withings.streams.periods import FIRST_SCALE, TWO_YEARS, by_seconds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


class _Ecg(msgspec.Struct):
    signalid: int | None = None


class _Recording(msgspec.Struct):
    timestamp: int
    deviceid: str | None = None
    ecg: _Ecg | list[msgspec.Raw] | None = None


class _HeartList(WindowedStream):
    """What can be learnt from the list of recordings.

    It cannot be filtered by change, so the last days (``lookback_days``) are read in every run.
    """

    dialect = WITHINGS
    earliest = FIRST_SCALE
    window_length = TWO_YEARS

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
    """The samples of each ECG. Opt-in: one request for each recording of the last days."""

    name = "ecg_signals"
    primary_keys = ("signalid",)
    replication_key = "timestamp"
    schema = record_schema(schemas.ECG_SIGNALS, keys=primary_keys)
    selected_by_default = False

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """The signal of every ECG of the window."""
        client: WithingsClient = account.client
        for found in self.recordings(account, window):
            try:
                recording = msgspec.json.decode(found, type=_Recording)
            except msgspec.MsgspecError:
                raise MalformedAnswerError("A recording has no time.") from None
            if isinstance(recording.ecg, _Ecg) and recording.ecg.signalid is not None:
                signal_id = recording.ecg.signalid
                context = {
                    "signalid": signal_id,
                    "timestamp": recording.timestamp,
                    "deviceid": recording.deviceid,
                }
                yield VendorRecord(client.call(ECG, signalid=signal_id), context)
