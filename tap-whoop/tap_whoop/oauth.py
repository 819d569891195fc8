"""WHOOP's OAuth 2.0, as https://developer.whoop.com/docs/developing/oauth describes it.

Refreshing needs client id and secret in the form and ``scope=offline``; every refresh returns a new
refresh token and ends the old one at once.
"""

from health_tap_core.provider import Provider

WHOOP_OAUTH = Provider(
    name="WHOOP",
    token_url="https://api.prod.whoop.com/oauth/oauth2/token",  # noqa: S106 (an address)
    refresh_scope="offline",
)
