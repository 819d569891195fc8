"""Request logic of the client, on mocked HTTP; whole syncs are tested against the sandbox."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec
import pytest
import requests

from health_tap_core.clock import Clock
from health_tap_core.errors import (
    AccessTokenRejectedError,
    MalformedAnswerError,
    MissingScopeError,
    PageLoopError,
    QuotaExhaustedError,
    RequestRejectedError,
    SyncError,
    VendorFailureError,
)
from tap_withings.client import WithingsClient
from tap_withings.services import ACTIVITY, GOALS, MEASURES
from tap_withings.statuses import MEANINGS

if TYPE_CHECKING:
    from requests_mock import Mocker

API = "https://withings.test"
URL = f"{API}/measure"
#: "Response status" of the vendor's document.
FAMILIES = Path(__file__).with_name("status_families.txt")


class FakeAuth(requests.auth.AuthBase):
    renewals = 0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        return request

    def renew(self, request: requests.PreparedRequest) -> None:  # noqa: ARG002
        self.renewals += 1


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def auth() -> FakeAuth:
    return FakeAuth()


@pytest.fixture
def client(auth: Any, waits: list[float]) -> WithingsClient:
    return WithingsClient(f"{API}/", requests.Session(), auth, clock=Clock(), sleep=waits.append)


def page(*ids: int, **more: object) -> dict[str, Any]:
    groups = [{"grpid": number} for number in ids]
    return {"json": {"status": 0, "body": {"measuregrps": groups, **more}}}


def refusal(status: int, **more: object) -> dict[str, Any]:
    return {"json": {"status": status, **more}}


def read(client: WithingsClient) -> list[int]:
    pages = client.pages(MEASURES, lastupdate=1)
    return [msgspec.json.decode(record)["grpid"] for page in pages for record in page.records]


def sent(mocker: Mocker) -> list[dict[str, list[str]]]:
    return [parse_qs(request.text) for request in mocker.request_history]


@pytest.mark.parametrize("more", [1, True, "1", "true", "True"], ids=repr)
@pytest.mark.parametrize("offset", [2, "2", 2.0], ids=repr)
def test_more_and_offset_are_read_in_every_spelling(
    client: WithingsClient, requests_mock: Mocker, more: object, offset: object
) -> None:
    requests_mock.post(URL, [page(1, 2, more=more, offset=offset), page(3)] * 2)
    assert read(client) == [1, 2, 3]
    first, second, *_ = sent(requests_mock)
    assert first == {"action": ["getmeas"], "lastupdate": ["1"]}
    assert second == {**first, "offset": ["2"]}


@pytest.mark.parametrize(
    "end", [{}, {"more": 0, "offset": 0}, {"more": False, "offset": 200}, {"more": "0"}]
)
def test_without_more_the_offset_means_nothing(
    client: WithingsClient, requests_mock: Mocker, end: dict[str, object]
) -> None:
    requests_mock.post(URL, [page(1, **end), page(2)])
    assert read(client) == [1]


@pytest.mark.parametrize("offset", [{}, {"offset": 0}, {"offset": None}, {"offset": 1}], ids=str)
def test_more_without_a_growing_offset_fails(
    client: WithingsClient, requests_mock: Mocker, offset: dict[str, object]
) -> None:
    requests_mock.post(URL, [page(1, more=1, offset=1), page(2, more=1, **offset)])
    with pytest.raises(PageLoopError, match="announces more than it shows"):
        read(client)


@pytest.mark.parametrize("last", [{}, {"more": 1, "offset": 3}], ids=["last", "not last"])
def test_a_page_that_repeats_another_fails(
    client: WithingsClient, requests_mock: Mocker, last: dict[str, object]
) -> None:
    """It stands in the place of one that was not shown."""
    requests_mock.post(URL, [page(1, 2, more=1, offset=2), page(1, 2, **last)])
    with pytest.raises(PageLoopError, match="Withings' getmeas repeats its pages"):
        read(client)


def test_what_changes_between_two_pages_is_read_until_it_holds_still(
    client: WithingsClient, requests_mock: Mocker
) -> None:
    """One of page 1 is deleted before page 2 is asked for: 3 moves up and is not shown."""
    shifted = [page(1, 2, more=1, offset=2), page(4)]
    whole = [page(2, 3, more=1, offset=2), page(4)]
    requests_mock.post(URL, [*shifted, *whole, *whole])
    assert read(client) == [2, 3, 4]
    assert requests_mock.call_count == 6


def test_what_never_holds_still_fails(client: WithingsClient, requests_mock: Mocker) -> None:
    readings = [[page(n, more=1, offset=1), page(n + 100)] for n in range(10)]
    requests_mock.post(URL, [answer for reading in readings for answer in reading])
    with pytest.raises(PageLoopError, match="changed whenever it was read"):
        read(client)
    assert requests_mock.call_count == 8


@pytest.mark.parametrize(
    ("body", "records"),
    [
        ({"activities": []}, 0),
        ({"activities": {}}, 0),
        ({"activities": None}, 0),
        ({"activities": {"date": "2026-05-01"}}, 1),
        ({"activities": [{"date": "2026-05-01"}]}, 1),
    ],
    ids=str,
)
def test_containers_of_another_type_are_read(
    client: WithingsClient, requests_mock: Mocker, body: object, records: int
) -> None:
    requests_mock.post(f"{API}/v2/measure", json={"status": 0, "body": body})
    (page,) = client.pages(ACTIVITY)
    assert len(page.records) == records


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        {"series": []},
        {"activities": 5},
        5,
        [1],
        {"activities": [], "more": 1, "offset": "x"},
        {"activities": [], "more": 1, "offset": [3]},
        {"activities": [], "more": "yes", "offset": 3},
        {"activities": [], "more": 2, "offset": 3},
    ],
)
def test_another_shape_is_no_empty_answer(
    client: WithingsClient, requests_mock: Mocker, body: object
) -> None:
    requests_mock.post(f"{API}/v2/measure", json={"status": 0, "body": body})
    with pytest.raises(MalformedAnswerError, match="another shape"):
        client.pages(ACTIVITY)


def test_an_answer_without_a_body_is_no_empty_answer(
    client: WithingsClient, requests_mock: Mocker
) -> None:
    requests_mock.post(URL, json={"status": 0})
    with pytest.raises(MalformedAnswerError):
        read(client)


def test_the_same_question_twice_in_a_row_is_sent_once(
    client: WithingsClient, requests_mock: Mocker
) -> None:
    requests_mock.post(URL, [page(1)])
    assert client.listed(MEASURES, lastupdate=1) == client.listed(MEASURES, lastupdate=1)
    assert requests_mock.call_count == 1
    client.listed(MEASURES, lastupdate=2)
    assert requests_mock.call_count == 2


def test_a_refused_access_token_is_renewed_once(
    client: WithingsClient, auth: FakeAuth, requests_mock: Mocker
) -> None:
    requests_mock.post(URL, [refusal(401), page(1)])
    assert read(client) == [1]
    assert auth.renewals == 1
    requests_mock.post(URL, **refusal(401))
    with pytest.raises(AccessTokenRejectedError, match="log in again if this stays"):
        read(client)


def test_too_many_requests_wait_as_long_as_withings_says(
    client: WithingsClient, requests_mock: Mocker, waits: list[float]
) -> None:
    limits = [
        refusal(601, body={"wait_seconds": 68}, error="Too Many Requests"),
        refusal(601, body={}),
        refusal(601),
        {"status_code": 429, "text": "slow down"},
        {"status_code": 429, "json": {"status": 601, "body": {"wait_seconds": 7}}},
    ]
    requests_mock.post(URL, [*limits, page(1)])
    assert read(client) == [1]
    assert waits == [68, 60, 60, 60, 7]


@pytest.mark.parametrize("wait", [3600, 1e300])
def test_a_wait_that_makes_no_sense_ends_the_run(
    client: WithingsClient, requests_mock: Mocker, waits: list[float], wait: float
) -> None:
    requests_mock.post(URL, **refusal(601, body={"wait_seconds": wait}))
    with pytest.raises(QuotaExhaustedError, match="Run again then"):
        read(client)
    assert not waits


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (refusal(214), MissingScopeError, "lacks the scope user.metrics"),
        (refusal(403), MissingScopeError, "lacks the scope user.metrics"),
        (refusal(503, error="Invalid Params"), RequestRejectedError, "503 (Invalid Params)"),
        (refusal(342), RequestRejectedError, "Check client_id and client_secret"),
        (refusal(250), RequestRejectedError, "log in again"),
        (refusal(99999), RequestRejectedError, "getmeas: Withings answered with status 99999"),
        ({"status_code": 302}, SyncError, "302"),
        ({"status_code": 403, "json": {"status": 0}}, RequestRejectedError, "answered 403"),
    ],
    ids=str,
)
def test_refusals_say_what_to_do_and_are_not_tried_again(
    client: WithingsClient,
    requests_mock: Mocker,
    answer: dict[str, Any],
    error: type[SyncError],
    message: str,
) -> None:
    requests_mock.post(URL, **answer)
    with pytest.raises(error, match=re.escape(message)):
        read(client)


@pytest.mark.parametrize("error", [None, {}, ["x"], 5], ids=repr)
def test_an_error_that_is_no_text_is_no_obstacle(
    client: WithingsClient, auth: FakeAuth, requests_mock: Mocker, error: object
) -> None:
    ok = page(1)
    ok["json"]["error"] = error
    requests_mock.post(URL, [refusal(401, error=error), ok])
    assert read(client) == [1]
    assert auth.renewals == 1


@pytest.mark.parametrize(
    "answer",
    [
        refusal(2555),
        refusal(522),
        {"status_code": 502, "text": "<html>"},
        {"text": "<html>"},
        {"text": '{"status": 0, "body": {"measuregrps": ['},
        {"status_code": 403, "json": {"status": 2556}},
    ],
    ids=str,
)
def test_what_may_pass_is_tried_again(
    client: WithingsClient, requests_mock: Mocker, answer: dict[str, Any]
) -> None:
    requests_mock.post(URL, [answer, answer, page(1)])
    assert read(client) == [1]


def test_no_token_and_no_value_of_an_error_text_is_repeated(
    client: WithingsClient, requests_mock: Mocker
) -> None:
    text = "Invalid Params: weight 82.5 for token 8f3a91c0d2 of ana@example.org at abc/def"
    requests_mock.post(URL, **refusal(503, error=text))
    with pytest.raises(RequestRejectedError) as caught:
        read(client)
    assert "(Invalid Params: weight for token of at)" in str(caught.value)


def test_every_documented_status_has_one_meaning() -> None:
    families: dict[str, set[int]] = {}
    for line in FAMILIES.read_text().splitlines():
        name, _, codes = line.partition(": ")
        families[name] = set()
        for part in codes.split(", "):
            first, _, last = part.partition("-")
            families[name] |= set(range(int(first), int(last or first) + 1))
    documented = set().union(*families.values())
    # 403 is not documented; 0 is no refusal.
    assert set(MEANINGS) - {403} == documented
    expected = {
        "authentication failed": AccessTokenRejectedError,
        "unauthorized": MissingScopeError,
        "an error occurred": VendorFailureError,
        "invalid params": RequestRejectedError,
    }
    for name, error in expected.items():
        for code in families[name] - {2555}:
            assert MEANINGS[code] is error, code


def test_goals_that_are_none_are_an_object(client: WithingsClient, requests_mock: Mocker) -> None:
    requests_mock.post(f"{API}/v2/user", json={"status": 0, "body": {"goals": []}})
    assert bytes(client.fields(GOALS)["goals"]) == b"[]"
