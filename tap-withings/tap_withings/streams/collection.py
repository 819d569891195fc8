"""Collections that Withings can filter by the time of change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, ClassVar

from health_tap_core.changes_stream import ChangesStream
from health_tap_core.record import VendorRecord
from tap_withings.fields import data_fields
from tap_withings.schemas import WITHINGS
from tap_withings.streams.periods import by_days

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient
    from tap_withings.fields import Fields
    from tap_withings.services import Form, Service


class Collection(ChangesStream):
    """Rows with a local day, fields on demand, and a time of change."""

    replication_key = "modified"
    dialect = WITHINGS
    # The year of Withings' first tracker. What is dated before comes with the changes.
    earliest = datetime(2013, 1, 1, tzinfo=timezone.utc)
    # Answers for more than 200 days were once cut off, without an error.
    window_length = timedelta(days=180)

    service: ClassVar[Service]
    fields: ClassVar[Fields]

    def question(self, window: Window) -> Form:
        """What asks for a window."""
        return {**by_days(window), "data_fields": data_fields(self.fields)}

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """Every page of the window."""
        client: WithingsClient = account.client
        return map(VendorRecord, client.listed(self.service, **self.question(window)))
