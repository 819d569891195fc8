"""Daily activity, the entries within a day, and workouts."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.record import VendorRecord
from health_tap_core.windowed_stream import WindowedStream
from tap_withings import fields, schemas
from tap_withings.envelope import decode_object
from tap_withings.pages import malformed
from tap_withings.schemas import WITHINGS
from tap_withings.services import ACTIVITY, INTRADAY, WORKOUTS
from tap_withings.streams.collection import Collection
from tap_withings.streams.periods import daily_slices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


class Activity(Collection):
    """Sums of a local day, one row for each device and source. Today's grow until midnight."""

    name = "activity"
    primary_keys = ("user_id", "date", "brand", "deviceid")
    schema = record_schema(schemas.ACTIVITY, keys=primary_keys)
    service = ACTIVITY
    fields = fields.ACTIVITY


class Workouts(Collection):
    """Workouts, recognised or begun by the user."""

    name = "workouts"
    primary_keys = ("id",)
    schema = record_schema(schemas.WORKOUTS, keys=primary_keys)
    service = WORKOUTS
    fields = fields.WORKOUT


class IntradayActivity(WindowedStream):
    """Entries of seconds to minutes within each day. Opt-in: about 1,500 rows and a request a day.

    They have no time of change, so the last days (``lookback_days``) are read in every run.
    """

    name = "intraday_activity"
    primary_keys = ("user_id", "timestamp")
    replication_key = "timestamp"
    schema = record_schema(schemas.INTRADAY, keys=primary_keys)
    dialect = WITHINGS
    selected_by_default = False
    earliest = datetime(2013, 1, 1, tzinfo=timezone.utc)  # the year of Withings' first tracker
    window_length = timedelta(days=30)
    test_span = timedelta(days=1)

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """All entries, a day at a time. The answer is a map by time, or a list when empty."""
        client: WithingsClient = account.client
        names = fields.data_fields(fields.INTRADAY)
        for day in daily_slices(window.start.timestamp(), window.end.timestamp()):
            body = client.fields(INTRADAY, **day, data_fields=names)
            try:
                series = decode_object(body[INTRADAY.container])
            except msgspec.MsgspecError:
                raise malformed(INTRADAY) from None
            for timestamp, entry in series.items():
                # An entry without a field comes as a list.
                json = msgspec.Raw(b"{}") if bytes(entry) == b"[]" else entry
                yield VendorRecord(json, {"timestamp": timestamp})
