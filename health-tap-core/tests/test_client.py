from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec
import pytest
import requests

from health_tap_core.client import ATTEMPTS, VendorClient
from health_tap_core.clock import Clock
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MalformedAnswerError,
    RateLimitedError,
    RequestRejectedError,
    UnreachableError,
    VendorFailureError,
)

if TYPE_CHECKING:
    from requests_mock import Mocker

URL = "https://vendor.test/things"


class Answer(msgspec.Struct):
    n: int


class FakeAuth(requests.auth.AuthBase):
    """Signs with a counter that each renewal raises."""

    def __init__(self) -> None:
        self.token = 1

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def renew(self, request: requests.PreparedRequest) -> None:
        assert request.headers["Authorization"] == f"Bearer {self.token}"
        self.token += 1


class Client(VendorClient):
    vendor = "Vendor"

    def check(self, response: requests.Response) -> None:
        match response.status_code:
            case 200:
                return
            case 401:
                raise AccessTokenRejectedError("no")
            case 429:
                raise RateLimitedError("slow", retry_after=17.0)
            case 503:
                raise VendorFailureError("down")
            case _:
                raise RequestRejectedError("wrong")


class Fixture:
    def __init__(self) -> None:
        self.waits: list[float] = []
        self.auth = FakeAuth()
        self.clock = Clock()
        self.client = Client(
            requests.Session(),
            self.auth,  # type: ignore[arg-type]  # signs and renews, which is all that is asked
            clock=self.clock,
            sleep=self.waits.append,
        )

    def get(self) -> int:
        return self.client.request("GET", URL, Answer).n


@pytest.fixture
def fixture() -> Fixture:
    return Fixture()


def test_an_answer_is_decoded_and_counted(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.get(URL, text='{"n":5}')
    assert fixture.get() == 5
    assert fixture.client.take_requests() == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"status_code": 503},
        {"exc": requests.ConnectTimeout},
        {"exc": requests.ConnectionError},
        {"exc": requests.exceptions.ChunkedEncodingError},
        {"text": '{"n":'},
        {"text": "<html>Sorry</html>"},
        {"text": '{"message":"ok"}'},
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again_with_jitter(
    fixture: Fixture, requests_mock: Mocker, bad: dict[str, object]
) -> None:
    requests_mock.get(URL, [bad, bad, {"text": '{"n":5}'}])
    assert fixture.get() == 5
    assert fixture.client.take_requests() == 3
    assert len(fixture.waits) == 2
    assert all(0 <= wait <= 60 for wait in fixture.waits)


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ({"status_code": 503}, VendorFailureError),
        ({"exc": requests.ConnectionError}, UnreachableError),
        ({"text": "<html>"}, MalformedAnswerError),
        ({"status_code": 429}, RateLimitedError),
    ],
    ids=str,
)
def test_what_does_not_pass_fails_after_a_bounded_number_of_tries(
    fixture: Fixture, requests_mock: Mocker, bad: dict[str, object], error: type[Exception]
) -> None:
    requests_mock.get(URL, [bad])
    with pytest.raises(error):
        fixture.get()
    assert fixture.client.take_requests() == ATTEMPTS


def test_a_limit_is_waited_for_as_long_as_the_vendor_says(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [{"status_code": 429}, {"text": '{"n":5}'}])
    fixture.get()
    assert fixture.waits == [17.0]


def test_our_own_mistake_is_not_repeated(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.get(URL, status_code=400)
    with pytest.raises(RequestRejectedError):
        fixture.get()
    assert fixture.client.take_requests() == 1
    assert not fixture.waits


def test_a_refused_token_is_renewed_once_and_the_request_repeated_once(
    fixture: Fixture, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, [{"status_code": 401}, {"text": '{"n":5}'}])
    assert fixture.get() == 5
    assert fixture.auth.token == 2


def test_a_token_that_stays_refused_ends_it(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.get(URL, status_code=401)
    with pytest.raises(AccessTokenRejectedError):
        fixture.get()
    assert fixture.client.take_requests() == 2
    assert fixture.auth.token == 2


def test_the_vendors_clock_is_learnt(fixture: Fixture, requests_mock: Mocker) -> None:
    requests_mock.get(URL, text='{"n":5}', headers={"Date": "Tue, 01 Jan 2030 00:00:00 GMT"})
    fixture.get()
    assert fixture.clock.now().year == 2030


def test_retries_are_logged_without_secrets(
    fixture: Fixture, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    requests_mock.get(URL, [{"exc": requests.ConnectionError("Bearer 1")}, {"text": '{"n":5}'}])
    with caplog.at_level(logging.DEBUG):
        fixture.get()
    assert "Trying again in" in caplog.text
    assert "Bearer" not in caplog.text
