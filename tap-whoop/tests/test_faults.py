"""What happens to a sync when the vendor misbehaves: fail the stream, keep the rest, say why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

    from .conftest import Setup

CYCLES = "*/v2/cycle"
TOKEN = "*/oauth2/token"
OTHERS = ["sleeps", "recoveries", "workouts", "user_basic_profile", "user_body_measurement"]


def log_of(result: Any) -> dict[str, tuple[str, str | None]]:
    return {row["stream"]: (row["status"], row["error"]) for row in result.records("sync_windows")}


PASSING = [
    {"kind": "status", "status": 500},
    {"kind": "status", "status": 503},
    {"kind": "reset"},
    {"kind": "truncate"},
    {"kind": "html"},
]


@pytest.fixture
def ana(ana: Setup) -> Setup:
    """Ana from April on: most faults need no more."""
    ana.config["start_date"] = "2026-04-01"
    return ana


@pytest.mark.parametrize("fault", PASSING, ids=str)
def test_a_passing_fault_costs_a_retry_and_nothing_else(ana: Setup, fault: dict[str, Any]) -> None:
    whole = ana.sync()
    ana.state = {}
    ana.sandbox.add_fault(CYCLES, **fault, times=2, skip=1)
    result = ana.sync()
    assert result.error is None
    assert result.rows("cycles").keys() == whole.rows("cycles").keys()
    assert len(ana.waits) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 500}, "vendor_failure"),
        ({"kind": "reset"}, "unreachable"),
        ({"kind": "truncate"}, "malformed_answer"),
        ({"kind": "html"}, "malformed_answer"),
        ({"kind": "status", "status": 400}, "request_rejected"),
        ({"kind": "status", "status": 403}, "missing_scope"),
        ({"kind": "status", "status": 401}, "missing_scope"),
    ],
    ids=str,
)
def test_a_lasting_fault_fails_the_stream_alone_and_leaves_its_bookmark(
    ana: Setup, fault: dict[str, Any], error: str
) -> None:
    before = ana.sync().bookmark("cycles")
    ana.sandbox.advance(86_400)
    ana.sandbox.add_fault(CYCLES, **fault, times=None)
    result = ana.sync()
    assert log_of(result)["cycles"] == ("failed", error)
    assert all(log_of(result)[stream] == ("complete", None) for stream in OTHERS)
    assert result.bookmark("cycles") == before
    assert not result.records("cycles")
    assert result.error
    assert f"cycles of account 'default' ({error})" in result.error
    ana.sandbox.clear_faults()
    assert ana.sync().error is None


def test_pages_that_never_end_fail_the_stream(ana: Setup) -> None:
    ana.sandbox.add_fault(CYCLES, "loop_token", times=None)
    result = ana.sync()
    assert log_of(result)["cycles"] == ("failed", "page_loop")
    assert not result.records("cycles")


def test_an_error_in_the_middle_of_paging_gives_no_partial_window(ana: Setup) -> None:
    ana.sandbox.add_fault(CYCLES, "status", status=500, times=None, skip=2)
    result = ana.sync()
    assert not result.records("cycles")
    assert result.bookmark("cycles") is None


def test_continue_leaves_it_to_the_sync_log(ana: Setup) -> None:
    ana.sandbox.add_fault(CYCLES, "status", status=500, times=None)
    result = ana.sync(on_error="continue")
    assert result.error is None
    assert log_of(result)["cycles"] == ("failed", "vendor_failure")


def test_a_limit_per_minute_is_waited_for_and_the_sync_goes_on(ana: Setup) -> None:
    ana.sandbox.add_fault(CYCLES, "rate_limit", reset=23, times=1, skip=1)
    result = ana.sync()
    assert result.error is None
    assert [wait for wait in ana.waits if 20 < wait < 26]


def test_a_whole_backfill_stays_below_the_documented_limit(
    sandbox: SandboxServer, ana: Setup
) -> None:
    result = ana.sync(start_date="2010-01-01")
    assert result.error is None
    assert not [r for r in sandbox.requests() if r["status"] == 429]


def test_the_daily_quota_stops_the_rest_and_keeps_what_is_complete(ana: Setup) -> None:
    ana.sandbox.add_fault("*/v2/recovery", "rate_limit", day=True, times=None)
    result = ana.sync()
    log = log_of(result)
    assert log["cycles"] == ("complete", None)
    assert result.bookmark("cycles")
    assert {log[stream] for stream in ("recoveries", "sleeps", "workouts")} == {("failed", "quota")}
    assert result.error


def test_the_daily_quota_ends_everything_without_a_wait(ana: Setup) -> None:
    ana.sandbox.add_fault("*/developer/*", "rate_limit", day=True, times=None)
    result = ana.sync()
    assert result.error
    assert not ana.waits
    assert {error for _, error in log_of(result).values()} == {"quota"}
    assert len(ana.data_requests()) == 1


def test_a_missing_scope_is_named_and_fails_its_streams_only(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.connect("ana", ["offline", "read:cycles", "read:sleep", "read:profile"])
    with caplog.at_level(logging.ERROR):
        result = ana.sync()
    failed = {stream for stream, (status, _) in log_of(result).items() if status == "failed"}
    assert failed == {"recoveries", "workouts", "user_body_measurement"}
    for scope in ("read:recovery", "read:workout", "read:body_measurement"):
        assert f"lacks the scope {scope}" in caplog.text


def test_without_the_profile_the_collections_still_sync(ana: Setup) -> None:
    ana.connect("ana", ["offline", "read:cycles", "read:sleep", "read:recovery", "read:workout"])
    result = ana.sync()
    failed = {stream for stream, (status, _) in log_of(result).items() if status == "failed"}
    assert failed == {"user_basic_profile", "user_body_measurement"}
    assert {row["user_id"] for row in result.records("cycles")} == {
        ana.sandbox.truth("ana", "profile")[0]["user_id"]
    }


def test_an_expired_access_token_is_refreshed_once(ana: Setup) -> None:
    ana.sync()
    ana.sandbox.advance(2 * 3600)
    ana.sandbox.clear_requests()
    assert ana.sync().error is None
    tokens = [r for r in ana.sandbox.requests() if r["path"].endswith("/token")]
    refused = [r for r in ana.sandbox.requests() if r["status"] == 401]
    assert len(tokens) == 1
    assert len(refused) == 1


@pytest.mark.parametrize(
    ("break_it", "error", "message"),
    [
        (lambda s: s.sandbox.revoke("ana"), "grant_dead", "tap-whoop-auth login --account default"),
        (
            lambda s: s.config.update(client_secret="wrong"),
            "client_rejected",
            "Check client_id and client_secret",
        ),
        (
            lambda s: s.config.update(token_url="http://127.0.0.1:9/token"),
            "refresh_failed",
            "Check the connection and token_url",
        ),
    ],
    ids=["revoked", "wrong secret", "token endpoint unreachable"],
)
def test_an_account_that_cannot_sign_in_asks_once_and_says_what_to_do(
    ana: Setup,
    caplog: pytest.LogCaptureFixture,
    break_it: Any,
    error: str,
    message: str,
) -> None:
    break_it(ana)
    with caplog.at_level(logging.DEBUG):
        result = ana.sync()
    assert {e for _, e in log_of(result).values()} == {error}
    assert message in caplog.text
    assert len([r for r in ana.sandbox.requests() if r["path"].endswith("/token")]) <= 1


def test_an_unreachable_api_is_said(ana: Setup, caplog: pytest.LogCaptureFixture) -> None:
    ana.sync()
    with caplog.at_level(logging.ERROR):
        result = ana.sync(api_url="http://127.0.0.1:9")
    assert {error for _, error in log_of(result).values()} == {"unreachable"}
    assert "Check the connection and api_url" in caplog.text


def test_no_secret_reaches_a_log_or_a_message(ana: Setup, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ana.sync()
        ana.sandbox.add_fault("*/developer/*", "status", status=401, times=None)
        result = ana.sync()
        ana.sandbox.revoke("ana")
        result = ana.sync()
    said = caplog.text + str(result.messages) + str(result.error) + str(ana.state)
    secrets = [secret for secret in ana.sandbox.secrets() if secret != "sandbox-client"]
    assert len(secrets) > 3
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"user_id":"7"}'])
def test_a_profile_without_a_user_fails_its_own_streams_only(ana: Setup, body: str) -> None:
    ana.sandbox.add_fault("*/profile/basic", "status", status=200, body=body, times=None)
    result = ana.sync()
    log = log_of(result)
    assert all(log[stream] == ("complete", None) for stream in ("cycles", "sleeps", "workouts"))
    assert log["user_basic_profile"][0] == "failed"


def test_a_defect_is_contained_and_shows_no_value(
    ana: Setup, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("resting heart rate 51")

    monkeypatch.setattr("tap_whoop.streams.Sleeps.read", broken)
    result = ana.sync()
    log = log_of(result)
    assert log["sleeps"] == ("failed", "defect")
    assert log["workouts"] == ("complete", None)
    assert "KeyError at test_faults.py" in caplog.text
    assert "51" not in caplog.text.partition("KeyError at")[2].partition("report it")[0]
