"""``tap-whoop-auth``: begin, see, take over and end grants."""

from health_tap_core.oauth.cli import auth_command
from tap_whoop.oauth import WHOOP_OAUTH
from tap_whoop.tap import TapWhoop

cli = auth_command(
    "tap-whoop",
    WHOOP_OAUTH,
    TapWhoop.config_jsonschema,
    # https://developer.whoop.com/docs/developing/rate-limiting; WHOOP gives more on request.
    requests_per_day=10_000,
)
