"""One attempt to log in: the address, the answer, the grant."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests

from health_tap_core.errors import ClientRejectedError, TokenStoreError
from health_tap_core.oauth.enrolment import Enrolment, LivingGrantError
from health_tap_core.oauth.grant import Grant, fingerprint
from health_tap_core.oauth.login import Login, LoginError, StrayAnswerError, challenge
from health_tap_core.oauth.provider import Provider
from health_tap_core.oauth.stores import open_store
from health_tap_core.oauth.token_endpoint import OAuthClient, TokenEndpoint

if TYPE_CHECKING:
    from requests_mock import Mocker

    from health_tap_core.oauth.stores.base import TokenStore

NOW = 1_000_000.0
REDIRECT = "http://localhost:8970/callback"
VENDOR = Provider(
    name="Vendor",
    authorize_url="https://vendor.test/allow",
    token_url="https://vendor.test/token",
    scopes=("read:a", "read:b", "offline"),
    offline_scope="offline",
)
ANSWER = {
    "access_token": "access-1",
    "refresh_token": "refresh-1",
    "expires_in": 600,
    "scope": "read:a,read:b",
}


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return open_store(str(tmp_path / "grants"), "Vendor")


def login(store: TokenStore, provider: Provider = VENDOR, **enrolment: Any) -> Login:
    client = OAuthClient("id", "s3cret", "test")
    return Login(
        provider,
        TokenEndpoint(provider, client, provider.token_url),
        Enrolment(store, "ana", "id", machine_clock=lambda: NOW, **enrolment),
        provider.authorize_url,
        REDIRECT,
    )


def back(attempt: Login, **answer: str) -> str:
    return f"{REDIRECT}?{urlencode({'state': attempt.state, **answer})}"


def test_the_address_asks_for_everything_in_the_vendors_words(store: TokenStore) -> None:
    attempt = login(store)
    address = urlsplit(attempt.url)
    assert address._replace(query="").geturl() == "https://vendor.test/allow"
    assert dict(parse_qsl(address.query)) == {
        "response_type": "code",
        "client_id": "id",
        "redirect_uri": REDIRECT,
        "scope": "read:a read:b offline",
        "state": attempt.state,
    }
    assert "+" not in address.query
    commas = login(store, replace(VENDOR, scope_separator=",", authorize_url="https://v.test/?m=1"))
    query = parse_qs(urlsplit(commas.url).query)
    assert (query["scope"], query["m"]) == (["read:a,read:b,offline"], ["1"])


def test_every_attempt_has_a_state_of_its_own(store: TokenStore) -> None:
    states = {login(store).state for _ in range(50)}
    assert len(states) == 50
    assert min(map(len, states)) >= 43


def test_the_code_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_vendor_that_takes_a_code_challenge_gets_its_verifier(
    store: TokenStore, requests_mock: Mocker
) -> None:
    requests_mock.post(VENDOR.token_url, json=ANSWER)
    attempt = login(store, replace(VENDOR, pkce=True))
    query = dict(parse_qsl(urlsplit(attempt.url).query))
    attempt.finish(back(attempt, code="c"))
    assert requests_mock.last_request
    form = dict(parse_qsl(requests_mock.last_request.text))
    assert query["code_challenge_method"] == "S256"
    assert query["code_challenge"] == challenge(form["code_verifier"])
    assert len(form["code_verifier"]) >= 43


@pytest.mark.parametrize("shorten", ["{}", "  {}\n", "?{query}", "{query}"])
def test_the_code_becomes_a_stored_grant(
    store: TokenStore, requests_mock: Mocker, shorten: str
) -> None:
    requests_mock.post(VENDOR.token_url, json={**ANSWER, "user_id": "u1"})
    attempt = login(store, seed="seed")
    address = back(attempt, code="c0de")
    saved = attempt.finish(shorten.format(address, query=urlsplit(address).query))
    assert saved == store.load("ana")
    assert saved == Grant(
        provider="Vendor",
        account="ana",
        version=1,
        client=fingerprint("id"),
        user_id="u1",
        refresh_token="refresh-1",
        access_token="access-1",
        expires_at=NOW + 600,
        scope="read:a read:b",
        obtained_at=NOW,
        seed_hash=fingerprint("seed"),
    )
    assert requests_mock.last_request
    assert dict(parse_qsl(requests_mock.last_request.text)) == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": REDIRECT,
        "client_id": "id",
        "client_secret": "s3cret",
    }


@pytest.mark.parametrize("dead_since", [0.0, 5.0])
def test_it_replaces_whatever_grant_there_was(
    store: TokenStore, requests_mock: Mocker, dead_since: float
) -> None:
    requests_mock.post(VENDOR.token_url, json=ANSWER)
    with store.lock("ana") as held:
        held.save(Grant(refresh_token="old", previous_refresh_token="o", dead_since=dead_since))
    attempt = login(store)
    saved = attempt.finish(back(attempt, code="c"))
    assert (saved.version, saved.refresh_token, saved.previous_refresh_token) == (
        2,
        "refresh-1",
        "",
    )
    assert (saved.dead_since, saved.seed_hash) == (0, "")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("code=c&state=other", "answer to another login"),
        ("code=c&state=%E2%80%A6", "answer to another login"),
        ("code=c", "holds no answer to a login"),
        ("error=access_denied", "holds no answer to a login"),
        ("hello", "holds no answer to a login"),
        ("http://[", "holds no answer to a login"),
        ("state={state}", "holds no code. Take the one that Vendor sends you to"),
        ("{url}", "holds no code"),
    ],
)
def test_what_is_no_answer_to_this_login_spends_nothing(
    store: TokenStore, requests_mock: Mocker, query: str, message: str
) -> None:
    attempt = login(store)
    with pytest.raises(StrayAnswerError, match=message):
        attempt.finish(query.format(state=attempt.state, url=attempt.url))
    assert requests_mock.call_count == 0
    requests_mock.post(VENDOR.token_url, json=ANSWER)
    assert attempt.finish(back(attempt, code="c"))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        ("access_denied", r"^Access was not allowed at Vendor\. Nothing was changed\.$"),
        ("invalid_scope", "Enable all of these for your app .* read:a, read:b, offline"),
        ("server_error", "failure of its own"),
        ("temporarily_unavailable", "busy"),
        ("unauthorized_client", r"\(unauthorized_client\)\. Compare client_id and redirect_uri"),
        ("<b>\n x", r"refused the request \( b x\)"),
    ],
)
def test_a_refusal_is_told_in_words(store: TokenStore, error: str, message: str) -> None:
    attempt = login(store)
    with pytest.raises(LoginError, match=message) as caught:
        attempt.finish(back(attempt, error=error))
    assert not isinstance(caught.value, StrayAnswerError)
    assert store.load("ana") is None


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        ({"status_code": 400, "json": {"error": "invalid_grant"}}, "no longer accepts this answer"),
        ({"exc": requests.ConnectTimeout}, "gave no answer .* Nothing was changed"),
        ({"text": "<html>"}, "not with tokens"),
        ({"json": {**ANSWER, "refresh_token": None}}, "the scope 'offline' is missing. Enable it"),
        ({"json": {**ANSWER, "refresh_token": ""}}, "the scope 'offline' is missing"),
    ],
)
def test_an_exchange_that_fails_leaves_the_old_grant(
    store: TokenStore, requests_mock: Mocker, reply: dict[str, Any], message: str
) -> None:
    with store.lock("ana") as held:
        held.save(Grant(refresh_token="old"))
    before = store.read("ana")
    requests_mock.post(VENDOR.token_url, **reply)
    attempt = login(store)
    with pytest.raises(LoginError, match=message):
        attempt.finish(back(attempt, code="c"))
    assert store.read("ana") == before


def test_a_vendor_without_such_a_scope_gave_no_refresh_token(
    store: TokenStore, requests_mock: Mocker
) -> None:
    requests_mock.post(VENDOR.token_url, json={"access_token": "a"})
    attempt = login(store, replace(VENDOR, offline_scope=""))
    with pytest.raises(
        LoginError, match=r"gave no refresh token, so access would have ended soon\."
    ):
        attempt.finish(back(attempt, code="c"))


def test_a_wrong_client_secret_is_named(store: TokenStore, requests_mock: Mocker) -> None:
    requests_mock.post(VENDOR.token_url, status_code=401, json={"error": "invalid_client"})
    attempt = login(store)
    with pytest.raises(ClientRejectedError, match="client_id and client_secret"):
        attempt.finish(back(attempt, code="c"))


def test_an_unreadable_grant_is_neither_replaced_nor_is_a_code_spent(
    store: TokenStore, requests_mock: Mocker
) -> None:
    attempt = login(store)
    attempt.enrolment.check()
    path = Path(store.place("ana"))
    path.write_bytes(b"{broken")
    with pytest.raises(TokenStoreError, match="is corrupt"):
        attempt.enrolment.check()
    with pytest.raises(TokenStoreError, match="is corrupt"):
        attempt.finish(back(attempt, code="c"))
    assert path.read_bytes() == b"{broken"
    assert requests_mock.call_count == 0


def test_a_grant_that_works_is_kept_unless_it_may_go(store: TokenStore) -> None:
    careful = login(store, replaces=False).enrolment
    with store.lock("ana") as held:
        dead = held.save(Grant(refresh_token="old", dead_since=1))
    careful.check()
    with store.lock("ana") as held:
        held.save(Grant(refresh_token="new", version=dead.version))
    with pytest.raises(LivingGrantError, match="--replace"):
        careful.check()


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        ("read:a read:b offline", []),
        ("read:a,read:b", []),
        ("offline", ["read:a", "read:b"]),
        ("read:b other", ["read:a"]),
        ("", []),
    ],
)
def test_scopes_that_were_not_allowed_are_found(granted: str, missing: list[str]) -> None:
    assert VENDOR.missing_scopes(granted) == missing


def test_nothing_secret_is_in_the_text_form(store: TokenStore) -> None:
    attempt = login(store, seed="seed")
    shown = repr(attempt)
    assert not any(
        secret in shown for secret in (attempt.state, attempt.verifier, "s3cret", "seed'")
    )
