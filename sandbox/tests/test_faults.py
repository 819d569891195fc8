from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from health_sandbox.client import ControlError

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

Get = Callable[..., requests.Response]


def refresh(sandbox: SandboxServer, token: str | None, timeout: float = 10) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }
    return requests.post(f"{sandbox.url}/whoop/oauth/oauth2/token", data=form, timeout=timeout)


def test_status_answers_in_place_of_the_vendor(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault(
        "*/v2/cycle", "status", status=503, body={"oops": 1}, headers={"Retry-After": "7"}
    )
    answer = get("cycle")
    assert (answer.status_code, answer.json()) == (503, {"oops": 1})
    assert answer.headers["Retry-After"] == "7"
    assert answer.headers["Date"] == "Mon, 01 Jun 2026 12:00:00 GMT"
    assert get("cycle").status_code == 200


def test_reset_drops_the_connection_before_the_request_is_carried_out(
    sandbox: SandboxServer, get: Get
) -> None:
    sandbox.add_fault("*/v2/cycle", "reset")
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        get("cycle")
    assert get("cycle").status_code == 200
    token = sandbox.grant("ana")["refresh_token"]
    sandbox.add_fault("*/oauth2/token", "reset")
    # Whether a client notices while it still sends the form is chance: hence no message here.
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, token)
    assert refresh(sandbox, token).status_code == 200
    statuses = [entry["status"] for entry in sandbox.requests()]
    assert statuses == [None, 200, None, 200]


def test_lost_answer_carries_the_request_out_first(sandbox: SandboxServer) -> None:
    token = sandbox.grant("ana")["refresh_token"]
    before = set(sandbox.secrets())
    sandbox.add_fault("*/oauth2/token", "lost_answer")
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, token)
    kinds = sorted(secret.split("-")[1] for secret in set(sandbox.secrets()) - before)
    assert kinds == ["access", "refresh"]
    entry = sandbox.requests()[0]
    assert (entry["path"], entry["status"]) == ("/whoop/oauth/oauth2/token", None)
    assert entry["member"] == "ana"
    assert refresh(sandbox, token).json()["error"] == "invalid_grant"


def test_slow_delays_the_answer(sandbox: SandboxServer, get: Get) -> None:
    get("user/profile/basic")
    sandbox.add_fault("*/profile/basic", "slow", delay=0.2)
    before = time.monotonic()
    assert get("user/profile/basic").status_code == 200
    assert time.monotonic() - before >= 0.2
    with pytest.raises(ControlError, match="at most 30"):
        sandbox.add_fault("*", "slow", delay=31)


def test_trickle_sends_the_body_in_pieces(sandbox: SandboxServer, get: Get) -> None:
    whole = get("cycle").content
    sandbox.add_fault("*/v2/cycle", "trickle", delay=0.05)
    before = time.monotonic()
    answer = get("cycle")
    assert answer.content == whole
    assert int(answer.headers["Content-Length"]) == len(whole)
    assert time.monotonic() - before >= 0.35


@pytest.mark.parametrize("told", ["Tue, 05 Jun 2029 12:00:00 GMT", None])
def test_date_tells_another_time_or_none(
    sandbox: SandboxServer, get: Get, told: str | None
) -> None:
    sandbox.add_fault("*/v2/cycle", "date", value=told)
    answer = get("cycle")
    assert answer.headers.get("Date") == told
    assert answer.json()["records"]
    assert get("cycle").headers["Date"] == "Mon, 01 Jun 2026 12:00:00 GMT"


def test_a_slow_request_is_carried_out_though_its_client_has_gone(sandbox: SandboxServer) -> None:
    token = sandbox.grant("ana")["refresh_token"]
    sandbox.add_fault("*/oauth2/token", "slow", delay=0.5)
    with pytest.raises(requests.ReadTimeout):
        refresh(sandbox, token, timeout=0.1)
    deadline = time.monotonic() + 10
    while not sandbox.requests() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [entry["status"] for entry in sandbox.requests()] == [200]
    assert refresh(sandbox, token).json()["error"] == "invalid_grant"


def test_half_a_request_is_none(sandbox: SandboxServer) -> None:
    host, _, port = urlsplit(sandbox.url).netloc.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"POST /whoop/oauth/oauth2/token HTTP/1.1\r\nHost: x\r\n")
        client.sendall(b"Content-Length: 100\r\n\r\ngrant_type=refresh_token")
    token = sandbox.grant("ana")["refresh_token"]
    assert refresh(sandbox, token).status_code == 200
    assert len(sandbox.requests()) == 1


