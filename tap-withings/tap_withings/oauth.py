"""Withings' OAuth 2.0, as https://developer.withings.com/api-reference#tag/oauth2 describes it.

Every answer comes with HTTP 200: ``status`` tells whether it worked, ``body`` holds the tokens. A
replaced refresh token ends "8 hours after new issuance or once the new access_token is used".
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

import msgspec
import requests
from msgspec.structs import replace

from health_tap_core.oauth.provider import (
    NotTokensError,
    Provider,
    Refused,
    Revocation,
    TokenAnswer,
    decode_answer,
)
from tap_withings.envelope import Envelope
from tap_withings.statuses import OK, TOO_MANY_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What Withings' sentence begins with, and what RFC 6749 (5.2) calls it. Status 503 says all of it.
_MEANINGS = {
    "invalid refresh_token": "invalid_grant",
    "invalid code": "invalid_grant",
    "invalid client": "invalid_client",
}


class _User(msgspec.Struct):
    """Withings sends the user's number as text with a code, as a number with a refresh."""

    userid: str | int = ""


def read_answer(response: requests.Response) -> TokenAnswer:
    """Read a token answer out of Withings' envelope.

    Raises:
        Refused: The status is not 0.
        NotTokensError: It is no envelope, or holds no tokens.
    """
    envelope = _open(response)
    if envelope.status != OK:
        raise Refused(_meaning(envelope), envelope.status)
    try:
        user = msgspec.json.decode(envelope.body, type=_User)
    except msgspec.MsgspecError:
        user = _User()
    return replace(decode_answer(envelope.body), user_id=str(user.userid))


def _meaning(envelope: Envelope) -> str:
    said = str(envelope.error).lower()
    for words, code in _MEANINGS.items():
        if words in said:
            return code
    return "temporarily_unavailable" if envelope.status == TOO_MANY_REQUESTS else ""


def _open(response: requests.Response) -> Envelope:
    try:
        return msgspec.json.decode(response.content, type=Envelope)
    except msgspec.MsgspecError:
        if response.ok:
            raise NotTokensError from None
        raise Refused("", response.status_code) from None


def _revoke(grant: Revocation) -> None:
    """``action=revoke``, signed with a nonce (Signature v2).

    Raises:
        requests.RequestException: Withings did not do it.
    """
    nonce = _send(
        grant,
        f"{grant.api_url}/v2/signature",
        {"action": "getnonce", "client_id": grant.client_id, "timestamp": str(int(time.time()))},
    )["nonce"]
    form = {"action": "revoke", "client_id": grant.client_id, "nonce": str(nonce)}
    _send(grant, grant.token_url, form, userid=grant.user_id)


def _send(grant: Revocation, url: str, form: Mapping[str, str], **unsigned: str) -> dict[str, Any]:
    """Post a form, signed: HMAC-SHA256 over its values in the order of their names."""
    message = ",".join(form[name] for name in sorted(form))
    signature = hmac.new(grant.client_secret.encode(), message.encode(), hashlib.sha256)
    signed = {**form, **unsigned, "signature": signature.hexdigest()}
    response = grant.session.post(url, data=signed)
    response.raise_for_status()
    try:
        envelope = _open(response)
        if envelope.status == OK:
            body: dict[str, Any] = msgspec.json.decode(envelope.body)
            return body
    except (NotTokensError, msgspec.MsgspecError):
        raise requests.RequestException("Withings' answer cannot be read") from None
    raise requests.RequestException(f"Withings answered with status {envelope.status}")


WITHINGS_OAUTH = Provider(
    name="Withings",
    authorize_url="https://account.withings.com/oauth2_user/authorize2",
    token_url="https://wbsapi.withings.net/v2/oauth2",  # noqa: S106 (an address)
    scopes=("user.info", "user.metrics", "user.activity", "user.sleepevents"),
    scope_separator=",",
    token_form={"action": "requesttoken"},
    read=read_answer,
    previous_token_lifetime=8 * 3600,
    revoke=_revoke,
)
