"""``tap-withings-auth``: begin, see, take over and end grants."""

from health_tap_core.oauth.cli import auth_command
from tap_withings.oauth import WITHINGS_OAUTH
from tap_withings.settings import SETTINGS

cli = auth_command("tap-withings", WITHINGS_OAUTH, SETTINGS)