def test_truncate_halves_the_json_with_correct_framing(sandbox: SandboxServer, get: Get) -> None:
    whole = get("cycle").content
    sandbox.add_fault("*/v2/cycle", "truncate")
    answer = get("cycle")
    assert answer.status_code == 200
    assert answer.content == whole[: len(whole) // 2]
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_html_answers_with_a_page(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault("*/v2/cycle", "html")
    answer = get("cycle")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")


def test_replace_changes_the_text_of_an_answer(sandbox: SandboxServer, get: Get) -> None:
    whole = get("cycle").text
    sandbox.add_fault("*/v2/cycle", "replace", old='"SCORED"', new='"\\ud83d"')
    answer = get("cycle")
    assert answer.text == whole.replace('"SCORED"', '"\\ud83d"') != whole
    assert int(answer.headers["Content-Length"]) == len(answer.content)


def test_empty_page_has_a_token_that_leads_on(sandbox: SandboxServer, get: Get) -> None:
    truth = sandbox.truth("ana", "cycles")
    sandbox.add_fault("*/v2/cycle", "empty_page", times=2)
    first = get("cycle").json()
    second = get("cycle", nextToken=first["next_token"]).json()
    third = get("cycle", nextToken=second["next_token"]).json()
    assert first["records"] == second["records"] == []
    assert len({first["next_token"], second["next_token"], third["next_token"]}) == 3
    assert third["records"] == truth[:10]


def test_loop_token_answers_with_the_token_it_was_asked_with(
    sandbox: SandboxServer, get: Get
) -> None:
    sandbox.add_fault("*/v2/cycle", "loop_token", times=None)
    token = get("cycle").json()["next_token"]
    for _ in range(2):
        answer = get("cycle", nextToken=token).json()
        assert answer["next_token"] == token
        assert answer["records"] == sandbox.truth("ana", "cycles")[10:20]


def test_repeat_page_brings_a_page_twice_and_loses_none(sandbox: SandboxServer, get: Get) -> None:
    truth = sandbox.truth("ana", "cycles")
    sandbox.add_fault("*/v2/cycle", "repeat_page", skip=1)
    pages: list[Any] = []
    token: dict[str, str] = {}
    for _ in range(4):
        answer = get("cycle", **token).json()
        pages.append(answer["records"])
        token = {"nextToken": answer["next_token"]}
    assert pages == [truth[:10], truth[10:20], truth[10:20], truth[20:30]]


def test_duplicate_and_unsorted_keep_every_record_of_a_page(
    sandbox: SandboxServer, get: Get
) -> None:
    truth = sandbox.truth("ana", "cycles")[:10]
    sandbox.add_fault("*/v2/cycle", "duplicate")
    assert get("cycle").json()["records"] == [*truth, *truth]
    sandbox.add_fault("*/v2/cycle", "unsorted")
    records = get("cycle").json()["records"]
    assert records != truth
    assert sorted(records, key=truth.index) == truth


@pytest.mark.parametrize(
    ("args", "headers"),
    [
        ({}, ("100, 100;window=60, 10000;window=86400", "0", "60")),
        ({"reset": 3}, ("100, 100;window=60, 10000;window=86400", "0", "3")),
        ({"reset": None}, (None, None, None)),
        ({"day": True}, ("10000, 100;window=60, 10000;window=86400", "0", "43200")),
    ],
)
def test_rate_limit_refuses_with_or_without_headers(
    sandbox: SandboxServer, get: Get, args: dict[str, Any], headers: tuple[str | None, ...]
) -> None:
    sandbox.add_fault("*/v2/cycle", "rate_limit", **args)
    answer = get("cycle")
    assert answer.status_code == 429
    names = ("Limit", "Remaining", "Reset")
    assert tuple(answer.headers.get(f"X-RateLimit-{name}") for name in names) == headers


def test_unknown_field_is_added_to_each_record_and_to_single_objects(
    sandbox: SandboxServer, get: Get
) -> None:
    sandbox.add_fault("*", "unknown_field", times=None, name="mood", value=3)
    rows = get("cycle").json()["records"]
    assert [row.pop("mood") for row in rows] == [3] * 10
    assert rows == sandbox.truth("ana", "cycles")[:10]
    assert get("user/profile/basic").json()["mood"] == 3


def test_faults_of_answers_leave_errors_alone(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault("*/v2/cycle", "empty_page")
    assert get("cycle", limit=26).status_code == 400


def test_skip_and_times_count_matching_requests(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault("*/v2/cycle", "status", status=500, skip=2, times=2)
    get("recovery")
    assert [get("cycle").status_code for _ in range(5)] == [200, 200, 500, 500, 200]
    assert sandbox.faults()[0]["struck"] == 2


def test_times_null_strikes_until_cleared(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault("*/v2/cycle", "status", times=None)
    assert [get("cycle").status_code for _ in range(3)] == [500] * 3
    sandbox.clear_faults()
    assert sandbox.faults() == []
    assert get("cycle").status_code == 200


def test_the_pattern_covers_the_whole_path(sandbox: SandboxServer, get: Get) -> None:
    cycle = sandbox.truth("ana", "cycles")[1]["id"]
    sandbox.add_fault("*/v2/cycle", "status", times=None)
    assert get(f"cycle/{cycle}").status_code == 200
    assert get("cycle").status_code == 500


def test_the_first_fault_that_matches_strikes(sandbox: SandboxServer, get: Get) -> None:
    sandbox.add_fault("*/v2/cycle", "status", status=500)
    sandbox.add_fault("*/v2/*", "status", status=502)
    assert [get("cycle").status_code for _ in range(3)] == [500, 502, 200]


@pytest.mark.parametrize(
    "rule",
    [
        {"path": "*", "kind": "gremlin"},
        {"kind": "reset"},
        {"path": "*", "kind": "reset", "statsu": 500},
        {"path": "*", "kind": "reset", "times": "often"},
        {"path": "*", "kind": "reset", "times": 0},
        {"path": "*", "kind": "reset", "skip": -1},
        {"path": "*", "kind": "status", "status": "bad"},
        {"path": "*", "kind": "status", "headers": []},
        {"path": "*", "kind": "rate_limit", "reset": "soon"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    sandbox: SandboxServer, rule: dict[str, Any]
) -> None:
    url = f"{sandbox.url}/control/faults"
    assert requests.post(url, json=rule, timeout=10).status_code == 400
    assert sandbox.faults() == []
