"""Withings' dialect of OAuth 2.0, spoken with the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from health_sandbox.server import SandboxServer
from health_tap_core.errors import ClientRejectedError, GrantDeadError, RefreshFailedError
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint
from tap_withings.oauth import WITHINGS_OAUTH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from requests_mock import Mocker

CLIENT = OAuthClient("sandbox-client", "sandbox-secret", "tests")
URL = "https://vendor.test/v2/oauth2"


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    # The signature of a revocation carries the machine's time.
    with SandboxServer() as server:
        yield server


def endpoint(sandbox: SandboxServer, client: OAuthClient = CLIENT) -> TokenEndpoint:
    return TokenEndpoint(WITHINGS_OAUTH, client, f"{sandbox.url}/withings/v2/oauth2")


def refresh_token(sandbox: SandboxServer) -> str:
    return str(sandbox.vendor("withings").grant("ana")["refresh_token"])


def devices(sandbox: SandboxServer, access_token: str) -> int:
    """The status of a data call: 0, or why not."""
    answer = requests.post(
        f"{sandbox.url}/withings/v2/user",
        data={"action": "getdevice"},
        headers={"Authorization": f"Bearer {access_token}"},
        timeout=10,
    )
    return int(answer.json()["status"])


def test_a_refresh_gives_the_next_tokens_and_the_user(sandbox: SandboxServer) -> None:
    answer = endpoint(sandbox).refresh(refresh_token(sandbox))
    assert answer.expires_in == 10800
    assert answer.scope == "user.info,user.metrics,user.activity,user.sleepevents"
    users = {str(m["user_id"]) for m in sandbox.vendor("withings").members() if m["name"] == "ana"}
    assert {answer.user_id} == users
    assert devices(sandbox, answer.access_token) == 0


def test_the_old_refresh_token_serves_until_the_new_access_token_was_used(
    sandbox: SandboxServer,
) -> None:
    old = refresh_token(sandbox)
    endpoint(sandbox).refresh(old)
    again = endpoint(sandbox).refresh(old)
    assert devices(sandbox, again.access_token) == 0
    with pytest.raises(GrantDeadError, match=r"no longer accepts the refresh token \(invalid_gr"):
        endpoint(sandbox).refresh(old)


def test_a_wrong_client_is_told_from_a_dead_grant(sandbox: SandboxServer) -> None:
    stranger = OAuthClient("sandbox-client", "wrong", "tests")
    with pytest.raises(ClientRejectedError):
        endpoint(sandbox, stranger).refresh(refresh_token(sandbox))


def test_a_revocation_is_signed_and_ends_the_grant(sandbox: SandboxServer) -> None:
    subject = endpoint(sandbox)
    answer = subject.refresh(refresh_token(sandbox))
    subject.revoke(
        f"{sandbox.url}/withings",
        access_token=answer.access_token,
        user_id=str(answer.user_id),
    )
    assert devices(sandbox, answer.access_token) == 401
    with pytest.raises(GrantDeadError):
        subject.refresh(str(answer.refresh_token))


def test_a_revocation_that_withings_refuses_is_an_error(sandbox: SandboxServer) -> None:
    with pytest.raises(requests.RequestException, match="status 247"):
        endpoint(sandbox).revoke(f"{sandbox.url}/withings", access_token="", user_id="1")


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (200, '{"status":601,"body":{"wait_seconds":9}}', RefreshFailedError, "601 temporarily"),
        (200, '{"status":503,"error":"Invalid Params"}', RefreshFailedError, "answered 503"),
        (200, '{"status":2555,"body":{}}', RefreshFailedError, "answered 2555"),
        (200, '{"status":0,"body":{}}', RefreshFailedError, "but not with tokens"),
        (200, '{"status":0,"body":[]}', RefreshFailedError, "but not with tokens"),
        (200, "<html>", RefreshFailedError, "but not with tokens"),
        (200, '{"access_token":"a","refresh_token":"r"}', RefreshFailedError, "not with tokens"),
        (502, "<html>", RefreshFailedError, "answered 502"),
    ],
)
def test_what_is_neither_yes_nor_no_keeps_the_refresh_token(
    requests_mock: Mocker, status: int, body: str, error: type[Exception], message: str
) -> None:
    requests_mock.post(URL, status_code=status, text=body)
    with pytest.raises(error, match=message):
        TokenEndpoint(WITHINGS_OAUTH, CLIENT, URL).refresh("r-1")


def test_a_number_or_no_user_at_all_never_spoils_the_tokens(requests_mock: Mocker) -> None:
    tokens = '"access_token":"a","refresh_token":"r","expires_in":"10800"'
    for user, expected in (("7", "7"), ('"7"', "7"), ("null", ""), ("{}", "")):
        requests_mock.post(URL, text=f'{{"status":0,"body":{{{tokens},"userid":{user}}}}}')
        assert TokenEndpoint(WITHINGS_OAUTH, CLIENT, URL).refresh("r-1").user_id == expected
