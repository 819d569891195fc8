"""The settings of tap-withings."""

from health_tap_core.settings import shared_settings
from tap_withings.oauth import WITHINGS_OAUTH

SETTINGS = shared_settings(
    tap="tap-withings",
    provider=WITHINGS_OAUTH,
    api_url="https://wbsapi.withings.net",
    # Withings permits 120 for each application
    # (https://developer.withings.com/developer-guide/v3/data-api/keep-user-data-up-to-date).
    requests_per_minute=110,
    # Only intraday entries depend on it: what else changes late is asked for by change.
    lookback_minimum=1,
)
