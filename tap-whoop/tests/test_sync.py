"""Whole syncs against the sandbox, over real HTTP."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from singer_sdk.exceptions import ConfigValidationError

from health_tap_core.catalog_checks import catalog_of
from health_tap_core.testing import SyncResult, sync
from health_tap_core.timestamps import parse_instant
from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

    from .conftest import Setup

COLLECTIONS = ["cycles", "sleeps", "recoveries", "workouts"]
QUIET = sorted(
    [
        "/v2/activity/sleep",
        "/v2/activity/workout",
        "/v2/cycle",
        "/v2/recovery",
        "/v2/user/measurement/body",
        "/v2/user/profile/basic",
    ]
)
DAY = 86_400


def key_of(stream: str) -> str:
    return "cycle_id" if stream == "recoveries" else "id"


def bookmark(result: SyncResult, stream: str) -> str:
    value = result.bookmark(stream)
    assert value
    return value


def without_times(rows: dict[Any, dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {key: {**row, "synced_at": None} for key, row in rows.items()}


def test_everything_in_the_window_arrives_with_its_text(ana: Setup) -> None:
    result = ana.sync()
    for stream in COLLECTIONS:
        start = parse_instant("2026-03-01")
        truth = {
            record[key_of(stream)]: record
            for record in ana.sandbox.truth("ana", stream)
            if stream == "recoveries" or parse_instant(record["end"] or "2100-01-01") > start
        }
        rows = {key: row for (key,), row in result.rows(stream).items()}
        if stream == "recoveries":
            assert truth.keys() >= rows.keys()
            assert len(rows) > 80
        else:
            assert rows.keys() == truth.keys()
        for key, row in rows.items():
            assert json.loads(row["raw"]) == truth[key]


def test_keys_and_state_are_real(ana: Setup) -> None:
    result = ana.sync()
    result.check_keys()
    result.check_state()
    for stream in COLLECTIONS:
        assert result.bookmark(stream) is not None
        assert (
            abs(parse_instant(result.bookmark(stream) or "") - parse_instant(ana_now())).seconds < 2
        )


def ana_now() -> str:
    return "2026-06-01T12:00:00Z"


def test_a_second_sync_asks_once_per_stream_and_changes_nothing(ana: Setup) -> None:
    first = ana.sync()
    ana.data_requests()
    second = ana.sync()
    assert sorted(ana.data_requests()) == QUIET
    for stream in COLLECTIONS:
        before, after = without_times(first.rows(stream)), without_times(second.rows(stream))
        assert after
        assert all(before[key] == row for key, row in after.items())


def test_the_lookback_catches_a_rescored_night(ana: Setup) -> None:
    ana.sync()
    night = next(s for s in ana.sandbox.truth("ana", "sleeps") if s["score"] and not s["nap"])
    ana.sandbox.advance(5 * DAY)
    ana.sandbox.edit("ana", "sleeps", night["id"], {"score": {"respiratory_rate": 12.25}})
    rows = ana.sync().rows("sleeps")
    assert rows[(night["id"],)]["score_respiratory_rate"] == 12.25


def test_an_edit_of_an_old_record_does_not_move_the_bookmark(ana: Setup) -> None:
    first = ana.sync()
    old = ana.sandbox.truth("ana", "workouts")[-1]
    ana.sandbox.edit("ana", "workouts", old["id"], {"updated_at": "2099-01-01T00:00:00.000Z"})
    ana.sandbox.advance(DAY)
    second = ana.sync()
    assert bookmark(first, "workouts") < bookmark(second, "workouts") < "2026-06-03"


def test_the_open_cycle_and_unscored_records_are_kept_with_nulls(ana: Setup) -> None:
    ana.sandbox.edit(
        "ana",
        "workouts",
        ana.sandbox.truth("ana", "workouts")[0]["id"],
        {"score_state": "PENDING_SCORE", "score": None},
    )
    result = ana.sync()
    (open_cycle,) = [row for row in result.records("cycles") if row["end"] is None]
    assert open_cycle["score_strain"] is not None
    pending = [r for r in result.records("workouts") if r["score_state"] == "PENDING_SCORE"]
    assert pending
    assert all(r["score_strain"] is None for r in pending)


def test_records_that_two_pages_repeat_are_one_row(ana: Setup, sandbox: SandboxServer) -> None:
    sandbox.add_fault("*/v2/cycle", "duplicate", times=None)
    result = ana.sync()
    result.check_keys()
    log = {row["stream"]: row for row in result.records("sync_windows")}
    assert log["cycles"]["records"] > log["cycles"]["distinct_keys"]
    assert log["cycles"]["distinct_keys"] == len(result.rows("cycles"))


def test_the_sync_log_claims_what_was_returned(ana: Setup) -> None:
    result = ana.sync()
    log = {row["stream"]: row for row in result.records("sync_windows")}
    assert set(log) == {*COLLECTIONS, "user_basic_profile", "user_body_measurement"}
    assert sum(row["requests"] for row in log.values()) == len(ana.data_requests())
    for stream, row in log.items():
        records = result.records(stream)
        assert (row["status"], row["error"], row["account"]) == ("complete", None, "default")
        assert row["distinct_keys"] == len(records)
        assert row["user_id"] == str(records[0]["user_id"])
        assert {record["synced_at"] for record in records} == {row["synced_at"]}
        snapshot = stream.startswith("user_")
        assert row["basis"] == ("snapshot" if snapshot else "activity_time")
        assert row["kind"] == ("snapshot" if snapshot else "backfill")


def test_the_claim_comes_after_its_rows_and_before_the_bookmark(ana: Setup) -> None:
    messages = ana.sync().messages
    for stream in COLLECTIONS:
        rows = [i for i, m in enumerate(messages) if m.get("stream") == stream]
        claim = next(
            i
            for i, m in enumerate(messages)
            if m["type"] == "RECORD" and m["record"].get("stream") == stream
        )
        bookmark = next(
            i
            for i, m in enumerate(messages)
            if m["type"] == "STATE"
            and "replication_key_value" in str(m["value"]["bookmarks"].get(stream))
        )
        assert max(rows) < claim < bookmark


def test_windows_are_walked_upwards_with_a_bookmark_each(ana: Setup) -> None:
    whole = ana.sync()
    ana.state = {}
    result = ana.sync(window_days=30)
    log = [row for row in result.records("sync_windows") if row["stream"] == "cycles"]
    assert len(log) == 4
    assert [row["window_start"] for row in log[1:]] == [row["window_end"] for row in log[:-1]]
    assert without_times(result.rows("cycles")) == without_times(whole.rows("cycles"))


def test_an_error_between_windows_keeps_what_is_complete(ana: Setup) -> None:
    ana.sandbox.add_fault("*/v2/cycle", "status", status=400, times=None, skip=5)
    result = ana.sync(window_days=30)
    log = [row for row in result.records("sync_windows") if row["stream"] == "cycles"]
    assert [row["status"] for row in log] == ["complete", "failed"]
    assert result.bookmark("cycles") == log[0]["window_end"]
    ana.sandbox.clear_faults()
    again = ana.sync(window_days=30)
    assert again.error is None


def windows_of(result: SyncResult, stream: str = "cycles") -> list[tuple[str, str, str]]:
    """Kind, begin and end of each window of a run, to the day."""
    return [
        (row["kind"], row["window_start"][:10], row["window_end"][:10])
        for row in result.records("sync_windows")
        if row["stream"] == stream
    ]


def test_end_date_bounds_a_run_and_hides_nothing(ana: Setup) -> None:
    """It says nothing of what lies before the stretch and behind it."""
    first = ana.sync(start_date="2026-04-01", end_date="2026-04-11")
    assert windows_of(first) == [("backfill", "2026-04-01", "2026-04-11")]
    assert first.bookmark("cycles") is None
    whole = ana.sync()
    assert windows_of(whole) == [
        ("backfill", "2026-03-01", "2026-04-01"),
        ("incremental", "2026-04-11", "2026-06-01"),
    ]
    for _ in range(2):
        bounded = ana.sync(start_date="2026-04-01", end_date="2026-04-11")
        assert len(bounded.records("cycles")) >= 9
        assert bookmark(bounded, "cycles") == bookmark(whole, "cycles")


def test_a_start_date_moved_back_adds_what_was_never_read(ana: Setup) -> None:
    ana.sync(start_date="2026-05-01")
    ana.sandbox.advance(DAY)
    added = ana.sync()
    assert windows_of(added) == [
        ("backfill", "2026-03-01", "2026-05-01"),
        ("incremental", "2026-05-25", "2026-06-02"),
    ]
    assert windows_of(ana.sync()) == [("incremental", "2026-05-26", "2026-06-02")]


@pytest.mark.parametrize(
    ("setting", "kind"),
    [({"start_date": "2026-06-20"}, "incremental"), ({"reconcile_days": 3}, "reconcile")],
)
def test_the_last_days_alone_leave_no_hole_behind_and_cost_no_lookback(
    ana: Setup, setting: dict[str, Any], kind: str
) -> None:
    """After three weeks without a run, somebody asks for the last two or three days."""
    before = bookmark(ana.sync(), "cycles")
    ana.sandbox.advance(21 * DAY)
    (window,) = windows_of(ana.sync(**setting))
    assert window[0] == kind
    assert window[1] >= "2026-06-19"
    assert ana.state["bookmarks"]["cycles"]["partitions"][0]["replication_key_value"] == before
    assert windows_of(ana.sync()) == [("incremental", "2026-05-25", "2026-06-22")]


def test_after_three_weeks_off_the_window_reaches_to_the_last_success(ana: Setup) -> None:
    ana.sync()
    ana.sandbox.advance(21 * DAY)
    assert windows_of(ana.sync()) == [("incremental", "2026-05-25", "2026-06-22")]


def test_reconcile_days_read_the_recent_past_again(ana: Setup) -> None:
    whole = ana.sync()
    again = ana.sync(reconcile_days=30)
    assert windows_of(again) == [("reconcile", "2026-05-02", "2026-06-01")]
    # A proof needs a day to spare at both edges: short windows would prove nothing.
    assert windows_of(ana.sync(reconcile_days=30, window_days=1)) == windows_of(again)
    assert windows_of(again, "user_basic_profile")[0][0] == "snapshot"
    assert bookmark(again, "cycles") == bookmark(whole, "cycles")


def test_what_is_read_first_is_a_backfill_whatever_it_is_called(ana: Setup) -> None:
    """A log without a backfill tells that the history was lost."""
    assert windows_of(ana.sync(reconcile_days=30)) == [("backfill", "2026-05-02", "2026-06-01")]


def test_a_state_of_a_bookmark_alone_is_understood(ana: Setup) -> None:
    ana.sync()
    for stream in COLLECTIONS:
        del ana.state["bookmarks"][stream]["partitions"][0]["covered"]
    assert windows_of(ana.sync()) == [("incremental", "2026-05-25", "2026-06-01")]


def test_long_work_says_where_it_is_and_what_came_of_it(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.config["requests_per_minute"] = 1
    with caplog.at_level(logging.INFO):
        result = ana.sync(window_days=30)
    lines = [r.getMessage() for r in caplog.records if r.name == "health_tap_core.progress"]
    second = [line for line in lines if line.startswith("sleeps") and "window 2 of 4" in line]
    assert re.fullmatch(
        r"sleeps of account 'default': window 2 of 4 \(up to 2026-04-30\), \d+ rows, \d+ requests, "
        r"1 requests a minute, about \d+ min( \d+ s)? left",
        second[0],
    ), second
    (report,) = [line for line in lines if line.startswith("cycles") and "complete" in line]
    rows = len(result.records("cycles"))
    assert f"cycles of account 'default': 4 of 4 windows complete (100 %), {rows} rows" in report
    assert "Run of tap-whoop: 18 of 18 windows complete (100 %)" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO):
        ana.sync(requests_per_minute=100)
    assert not [r for r in caplog.records if r.name == "health_tap_core.progress"]


def test_an_end_date_to_come_is_none(ana: Setup) -> None:
    assert bookmark(ana.sync(end_date="2030-01-01"), "cycles").startswith("2026-06-01T12:00:0")
    assert len(ana.sync(end_date="2030-01-01").records("cycles")) < 20


def test_unknown_fields_are_named_once_and_kept_in_raw(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.sandbox.add_fault("*/v2/activity/workout", "unknown_field", times=None)
    with caplog.at_level(logging.WARNING):
        result = ana.sync()
    lines = [r.message for r in caplog.records if "no column yet" in r.message]
    assert len(lines) == 1
    assert lines[0].startswith("workouts: ")
    row = result.records("workouts")[0]
    assert "no column yet: sandbox_field_new. Their" in lines[0]
    assert json.loads(row["raw"])["sandbox_field"] == {"new": True}
    assert "sandbox_field_new" not in row
    drift = {(r["stream"], r["drift"]) for r in result.records("sync_windows")}
    assert {(s, names) for s, names in drift if names} == {("workouts", "sandbox_field_new")}


def test_a_runs_rows_and_lines_name_it_and_whose_they_are(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        runs = [{row["run_id"] for row in ana.sync().records("sync_windows")} for _ in range(2)]
    assert [len(ids) for ids in runs] == [1, 1]
    assert runs[0] != runs[1]
    claims = [vars(r) for r in caplog.records if "(records: " in r.message]
    assert {line["sync_run_id"] for line in claims} == runs[0] | runs[1]
    assert {line["account"] for line in claims} == {"default"}
    assert {line["stream_name"] for line in claims} >= set(COLLECTIONS)
    (last,) = [vars(r) for r in caplog.records if r.message.startswith("Run of")][-1:]
    assert (last["sync_run_id"], "account" in last) == (*runs[1], False)


def test_raw_can_be_deselected(ana: Setup) -> None:
    catalog = catalog_of(TapWhoop)
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            item["metadata"]["selected"] = item["breadcrumb"] != ["properties", "raw"]
    result = sync(TapWhoop, ana.config, catalog=catalog)
    assert result.records("cycles")
    assert "raw" not in result.records("cycles")[0]


def test_a_new_member_is_empty_and_complete(sandbox: SandboxServer, ana: Setup) -> None:
    new = next(m["name"] for m in sandbox.members() if not sandbox.truth(m["name"], "cycles"))
    ana.connect(new)
    result = ana.sync()
    assert result.error is None
    assert all(row["status"] == "complete" for row in result.records("sync_windows"))


def test_no_body_measurement_is_a_warning(
    sandbox: SandboxServer, ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    bodiless = next(m["name"] for m in sandbox.members() if not sandbox.truth(m["name"], "body"))
    ana.connect(bodiless)
    with caplog.at_level(logging.WARNING):
        result = ana.sync()
    assert result.error is None
    assert not result.records("user_body_measurement")
    assert "WHOOP has no body measurement of account 'default'" in caplog.text


def test_the_machines_clock_does_not_matter(ana: Setup) -> None:
    result = ana.sync()
    (row,) = [r for r in result.records("sync_windows") if r["stream"] == "cycles"]
    assert row["window_end"].startswith("2026-06-01T12:00:0")
    assert row["synced_at"].startswith("2026-06-01T12:00:0")


def test_offsets_in_dates_are_instants_for_the_vendor_too(ana: Setup) -> None:
    result = ana.sync(start_date="2026-05-01T00:00:00+05:00", end_date="2026-05-20T00:00:00-08:00")
    asked = [r["query"] for r in ana.sandbox.requests() if r["path"].endswith("/v2/cycle")]
    (row,) = [r for r in result.records("sync_windows") if r["stream"] == "cycles"]
    assert (row["window_start"], row["window_end"]) == (
        "2026-04-30T19:00:00Z",
        "2026-05-20T08:00:00Z",
    )
    assert "2026-04-30T19:00:00.000Z" in str(asked[0])
    assert "2026-05-20T08:00:00.000Z" in str(asked[0])


def test_a_bookmark_from_the_future_is_not_believed_and_healed(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.sync()
    for stream in COLLECTIONS:
        partition = ana.state["bookmarks"][stream]["partitions"][0]
        partition["replication_key_value"] = "2099-01-01T00:00:00Z"
    result = ana.sync()
    assert "lies in the future, so a wrong clock wrote it" in caplog.text
    assert len(result.rows("cycles")) > 80
    assert bookmark(result, "cycles").startswith("2026-06-01T12:00:0")


def test_a_machine_clock_in_the_past_forgets_nothing_while_nobody_tells_the_time(
    ana: Setup,
) -> None:
    ana.sync()
    before = json.dumps(ana.state["bookmarks"], sort_keys=True)
    ana.sandbox.add_fault("*", "reset", times=None)
    result = ana.sync(machine_clock=60.0)
    assert json.dumps(ana.state["bookmarks"], sort_keys=True) == before
    (row,) = [r for r in result.records("sync_windows") if r["stream"] == "cycles"]
    assert (row["status"], row["error"]) == ("failed", "unreachable")
    ana.sandbox.clear_faults()
    assert windows_of(ana.sync()) == [("incremental", "2026-05-25", "2026-06-01")]


def test_what_is_read_ahead_of_the_time_is_dated_when_the_vendor_tells_it(ana: Setup) -> None:
    ana.sandbox.add_fault("*/profile/basic", "reset", times=None)
    result = ana.sync(machine_clock=4_102_444_800.0)
    for stream in COLLECTIONS:
        assert all(row["synced_at"] < "2026-06-02" for row in result.records(stream)), stream
    (partition,) = ana.state["bookmarks"]["cycles"]["partitions"]
    assert partition["covered"][-1][1] < "2026-05-26"


def test_records_tell_whose_they_are_when_the_profile_does_not(ana: Setup) -> None:
    ana.sandbox.add_fault("*/profile/basic", "status", status=503, times=None)
    result = ana.sync()
    claims = [r for r in result.records("sync_windows") if r["stream"] in COLLECTIONS]
    assert {row["user_id"] for row in claims} == {
        str(ana.sandbox.truth("ana", "profile")[0]["user_id"])
    }
    whose = {ana.state["bookmarks"][stream]["partitions"][0]["user"] for stream in COLLECTIONS}
    ana.sandbox.clear_faults()
    ana.sync()
    assert {ana.state["bookmarks"]["cycles"]["partitions"][0]["user"]} == whose


def test_what_was_read_of_nobody_does_not_count(ana: Setup) -> None:
    """Who has neither a profile nor records has no user to be known by."""
    ana.sandbox.add_fault("*/profile/basic", "status", status=503, times=None)
    nothing: dict[str, Any] = {"records": [], "next_token": None}
    ana.sandbox.add_fault("*/v2/activity/workout", "status", status=200, body=nothing, times=None)
    only = ana.catalog("workouts")
    assert ana.sync(catalog=only).records("sync_windows")[0]["user_id"] is None
    ana.sandbox.clear_faults()
    assert windows_of(ana.sync(catalog=only), "workouts") == [
        ("backfill", "2026-03-01", "2026-06-01")
    ]


def test_a_machine_clock_in_the_future_writes_no_future_bookmark(ana: Setup) -> None:
    # The profile is out of reach, so the run is planned before the vendor was heard.
    ana.sandbox.add_fault("*/profile/basic", "reset", times=None)
    result = ana.sync(machine_clock=4_102_444_800.0)
    assert bookmark(result, "cycles").startswith("2026-06-01T12:0")


def test_a_bookmark_that_is_none_fails_its_stream_only(ana: Setup) -> None:
    ana.sync()
    ana.state["bookmarks"]["cycles"]["partitions"][0]["replication_key_value"] = "garbage"
    result = ana.sync()
    log = {row["stream"]: row["error"] for row in result.records("sync_windows")}
    assert log == dict.fromkeys(log) | {"cycles": "bookmark"}


def test_nothing_to_read_is_said(ana: Setup, caplog: pytest.LogCaptureFixture) -> None:
    result = ana.sync(start_date="2027-01-01")
    assert not result.records("cycles")
    assert "so nothing was read" in caplog.text


def test_a_catalog_without_keys_is_refused(ana: Setup) -> None:
    catalog = catalog_of(TapWhoop)
    for entry in catalog["streams"]:
        entry.pop("key_properties")
        for item in entry["metadata"]:
            item["metadata"].pop("table-key-properties", None)
    with pytest.raises(ConfigValidationError, match=r"cycles the key \[\] instead of \['id'\]"):
        sync(TapWhoop, ana.config, catalog=catalog)


def test_the_evidence_cannot_be_deselected(ana: Setup) -> None:
    catalog = catalog_of(TapWhoop)
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            item["metadata"]["selected"] = not item["breadcrumb"]
            item["metadata"].pop("inclusion", None)
    result = sync(TapWhoop, ana.config, catalog=catalog)
    assert result.records("cycles")[0].keys() >= {"account", "synced_at"}


def test_a_value_of_another_type_ends_nothing(ana: Setup, caplog: pytest.LogCaptureFixture) -> None:
    newest = ana.sandbox.truth("ana", "workouts")[0]
    ana.sandbox.edit("ana", "workouts", newest["id"], {"score": {"strain": "high"}})
    result = ana.sync()
    assert result.error is None
    row = result.rows("workouts")[(newest["id"],)]
    assert row["score_strain"] is None
    assert json.loads(row["raw"])["score"]["strain"] == "high"
    assert "values of another type: score_strain" in caplog.text


def test_another_person_under_the_same_name_gets_the_whole_history(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    ana.sync()
    ana.connect("ben")
    result = ana.sync()
    assert len(result.rows("cycles")) > 80
    assert caplog.text.count("is somebody else's, who was logged in") == len(COLLECTIONS)
    assert str(result.records("cycles")[0]["user_id"]) not in str(result.state)
    assert len(ana.sync().rows("cycles")) < 20


def test_the_same_person_who_logs_in_again_goes_on_from_the_bookmark(ana: Setup) -> None:
    ana.sync()
    ana.connect("ana")
    assert len(ana.sync().rows("cycles")) < 20
