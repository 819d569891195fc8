"""WHOOP's OAuth 2.0, as https://developer.whoop.com/docs/developing/oauth describes it.

Refreshing needs client id and secret in the form and ``scope=offline``; every refresh returns a new
refresh token and ends the old one at once. PKCE is not documented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from health_tap_core.oauth.provider import Provider

if TYPE_CHECKING:
    from health_tap_core.oauth.provider import Revocation


def _revoke(grant: Revocation) -> None:
    """``DELETE /v2/user/access`` (https://developer.whoop.com/api, Revoke User OAuth Access)."""
    grant.session.delete(
        f"{grant.api_url}/v2/user/access",
        headers={"Authorization": f"Bearer {grant.access_token}"},
    ).raise_for_status()


WHOOP_OAUTH = Provider(
    name="WHOOP",
    authorize_url="https://api.prod.whoop.com/oauth/oauth2/auth",
    token_url="https://api.prod.whoop.com/oauth/oauth2/token",  # noqa: S106 (an address)
    scopes=(
        "read:profile",
        "read:body_measurement",
        "read:cycles",
        "read:recovery",
        "read:sleep",
        "read:workout",
        "offline",
    ),
    offline_scope="offline",
    revoke=_revoke,
)
