"""The tap for WHOOP."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from health_tap_core.errors import MalformedAnswerError
from health_tap_core.settings import shared_settings
from health_tap_core.tap import HealthTap
from tap_whoop import streams
from tap_whoop.client import WhoopClient
from tap_whoop.oauth import WHOOP_OAUTH

if TYPE_CHECKING:
    import requests

    from health_tap_core.oauth.authenticator import AccountAuth


class _Profile(msgspec.Struct):
    user_id: int


class TapWhoop(HealthTap):
    """Singer tap for the WHOOP API v2."""

    name = "tap-whoop"
    package_name = "tap-whoop"
    provider = WHOOP_OAUTH
    config_jsonschema = shared_settings(
        tap="tap-whoop",
        provider=WHOOP_OAUTH,
        api_url="https://api.prod.whoop.com/developer",
        # WHOOP permits 100 (https://developer.whoop.com/docs/developing/rate-limiting).
        requests_per_minute=95,
        # Closed cycles were seen to change up to 70 hours after their end.
        lookback_minimum=4,
    )
    stream_classes = (
        streams.UserBasicProfile,
        streams.UserBodyMeasurement,
        streams.Cycles,
        streams.Sleeps,
        streams.Recoveries,
        streams.Workouts,
    )

    def open_client(self, session: requests.Session, auth: AccountAuth) -> WhoopClient:
        """The WHOOP client for one account."""
        return WhoopClient(
            self.config["api_url"], session, auth, clock=self.clock, sleep=self.sleep
        )

    def identify(self, client: WhoopClient) -> int:
        """The member's id, from the profile."""
        try:
            return msgspec.json.decode(client.profile(), type=_Profile).user_id
        except msgspec.MsgspecError:
            raise MalformedAnswerError("WHOOP's profile names no user id.") from None
