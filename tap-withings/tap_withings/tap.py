"""The tap for Withings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.errors import GrantError, MalformedAnswerError, QuotaExhaustedError, SyncError
from health_tap_core.tap import HealthTap
from tap_withings.client import WithingsClient
from tap_withings.oauth import WITHINGS_OAUTH
from tap_withings.settings import SETTINGS
from tap_withings.streams import STREAMS

if TYPE_CHECKING:
    import requests

    from health_tap_core.oauth.authenticator import AccountAuth


class TapWithings(HealthTap):
    """Singer tap for the Withings API."""

    name = "tap-withings"
    package_name = "tap-withings"
    provider = WITHINGS_OAUTH
    config_jsonschema = SETTINGS
    stream_classes = STREAMS

    def open_client(self, session: requests.Session, auth: AccountAuth) -> WithingsClient:
        """The Withings client for one account."""
        return WithingsClient(
            self.config["api_url"], session, auth, clock=self.clock, sleep=self.sleep
        )

    def identify(self, client: WithingsClient) -> str:
        """The user, from the grant. The devices are asked for here, to hear Withings' clock."""
        user_id = client.grant().user_id
        if not user_id:
            raise MalformedAnswerError("Withings' token answer names no user.")
        try:
            client.devices()
        except (GrantError, QuotaExhaustedError):
            raise
        except SyncError:
            pass  # the stream devices asks again, and reports it
        return user_id
