"""Vendors that speak OAuth 2.0 in their own way: a provider describes them, the rest stays."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from health_tap_core.errors import ClientRejectedError, GrantDeadError, RefreshFailedError
from health_tap_core.oauth.provider import NotTokensError, Provider, Refused, decode_answer
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint

if TYPE_CHECKING:
    from pathlib import Path

    import requests
    from requests_mock import Mocker

    from health_tap_core.oauth.provider import TokenAnswer

    from .conftest import Rig

TOKEN_URL = "https://vendor.test/token"
DEAD = {"status_code": 400, "json": {"error": "invalid_grant"}}
HOUR = 3600.0


class Envelope(msgspec.Struct):
    """Always HTTP 200; what happened is a number inside."""

    status: int
    body: msgspec.Raw = msgspec.Raw(b"{}")


def read_envelope(response: requests.Response) -> TokenAnswer:
    try:
        envelope = msgspec.json.decode(response.content, type=Envelope)
    except msgspec.MsgspecError:
        raise NotTokensError from None
    if envelope.status:
        codes = {503: "invalid_grant", 601: "invalid_client"}
        raise Refused(codes.get(envelope.status, ""), envelope.status)
    return decode_answer(envelope.body)


ENVELOPES = Provider(
    name="Vendor",
    authorize_url="https://vendor.test/authorize",
    token_url=TOKEN_URL,
    scopes=("user.info", "user.metrics"),
    scope_separator=",",
    token_form={"action": "requesttoken"},
    read=read_envelope,
    previous_token_lifetime=8 * HOUR,
)


@pytest.fixture
def rig(rig: Rig) -> Rig:
    rig.provider = ENVELOPES
    return rig


def answer(number: int) -> dict[str, Any]:
    tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
    body = {**tokens, "expires_in": 3600, "scope": "user.info,user.metrics", "user_id": "7"}
    return {"json": {"status": 0, "body": body}}


def refused(status: int) -> dict[str, Any]:
    return {"json": {"status": status, "error": "whatever"}}


def sent(requests_mock: Mocker) -> list[str]:
    """The refresh tokens that the vendor was sent."""
    parts = (request.text.split("&") for request in requests_mock.request_history)
    return [part[14:] for form in parts for part in form if part.startswith("refresh_token=")]


def test_an_envelope_is_opened_and_the_form_carries_what_the_vendor_wants(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [answer(1)])
    assert rig.authenticator().access_token("ana") == "access-1"
    assert requests_mock.last_request
    assert requests_mock.last_request.text == (
        "action=requesttoken&grant_type=refresh_token&refresh_token=seed-1"
        "&client_id=id&client_secret=s3cret"
    )
    assert (rig.load().scope, rig.load().user_id) == ("user.info user.metrics", "7")


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (refused(503), GrantDeadError),
        (refused(601), ClientRejectedError),
        (refused(2555), RefreshFailedError),
        ({"text": "<html>"}, RefreshFailedError),
        ({"json": {"status": 0}}, RefreshFailedError),
    ],
)
def test_an_envelopes_number_decides_and_not_the_http_status(
    rig: Rig, requests_mock: Mocker, reply: dict[str, Any], error: type[Exception]
) -> None:
    requests_mock.post(TOKEN_URL, [reply])
    with pytest.raises(error):
        rig.authenticator().access_token("ana")


def test_the_previous_refresh_token_helps_while_the_vendor_still_takes_it(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [answer(1), refused(503), answer(2)])
    rig.authenticator().access_token("ana")
    assert rig.load().previous_refresh_token == "seed-1"
    rig.now += 8 * HOUR - 1
    assert rig.authenticator().access_token("ana") == "access-2"
    assert sent(requests_mock) == ["seed-1", "refresh-1", "seed-1"]
    stored = rig.load()
    assert (stored.refresh_token, stored.previous_refresh_token) == ("refresh-2", "seed-1")


def test_the_previous_refresh_token_is_not_tried_later(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, [answer(1), refused(503)])
    rig.authenticator().access_token("ana")
    rig.now += 8 * HOUR
    with pytest.raises(GrantDeadError):
        rig.authenticator().access_token("ana")
    assert sent(requests_mock) == ["seed-1", "refresh-1"]


def test_a_lost_answer_is_no_reason_to_try_the_previous_token(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [answer(1), refused(2555)])
    rig.authenticator().access_token("ana")
    rig.now += HOUR
    with pytest.raises(RefreshFailedError):
        rig.authenticator().access_token("ana")
    assert sent(requests_mock) == ["seed-1", "refresh-1"]
    assert not rig.load().dead_since


def test_without_such_a_lifetime_no_previous_token_is_kept(rig: Rig, requests_mock: Mocker) -> None:
    rig.provider = replace(ENVELOPES, previous_token_lifetime=0)
    requests_mock.post(TOKEN_URL, [answer(1)])
    rig.authenticator().access_token("ana")
    assert rig.load().previous_refresh_token == ""


def test_http_basic_keeps_id_and_secret_out_of_the_form(rig: Rig, requests_mock: Mocker) -> None:
    rig.provider = replace(ENVELOPES, client_authentication="basic")
    requests_mock.post(TOKEN_URL, [answer(1)])
    rig.authenticator().access_token("ana")
    assert requests_mock.last_request
    assert requests_mock.last_request.headers["Authorization"] == "Basic aWQ6czNjcmV0"
    assert "client" not in requests_mock.last_request.text


def test_a_password_in_netrc_goes_nowhere(
    rig: Rig, requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login me password my-other-password")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    rig.save(refresh_token="refresh-1")
    requests_mock.post(TOKEN_URL, [answer(2)])
    assert rig.authenticator().access_token("ana") == "access-2"
    assert requests_mock.last_request
    assert "Authorization" not in requests_mock.last_request.headers


def test_a_code_is_exchanged_with_its_redirect_and_verifier(requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, [answer(1), refused(503)])
    endpoint = TokenEndpoint(ENVELOPES, OAuthClient("id", "s3cret", "test"), TOKEN_URL)
    tokens = endpoint.exchange("the-code", "http://localhost/callback", "the-verifier")
    assert tokens.refresh_token == "refresh-1"
    assert requests_mock.last_request
    assert requests_mock.last_request.text == (
        "action=requesttoken&grant_type=authorization_code&code=the-code"
        "&redirect_uri=http%3A%2F%2Flocalhost%2Fcallback&code_verifier=the-verifier"
        "&client_id=id&client_secret=s3cret"
    )
    with pytest.raises(GrantDeadError, match="no longer accepts the code") as caught:
        endpoint.exchange("the-code", "http://localhost/callback")
    assert "the-code" not in str(caught.value)
    assert "code_verifier" not in requests_mock.last_request.text
