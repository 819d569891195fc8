from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
import requests

from health_tap_core.authenticator import AccountAuth, Authenticator
from health_tap_core.errors import ClientRejectedError, GrantDeadError, RefreshFailedError
from health_tap_core.grant import Grant
from health_tap_core.provider import Provider
from health_tap_core.token_store import FileTokenStore

if TYPE_CHECKING:
    from pathlib import Path

    from requests_mock import Mocker

TOKEN_URL = "https://vendor.test/token"
NOW = 1_000_000.0


class Fixture:
    """An authenticator on a store, and the clock that both see."""

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = FileTokenStore(folder)

    def authenticator(self, seed: str | None = "seed-1") -> Authenticator:
        return Authenticator(
            Provider(name="Vendor", token_url=TOKEN_URL, refresh_scope="offline"),
            self.store,
            client_id="id",
            client_secret="s3cret",
            token_url=TOKEN_URL,
            user_agent="test",
            seed=seed,
            machine_clock=lambda: self.now,
        )


@pytest.fixture
def fixture(tmp_path: Path) -> Fixture:
    return Fixture(tmp_path / "grants")


def answer(number: int, **more: object) -> dict[str, object]:
    tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
    return {**tokens, "expires_in": 3600, "scope": "offline", **more}


def test_the_seed_starts_a_grant_and_the_form_is_the_documented_one(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    assert fixture.authenticator().access_token("default") == "access-1"
    assert requests_mock.last_request
    assert requests_mock.last_request.text == (
        "grant_type=refresh_token&refresh_token=seed-1&client_id=id"
        "&client_secret=s3cret&scope=offline"
    )


def test_the_new_grant_is_stored_before_it_is_used(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    fixture.authenticator().access_token("default")
    stored = fixture.store.load("default")
    assert stored
    assert (stored.refresh_token, stored.access_token) == ("refresh-1", "access-1")
    assert (stored.expires_at, stored.obtained_at) == (NOW + 3600, NOW)


def test_a_grant_that_cannot_be_stored_is_not_used(
    fixture: Fixture, requests_mock: Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    subject = fixture.authenticator()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(fixture.store, "_replace", fail)
    for _ in range(2):
        with pytest.raises(Exception, match="cannot be written"):
            subject.access_token("default")
    assert requests_mock.call_count == 1


def test_a_valid_access_token_is_used_again_by_the_next_run(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    fixture.authenticator().access_token("default")
    fixture.now += 3000
    assert fixture.authenticator().access_token("default") == "access-1"
    assert requests_mock.call_count == 1


def test_a_token_is_renewed_ahead_of_its_end_with_the_rotated_refresh_token(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    subject = fixture.authenticator()
    subject.access_token("default")
    fixture.now += 3301
    assert subject.access_token("default") == "access-2"
    assert "refresh_token=refresh-1&" in requests_mock.request_history[1].text


def test_a_changed_seed_wins_and_an_unchanged_one_does_not(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(n)} for n in (1, 2, 3)])
    fixture.authenticator("seed-1").access_token("default")
    fixture.now += 4000
    fixture.authenticator("seed-1").access_token("default")
    fixture.authenticator("seed-2").access_token("default")
    sent = [request.text.split("&")[1] for request in requests_mock.request_history]
    assert sent == ["refresh_token=seed-1", "refresh_token=refresh-1", "refresh_token=seed-2"]


def test_without_a_seed_the_stored_grant_serves(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(2))
    with fixture.store.lock("default"):
        fixture.store.save("default", Grant(refresh_token="refresh-1"))
    assert fixture.authenticator(None).access_token("default") == "access-2"


def test_without_seed_and_grant_the_message_says_what_to_do(fixture: Fixture) -> None:
    with pytest.raises(GrantDeadError, match=r"'default' has no grant yet\. Put a refresh"):
        fixture.authenticator(None).access_token("default")


def test_a_refused_access_token_is_renewed_once_for_all_who_held_it(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    fixture.authenticator().access_token("default")
    subject = fixture.authenticator()
    auth = AccountAuth(subject, "default")
    requests_ = [auth(requests.Request("GET", "https://vendor.test/x").prepare()) for _ in "ab"]
    for request in requests_:
        auth.renew(request)
    assert subject.access_token("default") == "access-2"
    assert requests_mock.call_count == 2


def test_another_process_has_already_refreshed_so_its_token_is_adopted(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    fixture.authenticator().access_token("default")
    one, two = fixture.authenticator(), fixture.authenticator()
    one.access_token("default")
    two.access_token("default")
    one.renew("default", "access-1")
    two.renew("default", "access-1")
    assert two.access_token("default") == "access-2"
    assert requests_mock.call_count == 2


def test_many_at_once_refresh_once(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1))
    subjects = [fixture.authenticator() for _ in range(8)]
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda s=subject: found.append(s.access_token("default")))
        for subject in subjects
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["access-1"] * 8
    assert requests_mock.call_count == 1


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (400, '{"error":"invalid_grant"}', GrantDeadError, "Log in again"),
        (401, '{"error":"invalid_client"}', ClientRejectedError, "Check client_id and client_se"),
        (401, "", GrantDeadError, "refused the grant with 401"),
        (400, '{"error":"invalid_request"}', RefreshFailedError, "check token_url if this stays"),
        (404, "<html>", RefreshFailedError, "check token_url if this stays"),
        (307, "", RefreshFailedError, "answered 307"),
        (503, "", RefreshFailedError, r"The refresh token was kept\. Run again later"),
        (200, "<html>", RefreshFailedError, "but not with tokens"),
        (200, '{"access_token":""}', RefreshFailedError, "but not with tokens"),
    ],
)
def test_a_refusal_is_classified_and_not_asked_for_twice(
    fixture: Fixture,
    requests_mock: Mocker,
    status: int,
    body: str,
    error: type[Exception],
    message: str,
) -> None:
    requests_mock.post(TOKEN_URL, status_code=status, text=body)
    subject = fixture.authenticator()
    for _ in range(3):
        with pytest.raises(error, match=message) as caught:
            subject.access_token("default")
        assert "seed-1" not in str(caught.value)
        assert "s3cret" not in str(caught.value)
    assert requests_mock.call_count == 1
    assert fixture.store.load("default") is None


@pytest.mark.parametrize(
    "more", [{"expires_in": "3600"}, {"expires_in": None}, {"scope": None}, {"refresh_token": None}]
)
def test_an_answer_that_lacks_what_is_only_recommended_is_not_thrown_away(
    fixture: Fixture, requests_mock: Mocker, more: dict[str, object]
) -> None:
    requests_mock.post(TOKEN_URL, json={**answer(1), **more})
    assert fixture.authenticator().access_token("default") == "access-1"
    stored = fixture.store.load("default")
    assert stored
    assert stored.expires_at == NOW + 3600
    assert stored.refresh_token == ("seed-1" if "refresh_token" in more else "refresh-1")


def test_a_redirect_gets_neither_secret_nor_token(fixture: Fixture, requests_mock: Mocker) -> None:
    elsewhere = requests_mock.post("https://elsewhere.test/", json=answer(1))
    requests_mock.post(TOKEN_URL, status_code=307, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(RefreshFailedError):
        fixture.authenticator().access_token("default")
    assert elsewhere.call_count == 0


def test_a_token_of_this_run_is_not_rotated_again_when_refused(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, [{"json": answer(1)}, {"json": answer(2)}])
    subject = fixture.authenticator()
    subject.access_token("default")
    subject.renew("default", "access-1")
    assert requests_mock.call_count == 1


def test_a_short_lived_token_serves_for_half_of_its_life(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.post(TOKEN_URL, json=answer(1, expires_in=300))
    subject = fixture.authenticator()
    for now in (NOW, NOW + 100, NOW + 149):
        fixture.now = now
        subject.access_token("default")
    assert requests_mock.call_count == 1
    fixture.now = NOW + 151
    subject.access_token("default")
    assert requests_mock.call_count == 2


def test_a_spent_seed_does_not_end_a_stored_grant(fixture: Fixture, requests_mock: Mocker) -> None:
    with fixture.store.lock("default"):
        fixture.store.save("default", Grant(refresh_token="from-login"))
    dead = {"status_code": 400, "json": {"error": "invalid_grant"}}
    requests_mock.post(TOKEN_URL, [dead, {"json": answer(2)}, {"json": answer(3)}])
    assert fixture.authenticator("old-seed").access_token("default") == "access-2"
    fixture.now += 4000
    assert fixture.authenticator("old-seed").access_token("default") == "access-3"
    sent = [request.text.split("&")[1] for request in requests_mock.request_history]
    assert sent == [
        "refresh_token=old-seed",
        "refresh_token=from-login",
        "refresh_token=refresh-2",
    ]


def test_a_lost_answer_is_not_asked_for_twice(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.post(TOKEN_URL, exc=requests.ReadTimeout)
    subject = fixture.authenticator()
    for _ in range(2):
        with pytest.raises(RefreshFailedError, match=r"gave no answer \(ReadTimeout\)"):
            subject.access_token("default")
    assert requests_mock.call_count == 1


def test_no_token_shows_in_a_text_form() -> None:
    grant = Grant(refresh_token="r-1", access_token="a-1")
    assert "r-1" not in f"{grant!r} {grant}"
    assert "a-1" not in f"{grant!r} {grant}"
