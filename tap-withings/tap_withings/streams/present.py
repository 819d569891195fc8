"""What Withings only knows as it is now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from health_tap_core.columns import record_schema
from health_tap_core.record import VendorRecord
from health_tap_core.snapshot_stream import SnapshotStream
from tap_withings import schemas
from tap_withings.envelope import decode_object
from tap_withings.pages import malformed
from tap_withings.schemas import WITHINGS
from tap_withings.services import GOALS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_withings.client import WithingsClient


class Profile(SnapshotStream):
    """Who the user is, as far as the token answer says. Costs no request."""

    name = "profile"
    primary_keys = ("user_id",)
    schema = record_schema(schemas.PROFILE, keys=primary_keys)
    dialect = replace(WITHINGS, aliases={"userid": "user_id"})

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:  # noqa: ARG002
        """The user and the scopes."""
        client: WithingsClient = account.client
        grant = client.grant()
        told = msgspec.json.encode({"userid": grant.user_id, "scope": grant.scope})
        return [VendorRecord(msgspec.Raw(told))]


class Devices(SnapshotStream):
    """The devices that the user has linked."""

    name = "devices"
    primary_keys = ("user_id", "deviceid")
    schema = record_schema(schemas.DEVICES, keys=primary_keys)
    dialect = WITHINGS

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:  # noqa: ARG002
        """The devices, which were asked for when the run began."""
        client: WithingsClient = account.client
        return map(VendorRecord, client.devices())


class Goals(SnapshotStream):
    """The user's goals. One row, without values when there are none."""

    name = "goals"
    primary_keys = ("user_id",)
    schema = record_schema(schemas.GOALS, keys=primary_keys)
    dialect = WITHINGS

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:  # noqa: ARG002
        """The goals. No goals come as an empty list.

        Raises:
            MalformedAnswerError: The answer holds neither.
        """
        client: WithingsClient = account.client
        goals = client.fields(GOALS)[GOALS.container]
        try:
            return [VendorRecord(goals if decode_object(goals) else msgspec.Raw(b"{}"))]
        except msgspec.MsgspecError:
            raise malformed(GOALS) from None
