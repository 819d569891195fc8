"""Sleep sessions and their stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.errors import MalformedAnswerError
from health_tap_core.record import VendorRecord
from tap_withings import fields, schemas
from tap_withings.services import SLEEP_STATES, SLEEP_SUMMARIES
from tap_withings.streams.collection import Collection
from tap_withings.streams.periods import daily_slices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


class _Session(msgspec.Struct):
    id: int
    startdate: int
    enddate: int


class SleepSummary(Collection):
    """Nights and naps. Two on one date are usual, so the id is the key."""

    name = "sleep_summary"
    primary_keys = ("id",)
    schema = record_schema(schemas.SLEEP_SUMMARY, keys=primary_keys)
    service = SLEEP_SUMMARIES
    fields = fields.SLEEP


class SleepStages(Collection):
    """The stages of each sleep session. Opt-in: a request for each session that is new or changed.

    A session is always read whole: rows of a session that are older (``synced_at``) than its newest
    are stages that Withings has taken out of it. Devices that slept beside each other are told
    apart by ``model_id``.
    """

    name = "sleep_stages"
    primary_keys = ("sleep_id", "model_id", "startdate", "state")
    replication_key = "startdate"
    schema = record_schema(schemas.SLEEP_STAGES, keys=primary_keys)
    service = SLEEP_SUMMARIES
    fields = fields.SLEEP
    selected_by_default = False

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """The stages of every session of the window."""
        client: WithingsClient = account.client
        names = fields.data_fields(fields.SLEEP_STATE)
        for summary in client.listed(self.service, **self.question(window)):
            try:
                session = msgspec.json.decode(summary, type=_Session)
            except msgspec.MsgspecError:
                raise MalformedAnswerError("A sleep session has no id, begin or end.") from None
            for part in daily_slices(session.startdate, session.enddate):
                for _, states in client.pages(SLEEP_STATES, **part, data_fields=names):
                    for state in states:
                        yield VendorRecord(state, {"sleep_id": session.id})
