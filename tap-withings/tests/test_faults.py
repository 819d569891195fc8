"""What happens to a sync when Withings misbehaves: fail the stream, keep the rest, say why."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from health_sandbox.server import SandboxServer

from .conftest import NOW, Setup

if TYPE_CHECKING:
    from pathlib import Path

    from health_tap_core.testing import SyncResult

MEASURES = "*/withings/measure"
STREAMS = [
    "activity",
    "devices",
    "goals",
    "heart_recordings",
    "measure_groups",
    "measures",
    "profile",
    "sleep_summary",
    "workouts",
]


@pytest.fixture
def ana(ana: Setup) -> Setup:
    """Ana from May on: most faults need no more."""
    ana.config["start_date"] = "2026-05-01"
    return ana


def log_of(result: SyncResult) -> dict[str, tuple[str, str | None]]:
    return {row["stream"]: (row["status"], row["error"]) for row in result.records("sync_windows")}


def contents(result: SyncResult, stream: str) -> dict[Any, str]:
    return {key: row["raw"] for key, row in result.rows(stream).items()}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 502},
        {"kind": "reset"},
        {"kind": "lost_answer"},
        {"kind": "truncate"},
        {"kind": "html"},
        {"kind": "envelope", "status": 2555},
        {"kind": "envelope", "status": 522, "body": None, "error": None},
        {"kind": "envelope", "status": 5000},
        {"kind": "rate_limit", "wait_seconds": 17},
        {"kind": "rate_limit", "wait_seconds": None},
    ],
    ids=str,
)
def test_a_passing_fault_costs_a_retry_and_nothing_else(ana: Setup, fault: dict[str, Any]) -> None:
    only = ana.catalog("measure_groups", "measures")
    whole = ana.sync(catalog=only)
    ana.state = {}
    ana.sandbox.add_fault(MEASURES, **fault, times=2, skip=1)
    result = ana.sync(catalog=only)
    assert result.error is None
    assert contents(result, "measures") == contents(whole, "measures")
    assert len(ana.waits) == 2
    if fault["kind"] == "rate_limit":
        assert ana.waits == [fault["wait_seconds"] or 60] * 2


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "more_as", "spelling": "int"},
        {"kind": "more_as", "spelling": "bool"},
        {"kind": "more_as", "spelling": "string"},
        {"kind": "more_as", "spelling": "word"},
        {"kind": "empty_as"},
        {"kind": "duplicate"},
        {"kind": "unsorted"},
    ],
    ids=str,
)
def test_a_strange_but_sound_answer_is_read(ana: Setup, fault: dict[str, Any]) -> None:
    ana.config["start_date"] = "2026-05-20"
    whole = ana.sync()
    ana.state = {}
    ana.sandbox.add_fault("*/withings/*", **fault, times=None)
    result = ana.sync()
    assert result.error is None
    result.check_keys()
    for stream in STREAMS:
        assert result.rows(stream).keys() == whole.rows(stream).keys(), stream


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 500}, "vendor_failure"),
        ({"kind": "reset"}, "unreachable"),
        ({"kind": "truncate"}, "malformed_answer"),
        ({"kind": "html"}, "malformed_answer"),
        ({"kind": "status", "status": 404}, "request_rejected"),
        ({"kind": "envelope", "status": 503, "error": "Invalid Params"}, "request_rejected"),
        ({"kind": "envelope", "status": 2554}, "request_rejected"),
        ({"kind": "envelope", "status": 77777}, "request_rejected"),
        ({"kind": "envelope", "status": 2556}, "vendor_failure"),
        ({"kind": "envelope", "status": 277}, "missing_scope"),
        ({"kind": "envelope", "status": 401}, "access_token_rejected"),
        ({"kind": "envelope", "status": 0, "body": None}, "malformed_answer"),
        ({"kind": "envelope", "status": 0, "body": {}}, "malformed_answer"),
        ({"kind": "stuck_offset"}, "page_loop"),
        ({"kind": "stuck_offset", "missing": True}, "page_loop"),
    ],
    ids=str,
)
def test_a_lasting_fault_fails_the_stream_alone_and_leaves_its_bookmark(
    ana: Setup, fault: dict[str, Any], error: str
) -> None:
    before = ana.sync().bookmark("sleep_summary")
    ana.sandbox.advance(86_400)
    ana.sandbox.add_fault("*/v2/sleep", **fault, times=None)
    result = ana.sync()
    assert log_of(result) == dict.fromkeys(STREAMS, ("complete", None)) | {
        "sleep_summary": ("failed", error)
    }
    assert result.bookmark("sleep_summary") == before
    assert not result.records("sleep_summary")
    assert f"sleep_summary of account 'default' ({error})" in str(result.error)
    ana.sandbox.clear_faults()
    assert ana.sync().error is None


def test_what_cannot_help_is_not_tried_again(ana: Setup) -> None:
    ana.sync()
    ana.questions()
    ana.sandbox.add_fault(MEASURES, "envelope", status=503, error="Invalid Params", times=None)
    ana.sync()
    assert ana.questions().count("getmeas") == 1
    assert not ana.waits


def test_a_group_that_fails_takes_its_measures_along(ana: Setup) -> None:
    ana.sandbox.add_fault(MEASURES, "envelope", status=503, times=None)
    result = ana.sync()
    assert (
        log_of(result)["measures"]
        == log_of(result)["measure_groups"]
        == (
            "failed",
            "request_rejected",
        )
    )


def test_an_error_in_the_middle_of_paging_gives_no_partial_window(ana: Setup) -> None:
    del ana.config["start_date"]
    ana.config["window_days"] = 20_000
    ana.sandbox.add_fault(MEASURES, "envelope", status=400, times=None, skip=2)
    result = ana.sync(catalog=ana.catalog("measure_groups", "measures"))
    assert not result.records("measure_groups")
    assert not result.records("measures")
    assert (
        not result.state["bookmarks"]
        .get("measure_groups", {})
        .get("partitions", [{}])[0]
        .get("replication_key_value")
    )


def test_a_page_that_comes_again_in_the_place_of_another_loses_nothing(tmp_path: Path) -> None:
    with SandboxServer(
        clock=NOW, frozen=True, years=1, requests_per_minute=10_000, page_size=20
    ) as small:
        ana = Setup(small, tmp_path)
        ana.connect("ana")
        only = ana.catalog("measure_groups")
        ana.sync(catalog=only)
        for number in range(60):
            ana.sandbox.add("ana", "measure_groups", {"date": 1_780_000_000 + number})
        ana.sandbox.advance(10_800)
        ana.sandbox.add_fault(MEASURES, "repeat_page", times=1)
        assert len(ana.sync(catalog=only).rows("measure_groups")) == 60


def test_a_missing_scope_is_named_and_fails_its_streams_only(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.connect("ana", ["user.activity"])
    with caplog.at_level(logging.ERROR):
        result = ana.sync()
    failed = {stream for stream, (status, _) in log_of(result).items() if status == "failed"}
    assert failed == {"devices", "goals", "measure_groups", "measures", "heart_recordings"}
    for scope in ("user.info", "user.metrics"):
        assert f"lacks the scope {scope}" in caplog.text
    assert {row["user_id"] for row in result.records("activity")} == {"24817305"}


def test_an_expired_access_token_is_refreshed_once(ana: Setup) -> None:
    ana.sync()
    ana.sandbox.advance(11_000)
    ana.sandbox.clear_requests()
    assert ana.sync().error is None
    refreshes = [r for r in ana.sandbox.requests() if r["path"].endswith("/oauth2")]
    assert len(refreshes) == 1


def test_a_dead_grant_says_how_to_log_in_and_is_asked_for_once(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.sync()
    ana.sandbox.revoke("ana")
    ana.sandbox.advance(11_000)
    ana.sandbox.clear_requests()
    result = ana.sync()
    assert set(log_of(result).values()) == {("failed", "grant_dead")}
    assert "Log in again: tap-withings-auth login" in caplog.text
    asked = [request["path"].rpartition("/")[2] for request in ana.sandbox.requests()]
    # Once with the access token; then the present refresh token, and the one before it.
    assert asked == ["user", "oauth2", "oauth2"]
    assert not ana.waits


def test_no_secret_and_no_value_is_logged(ana: Setup, caplog: pytest.LogCaptureFixture) -> None:
    ana.sandbox.add_fault("*/v2/sleep", "html", times=None)
    ana.sandbox.add(
        "ana", "measure_groups", {"measures": [{"type": 1, "value": 123457, "unit": -3}]}
    )
    with caplog.at_level("DEBUG"):
        ana.sync()
    said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    secrets = [secret for secret in ana.sandbox.secrets() if secret != "sandbox-client"]
    assert not [secret for secret in ("123457", "123.457", "24817305", *secrets) if secret in said]
