"""Request logic of the client, on mocked HTTP; whole syncs are tested against the sandbox."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest
import requests

from health_tap_core.clock import Clock
from health_tap_core.errors import (
    MissingScopeError,
    NotFoundError,
    PageLoopError,
    QuotaExhaustedError,
    RequestRejectedError,
    SyncError,
)
from health_tap_core.window import Window
from tap_whoop.client import WhoopClient

if TYPE_CHECKING:
    from requests_mock import Mocker

API = "https://whoop.test/developer"
CYCLES = f"{API}/v2/cycle"
WINDOW = Window(
    datetime(2026, 5, 1, tzinfo=timezone.utc),
    datetime(2026, 6, 1, 12, 30, 15, 123_999, tzinfo=timezone.utc),
    "incremental",
)


class FakeAuth(requests.auth.AuthBase):
    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request

    def renew(self, request: requests.PreparedRequest) -> None:
        """Nothing to renew."""


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def client(waits: list[float]) -> WhoopClient:
    auth: Any = FakeAuth()
    return WhoopClient(f"{API}/", requests.Session(), auth, clock=Clock(), sleep=waits.append)


def page(*ids: int, **more: object) -> dict[str, object]:
    return {"json": {"records": [{"id": number} for number in ids], **more}}


def read(client: WhoopClient) -> list[bytes]:
    return [bytes(raw) for raw in client.collection("/v2/cycle", WINDOW, scope="read:cycles")]


@pytest.mark.parametrize("end", [{}, {"next_token": None}, {"next_token": ""}], ids=str)
def test_no_null_and_empty_token_end_the_pages(
    client: WhoopClient, requests_mock: Mocker, end: dict[str, object]
) -> None:
    requests_mock.get(CYCLES, [page(3, 2, next_token="t1"), page(1, **end)] * 2)
    assert len(read(client)) == 3
    assert client.take_requests() == 4
    requests_mock.get(CYCLES, [page(1, **end)])
    assert len(read(client)) == 1
    assert client.take_requests() == 1


def test_every_page_repeats_the_same_bounds_in_milliseconds(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(CYCLES, [page(2, next_token="t1"), page(1)] * 2)
    read(client)
    bounds = {
        "limit": ["25"],
        "start": ["2026-05-01t00:00:00.000z"],
        "end": ["2026-06-01t12:30:15.123z"],
    }
    first, second, *again = requests_mock.request_history
    assert first.qs == bounds
    assert second.qs == {**bounds, "nexttoken": ["t1"]}
    assert "nextToken=t1" in second.url
    assert [request.qs for request in again] == [first.qs, second.qs]


def test_an_empty_page_with_a_token_is_not_the_end(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(CYCLES, [page(2, next_token="a"), page(next_token="b"), page(1)] * 2)
    assert len(read(client)) == 2


def test_a_record_that_a_shifted_page_hid_is_found(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    before = [page(4, 3, next_token="a"), page(2, 1)]
    deleted = [page(4, 3, next_token="a"), page(1)]  # 4 went: 2 moved to the first page
    after = [page(3, 2, next_token="a"), page(1)]
    requests_mock.get(CYCLES, [*deleted, *after, *after])
    assert read(client) == [b'{"id": 3}', b'{"id": 2}', b'{"id": 1}']
    requests_mock.get(CYCLES, [*before, *after] * 2)
    with pytest.raises(PageLoopError, match="changed whenever it was read"):
        read(client)


def test_a_repeated_token_ends_in_an_error_not_in_a_loop(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(CYCLES, [page(1, next_token="a"), page(1, next_token="b")] * 2)
    with pytest.raises(PageLoopError, match=r"/v2/cycle repeats its pages"):
        read(client)
    assert client.take_requests() == 3


def test_ever_new_tokens_without_new_records_end_in_an_error(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(CYCLES, [page(1, next_token=f"t{n}") for n in range(100)])
    with pytest.raises(PageLoopError):
        read(client)
    assert client.take_requests() == 11


def test_a_redirect_is_not_followed(client: WhoopClient, requests_mock: Mocker) -> None:
    elsewhere = requests_mock.get("https://elsewhere.test/", json={"records": []})
    requests_mock.get(CYCLES, status_code=302, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(RequestRejectedError, match="answered 302"):
        read(client)
    assert elsewhere.call_count == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_scope_is_named(client: WhoopClient, requests_mock: Mocker, status: int) -> None:
    requests_mock.get(CYCLES, status_code=status)
    with pytest.raises(MissingScopeError, match="lacks the scope read:cycles"):
        read(client)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-RateLimit-Reset": "17"}, 17.0),
        ({"X-RateLimit-Reset": "0"}, 1.0),
        ({"X-RateLimit-Reset": "soon"}, 60.0),
        ({"X-RateLimit-Reset": "nan"}, 60.0),
        ({"X-RateLimit-Reset": "inf"}, 60.0),
        ({"X-RateLimit-Reset": "-5"}, 1.0),
        ({}, 60.0),
    ],
)
def test_the_minute_limit_is_waited_for(
    client: WhoopClient,
    requests_mock: Mocker,
    waits: list[float],
    headers: dict[str, str],
    expected: float,
) -> None:
    requests_mock.get(CYCLES, [{"status_code": 429, "headers": headers}, page(1)])
    assert len(read(client)) == 1
    assert waits == [expected]


def test_the_daily_quota_is_not_waited_for(
    client: WhoopClient, requests_mock: Mocker, waits: list[float]
) -> None:
    requests_mock.get(CYCLES, status_code=429, headers={"X-RateLimit-Reset": "7200"})
    with pytest.raises(QuotaExhaustedError, match=r"resets in 2\.0 hours"):
        read(client)
    assert not waits


def test_an_error_on_a_later_page_gives_no_partial_answer(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(CYCLES, [page(2, next_token="a"), {"status_code": 400}])
    with pytest.raises(RequestRejectedError, match="answered 400"):
        read(client)


def test_the_profile_is_asked_for_once_also_when_it_fails(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    requests_mock.get(f"{API}/v2/user/profile/basic", status_code=403)
    for _ in range(2):
        with pytest.raises(MissingScopeError, match="read:profile"):
            client.profile()
    assert requests_mock.call_count == 1


def test_no_body_measurement_is_not_found(client: WhoopClient, requests_mock: Mocker) -> None:
    requests_mock.get(f"{API}/v2/user/measurement/body", status_code=404)
    with pytest.raises(NotFoundError):
        client.body_measurement()


def test_a_refusal_quotes_the_vendors_code_but_never_its_text(
    client: WhoopClient, requests_mock: Mocker
) -> None:
    said = []
    for body in ({"error": "deactivated_user"}, {"error": "Ana Smith, HRV 56"}, ["x"]):
        requests_mock.get(CYCLES, status_code=403, json=body)
        with pytest.raises(SyncError) as caught:
            read(client)
        said.append(str(caught.value))
    assert "answered 403 (deactivated_user)." in said[0]
    assert "answered 403." in said[1]
    assert "answered 403." in said[2]
