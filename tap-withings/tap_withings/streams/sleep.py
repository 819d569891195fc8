"""Sleep sessions and their stages."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.record import VendorRecord
from tap_withings import fields, schemas
from tap_withings.envelope import decode_object, decode_whole
from tap_withings.pages import malformed
from tap_withings.services import SLEEP_STATES, SLEEP_SUMMARIES
from tap_withings.streams.collection import Collection
from tap_withings.streams.periods import daily_slices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


#: Seconds that no sleep session lasts.
_LONGEST = 7 * 86_400


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
    rereads_history = False
    test_span = timedelta(days=3)

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """The stages of every session of the window."""
        client: WithingsClient = account.client
        names = fields.data_fields(fields.SLEEP_STATE)
        found = client.listed(self.service, **self.question(window))
        for sleep_id, (start, end) in self._sessions(found, account).items():
            for part in daily_slices(start, end):
                for page in client.pages(SLEEP_STATES, **part, data_fields=names):
                    for state in page.records:
                        yield VendorRecord(state, {"sleep_id": sleep_id})

    def _sessions(
        self, summaries: list[msgspec.Raw], account: Account
    ) -> dict[int, tuple[int, int]]:
        """Begin and end of each session, in seconds; of one that comes twice, the newer one's."""
        sessions: dict[int, tuple[int, int]] = {}
        changed: dict[int, int] = {}
        for summary in summaries:
            try:
                told = decode_object(summary)
                sleep_id, start, end, modified = (
                    decode_whole(told.get(name))
                    for name in ("id", "startdate", "enddate", "modified")
                )
            except msgspec.MsgspecError:
                raise malformed(self.service) from None
            end = end or math.ceil(account.run_end.timestamp())  # not over yet
            if not 0 < end - start < _LONGEST:
                self.logger.warning(
                    "%s: session %d begins and ends at times that no night has. Its stages are "
                    "not read.",
                    self.name,
                    sleep_id,
                )
            elif modified >= changed.get(sleep_id, 0):
                sessions[sleep_id], changed[sleep_id] = (start, end), modified
        return sessions
