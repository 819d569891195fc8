"""What the vendor, or the store, refuses: no grant is lost by it, and nobody asks twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
from msgspec.structs import replace

from health_tap_core.errors import (
    ClientRejectedError,
    GrantChangedError,
    GrantDeadError,
    RefreshFailedError,
    TokenStoreError,
)
from health_tap_core.oauth.grant import fingerprint

if TYPE_CHECKING:
    from requests_mock import Mocker

    from .conftest import Rig

TOKEN_URL = "https://vendor.test/token"
DEAD = {"status_code": 400, "json": {"error": "invalid_grant"}}
HOURS = 3600.0


def answer(number: int) -> dict[str, Any]:
    tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
    return {"json": {**tokens, "expires_in": 3600, "scope": "offline"}}


def sent(requests_mock: Mocker) -> list[str]:
    """The refresh tokens that the vendor was sent."""
    return [request.text.split("&")[1][14:] for request in requests_mock.request_history]


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (400, '{"error":"invalid_grant"}', GrantDeadError, "login --account ana"),
        (401, '{"error":"token_inactive"}', GrantDeadError, "login --account ana"),
        (401, '{"error":"invalid_client"}', ClientRejectedError, "Check client_id and client_se"),
        (401, "", RefreshFailedError, r"answered 401\. .*login --account ana"),
        (400, "", RefreshFailedError, r"answered 400\. .*login --account ana"),
        (400, '{"error":"invalid_request"}', RefreshFailedError, r"400 invalid_request\. Run"),
        (404, "<html>", RefreshFailedError, r"answered 404: check token_url\. Run"),
        (307, "", RefreshFailedError, r"answered 307: check token_url\. Run"),
        (503, "", RefreshFailedError, r"503\. Run again later; if it stays, log in"),
        (200, "<html>", RefreshFailedError, "but not with tokens"),
        (200, '{"access_token":""}', RefreshFailedError, "but not with tokens"),
    ],
)
def test_a_refusal_is_classified_and_not_asked_for_twice(
    rig: Rig,
    requests_mock: Mocker,
    status: int,
    body: str,
    error: type[Exception],
    message: str,
) -> None:
    requests_mock.post(TOKEN_URL, status_code=status, text=body)
    subject = rig.authenticator()
    for _ in range(3):
        with pytest.raises(error, match=message) as caught:
            subject.access_token("ana")
        assert "seed-1" not in str(caught.value)
        assert "s3cret" not in str(caught.value)
    assert requests_mock.call_count == 1
    marked = rig.store.load("ana")
    assert bool(marked and marked.dead_since) == (error is GrantDeadError)
    assert rig.place.document() is None or error is GrantDeadError


@pytest.mark.parametrize("body", ["", "<html>", '{"error":"slow_down"}', '{"error":null}'])
@pytest.mark.parametrize("status", [400, 401, 500])
def test_without_a_code_that_says_so_nothing_is_dead_and_the_next_run_asks_again(
    rig: Rig, requests_mock: Mocker, status: int, body: str
) -> None:
    saved = rig.save(refresh_token="refresh-1")
    requests_mock.post(TOKEN_URL, [{"status_code": status, "text": body}, answer(2)])
    with pytest.raises(RefreshFailedError):
        rig.authenticator(None).access_token("ana")
    assert rig.load() == saved
    assert rig.authenticator(None).access_token("ana") == "access-2"


def test_a_dead_grant_is_marked_and_no_later_run_asks_again(
    any_rig: Rig, requests_mock: Mocker
) -> None:
    saved = any_rig.save(refresh_token="refresh-1", user_id="7")
    requests_mock.post(TOKEN_URL, [DEAD])
    for _ in range(3):
        with pytest.raises(GrantDeadError, match=r"'ana': .*Log in again: .*login --account ana"):
            any_rig.authenticator(None).access_token("ana")
    assert sent(requests_mock) == ["refresh-1"]
    marks = {"version": 2, "dead_since": any_rig.now, "client": fingerprint("id")}
    assert any_rig.load() == replace(saved, **marks)


def test_a_login_revives_a_dead_grant(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1", dead_since=1.0)
    with pytest.raises(GrantDeadError, match="Vendor has ended the grant"):
        rig.authenticator(None).access_token("ana")
    rig.save(refresh_token="from-login")
    requests_mock.post(TOKEN_URL, [answer(2)])
    assert rig.authenticator(None).access_token("ana") == "access-2"
    assert not rig.load().dead_since


def test_a_new_seed_revives_a_dead_grant_and_the_same_one_does_not(
    rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [DEAD, answer(2)])
    for _ in range(2):
        with pytest.raises(GrantDeadError):
            rig.authenticator("seed-1").access_token("ana")
    assert rig.authenticator("seed-2").access_token("ana") == "access-2"
    assert sent(requests_mock) == ["seed-1", "seed-2"]
    assert not rig.load().dead_since


def test_a_new_seed_that_is_dead_too_is_sent_once(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1", dead_since=1.0)
    requests_mock.post(TOKEN_URL, [DEAD])
    for _ in range(3):
        with pytest.raises(GrantDeadError):
            rig.authenticator("seed-1").access_token("ana")
    assert sent(requests_mock) == ["seed-1"]


def test_a_spent_seed_does_not_end_a_stored_grant(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="from-login")
    requests_mock.post(TOKEN_URL, [DEAD, answer(2), answer(3)])
    assert rig.authenticator("old-seed").access_token("ana") == "access-2"
    rig.now += 4000
    assert rig.authenticator("old-seed").access_token("ana") == "access-3"
    assert sent(requests_mock) == ["old-seed", "from-login", "refresh-2"]


def test_a_spent_seed_is_sent_once_even_if_the_stored_token_serves(
    rig: Rig, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    rig.save(refresh_token="from-login", access_token="access-1", expires_at=rig.now + HOURS)
    requests_mock.post(TOKEN_URL, [DEAD])
    for _ in range(3):
        assert rig.authenticator("old-seed").access_token("ana") == "access-1"
    assert sent(requests_mock) == ["old-seed"]
    assert "refresh_token of account ana is no longer accepted" in caplog.text
    assert "old-seed" not in caplog.text


def test_two_hosts_with_two_seeds_send_each_once(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, [answer(n) for n in (1, 2, 3, 4)])
    for seed in ("seed-1", "seed-2", "seed-1", "seed-2", "seed-1"):
        rig.authenticator(seed).access_token("ana")
    assert sent(requests_mock) == ["seed-1", "seed-2"]
    rig.now += 4000
    rig.authenticator("seed-1").access_token("ana")
    assert sent(requests_mock)[2:] == ["refresh-2"]


def test_a_spent_seed_and_a_dead_grant_are_sent_once_each(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="from-login")
    requests_mock.post(TOKEN_URL, [DEAD])
    for _ in range(3):
        with pytest.raises(GrantDeadError):
            rig.authenticator("old-seed").access_token("ana")
    assert sent(requests_mock) == ["old-seed", "from-login"]


def test_a_lost_answer_is_not_asked_for_twice(rig: Rig, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, exc=requests.ReadTimeout)
    subject = rig.authenticator()
    for _ in range(2):
        with pytest.raises(RefreshFailedError, match=r"'ana': .*gave no answer \(ReadTimeout\)"):
            subject.access_token("ana")
    assert requests_mock.call_count == 1


def test_the_grant_of_another_client_id_is_refused_and_left(
    any_rig: Rig, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [answer(1)])
    any_rig.authenticator().access_token("ana")
    before = any_rig.place.document()
    for seed in (None, "seed-1", "seed-2"):
        other = any_rig.authenticator(seed, client_id="other")
        with pytest.raises(TokenStoreError, match=r"given to another client_id; .*--account ana"):
            other.access_token("ana")
    assert requests_mock.call_count == 1
    assert any_rig.place.document() == before


def test_a_dead_grant_of_another_client_id_is_in_nobodys_way(
    rig: Rig, requests_mock: Mocker
) -> None:
    rig.save(refresh_token="refresh-1", client=fingerprint("other"), dead_since=1.0)
    requests_mock.post(TOKEN_URL, [answer(2)])
    assert rig.authenticator("seed-1").access_token("ana") == "access-2"


def test_who_was_too_late_uses_the_token_of_the_winner(rig: Rig, requests_mock: Mocker) -> None:
    rig.save(refresh_token="refresh-1")
    winner = replace(rig.load(), refresh_token="refresh-2", access_token="access-2")
    winner = replace(winner, version=2, expires_at=rig.now + HOURS)

    def lose(*_: object) -> str:
        # On a host that the lock does not reach.
        rig.place.put(rig.store.codec.encode(winner))
        return '{"error":"invalid_grant"}'

    requests_mock.post(TOKEN_URL, status_code=400, text=lose)
    assert rig.authenticator(None).access_token("ana") == "access-2"
    assert sent(requests_mock) == ["refresh-1"]
    assert rig.load() == winner


def test_a_login_meanwhile_is_newer_consent_than_our_answer(
    any_rig: Rig, requests_mock: Mocker
) -> None:
    any_rig.save(refresh_token="refresh-1")
    subject = any_rig.authenticator(None)
    with any_rig.store.lock("ana") as held:
        before = held.load()
        assert before
        newer = held.save(
            replace(before, access_token="from-login", expires_at=any_rig.now + HOURS)
        )
        requests_mock.post(TOKEN_URL, [answer(2)])
        assert subject._keep("ana", held, before, subject._endpoint.refresh("x"), None) == newer
        stale = replace(before, refresh_token="y")
        with pytest.raises(GrantChangedError):
            subject._keep("ana", held, stale, subject._endpoint.refresh("x"), "from-login")
    assert any_rig.load() == newer


def test_a_death_that_our_own_refresh_caused_elsewhere_is_undone(
    rig: Rig, requests_mock: Mocker
) -> None:
    before = rig.save(refresh_token="refresh-1")
    dead = replace(before, version=2, dead_since=rig.now)

    def win(*_: object) -> dict[str, Any]:
        # Meanwhile, a host that the lock does not reach sends the same token and is refused.
        rig.place.put(rig.store.codec.encode(dead))
        tokens: dict[str, Any] = answer(2)["json"]
        return tokens

    requests_mock.post(TOKEN_URL, json=win)
    assert rig.authenticator(None).access_token("ana") == "access-2"
    assert (rig.load().version, rig.load().dead_since) == (3, 0.0)
    assert rig.authenticator(None).access_token("ana") == "access-2"


def test_the_death_of_another_grant_is_not_undone(rig: Rig, requests_mock: Mocker) -> None:
    before = rig.save(refresh_token="refresh-1")
    dead = replace(before, refresh_token="from-login", version=2, dead_since=rig.now)

    def lose(*_: object) -> dict[str, Any]:
        rig.place.put(rig.store.codec.encode(dead))
        tokens: dict[str, Any] = answer(2)["json"]
        return tokens

    requests_mock.post(TOKEN_URL, json=lose)
    with pytest.raises(GrantChangedError):
        rig.authenticator(None).access_token("ana")
    assert rig.load() == dead
