"""How a grant becomes an access token, and when the vendor is asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import requests

from health_tap_core.errors import GrantDeadError, RefreshFailedError, TokenStoreError
from health_tap_core.oauth.authenticator import AccountAuth
from health_tap_core.oauth.grant import Grant, fingerprint
from health_tap_core.oauth.token_endpoint import OAuthClient

if TYPE_CHECKING:
    from requests_mock import Mocker

    from .conftest import Rig

TOKEN_URL = "https://vendor.test/token"
NOW = 1_000_000.0
DEAD = {"status_code": 400, "json": {"error": "invalid_grant"}}


def answer(number: int, **more: object) -> dict[str, object]:
    tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
    return {**tokens, "expires_in": 3600, "scope": "offline", **more}


def sent(requests_mock: Mocker) -> list[str]:
    """The refresh tokens that the vendor was sent."""
    return [request.text.split("&")[1][14:] for request in requests_mock.request_history]


def test_the_seed_starts_a_grant_and_the_form_is_the_documented_one(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    assert rig.authenticator().access_token("ana") == "access-1"
    assert requests_mock.last_request
    assert requests_mock.last_request.text == (
        "grant_type=refresh_token&refresh_token=seed-1&scope=offline"
        "&client_id=id&client_secret=s3cret"
    )
    assert "Authorization" not in requests_mock.last_request.headers
    assert requests_mock.last_request.headers["User-Agent"] == "test"


def test_the_grant_is_stored_with_all_that_is_known(any_rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1, user_id="7"))
    any_rig.authenticator().access_token("ana")
    assert any_rig.load() == Grant(
        provider="Vendor",
        account="ana",
        version=1,
        client=fingerprint("id"),
        user_id="7",
        refresh_token="refresh-1",
        access_token="access-1",
        expires_at=NOW + 3600,
        scope="offline",
        obtained_at=NOW,
        seed_hash=fingerprint("seed-1"),
    )


def test_a_grant_that_cannot_be_stored_is_not_used(
    rig: Rig, requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    subject = rig.authenticator()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    for _ in range(2):
        with pytest.raises(TokenStoreError, match=r"cannot be written.*may be lost.*--account ana"):
            subject.access_token("ana")
    assert requests_mock.call_count == 1


def test_a_stored_token_that_serves_needs_neither_lock_nor_vendor(
    any_rig: Rig, requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    any_rig.authenticator().access_token("ana")
    any_rig.now += 3000
    store = any_rig.store
    monkeypatch.setattr(store, "lock", None)
    assert any_rig.authenticator(store=store).access_token("ana") == "access-1"
    assert requests_mock.call_count == 1


def test_within_a_run_the_store_is_read_once(
    rig: Rig, requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.save(refresh_token="r", access_token="access-1", expires_at=NOW + 3600)
    store = rig.store
    subject = rig.authenticator(None, store=store)
    assert subject.access_token("ana") == "access-1"
    monkeypatch.setattr(store, "load", None)
    assert subject.access_token("ana") == "access-1"
    assert requests_mock.call_count == 0


def test_a_token_is_renewed_ahead_of_its_end_with_the_rotated_refresh_token(
    any_rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    subject = any_rig.authenticator()
    subject.access_token("ana")
    any_rig.now += 3299
    assert subject.access_token("ana") == "access-1"
    any_rig.now += 2
    assert subject.access_token("ana") == "access-2"
    assert sent(requests_mock) == ["seed-1", "refresh-1"]
    assert any_rig.load().version == 2


def test_a_changed_seed_wins_and_an_unchanged_one_does_not(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(n)} for n in (1, 2, 3)])
    rig.authenticator("seed-1").access_token("ana")
    rig.now += 4000
    rig.authenticator("seed-1").access_token("ana")
    rig.authenticator("seed-2").access_token("ana")
    assert sent(requests_mock) == ["seed-1", "refresh-1", "seed-2"]


def test_without_a_seed_the_stored_grant_serves(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(2))
    rig.save(refresh_token="refresh-1")
    assert rig.authenticator(None).access_token("ana") == "access-2"


def test_without_seed_and_grant_the_message_says_what_to_type(rig: Rig) -> None:
    expected = (
        "Account 'ana' has no grant of Vendor yet. Log in: tap-vendor-auth login --account ana"
    )
    with pytest.raises(GrantDeadError) as caught:
        rig.authenticator(None).access_token("ana")
    assert str(caught.value) == expected


def test_a_refused_access_token_is_renewed_once_for_all_who_held_it(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    rig.authenticator().access_token("ana")
    subject = rig.authenticator()
    auth = AccountAuth(subject, "ana")
    requests_ = [auth(requests.Request("GET", "https://vendor.test/x").prepare()) for _ in "ab"]
    for request in requests_:
        auth.renew(request)
    assert subject.access_token("ana") == "access-2"
    assert requests_mock.call_count == 2


def test_another_process_has_already_refreshed_so_its_token_is_adopted(
    any_rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    any_rig.authenticator().access_token("ana")
    one, two = any_rig.authenticator(), any_rig.authenticator()
    one.access_token("ana")
    two.access_token("ana")
    one.renew("ana", "access-1")
    two.renew("ana", "access-1")
    assert two.access_token("ana") == "access-2"
    assert requests_mock.call_count == 2


def test_many_at_once_refresh_once(any_rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    subjects = [any_rig.authenticator() for _ in range(8)]
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda s=subject: found.append(s.access_token("ana")))
        for subject in subjects
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["access-1"] * 8
    assert requests_mock.call_count == 1


def test_a_token_of_this_run_is_not_rotated_again_when_refused(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    subject = rig.authenticator()
    subject.access_token("ana")
    subject.renew("ana", "access-1")
    assert requests_mock.call_count == 1


def test_a_short_lived_token_serves_for_half_of_its_life(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1, expires_in=300))
    subject = rig.authenticator()
    for now in (NOW, NOW + 100, NOW + 149):
        rig.now = now
        subject.access_token("ana")
    assert requests_mock.call_count == 1
    rig.now = NOW + 151
    subject.access_token("ana")
    assert requests_mock.call_count == 2


@pytest.mark.parametrize(
    "more", [{"expires_in": "3600"}, {"expires_in": None}, {"scope": None}, {"refresh_token": None}]
)
def test_an_answer_that_lacks_what_is_only_recommended_is_not_thrown_away(
    rig: Rig, requests_mock: Mocker, more: dict[str, object]
) -> None:
    requests_mock.post(TOKEN_URL, json={**answer(1), **more})
    assert rig.authenticator().access_token("ana") == "access-1"
    stored = rig.load()
    assert stored.expires_at == NOW + 3600
    assert stored.refresh_token == ("seed-1" if "refresh_token" in more else "refresh-1")


@pytest.mark.parametrize("odd", [{"user_id": 7}, {"scope": ["offline"]}, {"expires_in": "soon"}])
def test_tokens_are_kept_whatever_is_odd_about_the_rest(
    rig: Rig, requests_mock: Mocker, odd: dict[str, object]
) -> None:
    requests_mock.post(TOKEN_URL, json={**answer(1), **odd})
    assert rig.authenticator().access_token("ana") == "access-1"
    assert rig.load().refresh_token == "refresh-1"
    assert rig.load().expires_at == NOW + 3600


def test_what_an_answer_leaves_out_stays_known(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1", user_id="7", scope="read offline")
    requests_mock.post(TOKEN_URL, json={"access_token": "access-2"})
    rig.authenticator(None).access_token("ana")
    assert (rig.load().user_id, rig.load().scope) == ("7", "read offline")


def test_a_redirect_gets_neither_secret_nor_token(rig: Rig, requests_mock: Mocker) -> None:
    elsewhere = requests_mock.post("https://elsewhere.test/", json=answer(1))
    requests_mock.post(TOKEN_URL, status_code=307, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(RefreshFailedError):
        rig.authenticator().access_token("ana")
    assert elsewhere.call_count == 0


def test_accounts_have_grants_of_their_own(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}, DEAD])
    for account in ("ana", "ben", "cem"):
        with rig.store.lock(account) as held:
            held.save(Grant(refresh_token=f"of-{account}"))
    subject = rig.authenticator(None)
    assert [subject.access_token("ana"), subject.access_token("ben")] == ["access-1", "access-2"]
    with pytest.raises(GrantDeadError, match="Account 'cem'"):
        subject.access_token("cem")
    assert subject.access_token("ana") == "access-1"
    assert sent(requests_mock) == ["of-ana", "of-ben", "of-cem"]


def test_no_token_and_no_secret_shows_in_a_text_form() -> None:
    grant = Grant(refresh_token="r-1", access_token="a-1", previous_refresh_token="r-0")
    client = OAuthClient("the-id", "s3cret", "agent")
    for hidden in ("r-1", "a-1", "r-0", "s3cret", "the-id"):
        assert hidden not in f"{grant!r} {grant} {client!r} {client}"
