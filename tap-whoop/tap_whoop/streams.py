"""WHOOP's streams. Paths, scopes and keys: https://developer.whoop.com/api."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, ClassVar

from health_tap_core.errors import NotFoundError
from health_tap_core.record import VendorRecord
from health_tap_core.schema import ComponentSchema
from health_tap_core.snapshot_stream import SnapshotStream
from health_tap_core.windowed_stream import WindowedStream
from tap_whoop.schemas import WHOOP

if TYPE_CHECKING:
    from collections.abc import Iterable

    from health_tap_core.account import Account
    from health_tap_core.window import Window
    from tap_whoop.client import WhoopClient


class UserBasicProfile(SnapshotStream):
    """Who the member is. Personal data: name and e-mail address."""

    name = "user_basic_profile"
    primary_keys = ("user_id",)
    schema = ComponentSchema(WHOOP, key="UserBasicProfile")

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:  # noqa: ARG002
        """The profile, which was already asked for to learn the user id."""
        return [VendorRecord(account.client.profile())]


class UserBodyMeasurement(SnapshotStream):
    """Height, weight and maximum heart rate as the member's profile has them now; no history."""

    name = "user_body_measurement"
    primary_keys = ("user_id",)
    schema = ComponentSchema(WHOOP, key="UserBodyMeasurement")

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:  # noqa: ARG002
        """The measurement, keyed by the profile's user id, since it names none itself."""
        account.client.profile()
        try:
            return [VendorRecord(account.client.body_measurement())]
        except NotFoundError:
            self.logger.warning(
                "%s: WHOOP has no body measurement of account %r.", self.name, account.name
            )
            return []


class Collection(WindowedStream):
    """A collection of the API: newest first, filtered by overlap with the activity's own time."""

    replication_key = "updated_at"
    earliest = datetime(2012, 1, 1, tzinfo=timezone.utc)  # the year in which WHOOP was founded
    # Some twenty pages: what a run that is cut off has to read again at most.
    window_length = timedelta(days=365)

    path: ClassVar[str]
    scope: ClassVar[str]

    def read(self, account: Account, window: Window) -> Iterable[VendorRecord]:
        """Every page of the window."""
        client: WhoopClient = account.client
        return map(VendorRecord, client.collection(self.path, window, scope=self.scope))


class Cycles(Collection):
    """Physiological cycles, from one falling asleep to the next. The open one has no end."""

    name = "cycles"
    primary_keys = ("id",)
    schema = ComponentSchema(WHOOP, key="Cycle")
    path = "/v2/cycle"
    scope = "read:cycles"


class Sleeps(Collection):
    """Nights and naps, in bed to out of bed."""

    name = "sleeps"
    primary_keys = ("id",)
    schema = ComponentSchema(WHOOP, key="Sleep")
    path = "/v2/activity/sleep"
    scope = "read:sleep"


class Recoveries(Collection):
    """Recovery scores. One per cycle: a replaced night keeps the cycle and changes sleep_id."""

    name = "recoveries"
    primary_keys = ("cycle_id",)
    schema = ComponentSchema(WHOOP, key="Recovery")
    path = "/v2/recovery"
    scope = "read:recovery"


class Workouts(Collection):
    """Workouts and other activities. They name no cycle: join by time."""

    name = "workouts"
    primary_keys = ("id",)
    schema = ComponentSchema(WHOOP, key="WorkoutV2")
    path = "/v2/activity/workout"
    scope = "read:workout"
