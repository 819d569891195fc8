"""Whole syncs against the sandbox, over real HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from health_tap_core.timestamps import parse_instant
from health_tap_core.window import Window
from tap_withings import fields
from tap_withings.streams.measures import MeasureGroups
from tap_withings.tap import TapWithings

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer
    from health_tap_core.testing import SyncResult

    from .conftest import Setup

#: The sandbox's collection of each stream whose rows are its records.
TRUTHS = {
    "devices": "devices",
    "measure_groups": "measure_groups",
    "activity": "activity",
    "workouts": "workouts",
    "sleep_summary": "sleep_summary",
    "heart_recordings": "heart_recordings",
}
CHANGES = ["measure_groups", "activity", "workouts", "sleep_summary"]
#: One request for each selected top-level stream; the profile costs none.
QUIET = sorted(
    ["getdevice", "getgoals", "getmeas", "getactivity", "getworkouts", "getsummary", "list"]
)
DAY = 86_400
#: 2026-06-01T12:00:00Z, when the sandbox begins.
NOW = 1_780_315_200
#: 2026-03-01T00:00:00Z, the start date of the tests.
MARCH = 1_772_323_200


def canonical(records: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(record, sort_keys=True) for record in records)


def verbatim(result: SyncResult, stream: str) -> list[dict[str, Any]]:
    return [json.loads(row["raw"]) for row in result.rows(stream).values()]


def log_of(result: SyncResult, stream: str) -> list[dict[str, Any]]:
    return [row for row in result.records("sync_windows") if row["stream"] == stream]


@pytest.mark.parametrize("member", ["ana", "hal", "ben", "gus"])
def test_everything_that_withings_knows_arrives_with_its_text(ana: Setup, member: str) -> None:
    ana.connect(member)
    del ana.config["start_date"]
    result = ana.sync()
    assert result.error is None
    for stream, collection in TRUTHS.items():
        truth = ana.sandbox.truth(member, collection)
        assert canonical(verbatim(result, stream)) == canonical(truth), stream
    assert result.rows("measure_groups") or member == "gus"
    assert {row["user_id"] for stream in TRUTHS for row in result.records(stream)} <= {
        str(next(m["user_id"] for m in ana.sandbox.members() if m["name"] == member))
    }


def test_keys_and_state_are_real(ana: Setup) -> None:
    result = ana.sync()
    result.check_keys()
    result.check_state()
    for stream in [*CHANGES, "heart_recordings"]:
        assert str(result.bookmark(stream)).startswith("2026-06-01T12:00:0"), stream


def test_a_second_sync_asks_once_per_stream_and_finds_nothing_new(ana: Setup) -> None:
    ana.sync()
    ana.sandbox.advance(2 * 3600)
    ana.sync()
    ana.questions()
    ana.sandbox.advance(1)
    again = ana.sync()
    assert sorted(ana.questions()) == QUIET
    changed = {stream: len(again.rows(stream)) for stream in CHANGES}
    assert all(count <= 1 for count in changed.values()), changed  # the day grows


def test_my_weight_does_not_update(ana: Setup) -> None:
    """Taken at 07:00, synced at 11:00 with its earlier time stamp: it is here with the next run."""
    morning = NOW + 19 * 3600  # 07:00 of the next day
    ana.sandbox.advance(20 * 3600)
    ana.sync()
    ana.sandbox.set_clock("2026-06-02T11:00:00Z")
    weigh_in = {"date": morning, "measures": [{"type": 1, "value": 75500, "unit": -3}]}
    ana.sandbox.add("ana", "measure_groups", weigh_in)
    ana.sandbox.advance(600)
    rows = ana.sync().records("measures")
    (row,) = [row for row in rows if row["date"] == "2026-06-02T07:00:00Z"]
    assert (row["value"], row["value_raw"], row["unit_exponent"]) == (75.5, 75500, -3)
    assert row["created"] == "2026-06-02T11:00:00Z"


def test_an_edit_of_an_old_record_comes_and_does_not_move_the_bookmark(ana: Setup) -> None:
    first = ana.sync()
    old = min(ana.sandbox.truth("ana", "measure_groups"), key=lambda group: group["date"])
    ana.sandbox.advance(DAY)
    ana.sandbox.edit("ana", "measure_groups", old["grpid"], {"attrib": 7, "modified": 2**31})
    second = ana.sync()
    assert second.rows("measure_groups")[(old["grpid"],)]["attrib"] == 7
    assert str(first.bookmark("measure_groups")) < str(second.bookmark("measure_groups"))
    assert str(second.bookmark("measure_groups")).startswith("2026-06-02T12:00")


@pytest.mark.parametrize("date", ["1999-05-01T06:00:00Z", "2036-05-01T06:00:00Z"])
def test_what_is_dated_outside_of_all_windows_is_found_all_the_same(ana: Setup, date: str) -> None:
    del ana.config["start_date"]
    epoch = {"1999": 925_538_400, "2036": 2_093_234_400}[date[:4]]
    ana.sandbox.add("ana", "measure_groups", {"date": epoch})
    rows = ana.sync().records("measure_groups")
    assert [row["date"] for row in rows if row["date"] == date]


def test_the_history_is_proven_by_dates_and_then_asked_for_by_change(ana: Setup) -> None:
    result = ana.sync(window_days=30)
    for stream in CHANGES:
        *history, changes = log_of(result, stream)
        assert [row["basis"] for row in history] == ["activity_time"] * 4
        assert history[0]["window_start"] == "2026-03-01T00:00:00Z"
        assert [row["window_start"] for row in history[1:]] == [
            row["window_end"] for row in history[:-1]
        ]
        assert (changes["basis"], changes["kind"]) == ("change_time", "backfill")
        assert changes["window_start"] == "2026-03-01T00:00:00Z"
        assert all(row["status"] == "complete" for row in [*history, changes])


def test_changes_and_dates_are_never_asked_for_together(ana: Setup) -> None:
    ana.sync()
    ana.sync()
    asked = [r["query"] for r in ana.sandbox.requests() if "action" in r["query"]]
    changes = [query for query in asked if "lastupdate" in query]
    assert changes
    assert not [q for q in changes if {"startdate", "enddate", "startdateymd"} & q.keys()]
    assert all(int(query["lastupdate"]) > 0 for query in changes)


def test_local_days_are_asked_for_with_a_day_on_both_sides(ana: Setup) -> None:
    ana.sync()
    first = next(
        r["query"] for r in ana.sandbox.requests() if r["query"].get("action") == "getactivity"
    )
    assert (first["startdateymd"], first["enddateymd"]) == ("2026-02-28", "2026-06-02")


def test_all_fields_are_always_asked_for(ana: Setup) -> None:
    ana.config["start_date"] = "2026-05-28"
    ana.sync(catalog=ana.catalog("activity", "workouts", "sleep_stages", "intraday_activity"))
    asked = {
        r["query"]["action"]: r["query"]["data_fields"]
        for r in ana.sandbox.requests()
        if "data_fields" in r["query"]
    }
    assert asked == {
        "getactivity": fields.data_fields(fields.ACTIVITY),
        "getintradayactivity": fields.data_fields(fields.INTRADAY),
        "getworkouts": fields.data_fields(fields.WORKOUT),
        "getsummary": fields.data_fields(fields.SLEEP),
        "get": fields.data_fields(fields.SLEEP_STATE),
    }


def test_an_interrupted_history_goes_on_where_it_was(ana: Setup) -> None:
    ana.sandbox.add_fault("*/measure", "status", status=400, times=None, skip=2)
    only = ana.catalog("measure_groups")
    first = ana.sync(window_days=30, catalog=only)
    statuses = [row["status"] for row in log_of(first, "measure_groups")]
    assert statuses == ["complete", "complete", "failed"]
    assert first.bookmark("measure_groups") is None
    ana.sandbox.clear_faults()
    second = ana.sync(window_days=30, catalog=only)
    windows = log_of(second, "measure_groups")
    assert windows[0]["window_start"] == log_of(first, "measure_groups")[1]["window_end"]
    assert windows[-1]["basis"] == "change_time"
    third = ana.sync(window_days=30, catalog=only)
    assert [row["kind"] for row in log_of(third, "measure_groups")] == ["incremental"]


def test_an_end_date_reads_by_dates_and_moves_no_bookmark(ana: Setup) -> None:
    whole = ana.sync().bookmark("activity")
    ana.sandbox.advance(DAY)
    bounded = ana.sync(start_date="2026-04-01", end_date="2026-04-11")
    (window,) = log_of(bounded, "activity")
    assert (window["basis"], window["window_start"], window["window_end"]) == (
        "activity_time",
        "2026-04-01T00:00:00Z",
        "2026-04-11T00:00:00Z",
    )
    assert len(bounded.records("activity")) >= 10
    assert bounded.bookmark("activity") == whole
    del ana.config["start_date"]
    before = ana.sync(end_date="2026-06-01")
    windows = log_of(before, "activity")
    assert windows[0]["window_start"] == "2013-01-01T00:00:00Z"
    assert windows[-1]["window_start"].startswith("2026-05-26T12:00:0")
    assert before.bookmark("activity") == whole


def test_a_start_date_moved_back_adds_what_was_never_read(ana: Setup) -> None:
    only = ana.catalog("measure_groups", "heart_recordings")
    dated = {"date": 0, "created": MARCH + 30 * DAY, "modified": MARCH + 30 * DAY}
    odd = ana.sandbox.add("ana", "measure_groups", dated)
    ana.sync(start_date="2026-05-01", catalog=only)
    ana.sandbox.advance(DAY)
    added = ana.sync(catalog=only)
    history, changes = log_of(added, "measure_groups")
    assert (history["kind"], history["window_start"], history["window_end"]) == (
        "backfill",
        "2026-03-01T00:00:00Z",
        "2026-05-01T00:00:00Z",
    )
    assert (changes["kind"], changes["basis"]) == ("backfill", "change_time")
    assert odd["grpid"] in {row["grpid"] for row in added.records("measure_groups")}
    dates = [row["date"] for row in added.records("measure_groups")]
    assert len([d for d in dates if "2026-03-01" <= d < "2026-05-01"]) > 30
    assert [row["kind"] for row in log_of(ana.sync(catalog=only), "measure_groups")] == [
        "incremental"
    ]


def test_reconcile_days_read_by_dates_again_and_move_no_bookmark(ana: Setup) -> None:
    only = ana.catalog("measure_groups", "heart_recordings")
    whole = ana.sync(catalog=only)
    ana.sandbox.advance(DAY)
    again = ana.sync(catalog=only, reconcile_days=30)
    for stream in ("measure_groups", "heart_recordings"):
        (window,) = log_of(again, stream)
        assert (window["kind"], window["basis"]) == ("reconcile", "activity_time")
        assert window["window_start"].startswith("2026-05-03T12:00:0")
        assert window["window_end"].startswith("2026-06-02T12:00:0")
    assert again.bookmark("measure_groups") == whole.bookmark("measure_groups")


def test_a_stretch_read_before_everything_else_hides_nothing(ana: Setup) -> None:
    ana.sync(start_date="2026-04-01", end_date="2026-04-11")
    whole = ana.sync()
    assert log_of(whole, "activity")[0]["window_start"] == "2026-03-01T00:00:00Z"
    assert len(whole.rows("heart_recordings")) == len(
        [r for r in ana.sandbox.truth("ana", "heart_recordings") if r["timestamp"] >= MARCH]
    )


def test_an_end_date_to_come_is_none(ana: Setup) -> None:
    ana.sync(end_date="2030-01-01")
    ana.sandbox.advance(DAY)
    ana.sandbox.add("ana", "measure_groups", {"date": NOW - 5 * DAY})
    result = ana.sync(end_date="2030-01-01")
    assert [row["date"] for row in result.records("measure_groups")].count("2026-05-27T12:00:00Z")


@pytest.mark.parametrize("first", ["measure_groups", "measures"])
def test_a_table_that_is_selected_later_gets_the_whole_history(
    ana: Setup, caplog: pytest.LogCaptureFixture, first: str
) -> None:
    ana.sync(catalog=ana.catalog(first))
    both = ana.sync(catalog=ana.catalog("measure_groups", "measures"))
    assert len(both.rows("measure_groups")) > 100
    assert len(both.rows("measures")) > 100
    assert "is older than the selection of measure" in caplog.text
    again = ana.sync(catalog=ana.catalog("measure_groups", "measures"))
    assert not again.rows("measures")


def test_a_recording_that_a_watch_delivers_weeks_later_arrives_with_its_signal(ana: Setup) -> None:
    catalog = ana.catalog("heart_recordings", "ecg_signals")
    ana.sync(catalog=catalog)
    ana.questions()
    ana.sandbox.advance(DAY / 24)
    late = ana.sandbox.add("ana", "heart_recordings", {"timestamp": NOW - 30 * DAY})
    result = ana.sync(catalog=catalog)
    signal = late["ecg"]["signalid"]
    assert signal in {row["ecg_signalid"] for row in result.records("heart_recordings")}
    recent = {
        r["ecg"]["signalid"]
        for r in ana.sandbox.truth("ana", "heart_recordings")
        if r.get("modified", r["timestamp"] + 7 * DAY) >= NOW - DAY / 24
    }
    assert {row["signalid"] for row in result.records("ecg_signals")} == recent
    assert signal in recent
    assert len(recent) < 6
    assert ana.questions().count("list") == 1


def test_the_vendors_time_of_an_answer_bounds_the_bookmark_if_it_makes_sense() -> None:
    stream = TapWithings(config={}, validate_config=False).streams["measure_groups"]
    assert isinstance(stream, MeasureGroups)
    start, end = parse_instant("2026-05-01"), parse_instant("2026-06-01")
    window = Window(start, end, "incremental", "change_time")
    for told, bookmark in (
        (None, "2026-06-01"),
        ("2026-05-31", "2026-05-31"),
        ("2026-06-02", "2026-06-01"),
        ("1970-01-01", "2026-06-01"),
    ):
        stream._update_time = parse_instant(told) if told else None
        assert stream.known_until(window) == parse_instant(bookmark)


@pytest.mark.parametrize("start", ["1960-01-01", "0001-01-01"])
def test_a_start_before_everything_is_the_beginning(ana: Setup, start: str) -> None:
    result = ana.sync(start_date=start)
    assert result.error is None
    assert log_of(result, "measure_groups")[0]["window_start"] == "2009-01-01T00:00:00Z"


def test_a_night_of_impossible_length_is_left_out(
    ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    catalog = ana.catalog("sleep_stages")
    ana.config["start_date"] = "2026-05-25"
    ana.sync(catalog=catalog)
    night = ana.sandbox.truth("ana", "sleep_summary")[0]
    ana.sandbox.advance(DAY)
    ana.sandbox.edit("ana", "sleep_summary", night["id"], {"startdate": 0})
    result = ana.sync(catalog=catalog)
    assert result.error is None
    assert f"session {night['id']} begins and ends at times that no night has" in caplog.text


def test_measures_come_with_their_groups_and_cost_nothing(ana: Setup) -> None:
    result = ana.sync(catalog=ana.catalog("measure_groups", "measures"))
    groups, measures = log_of(result, "measure_groups"), log_of(result, "measures")
    assert [row["window_start"] for row in groups] == [row["window_start"] for row in measures]
    assert sum(row["requests"] for row in groups) == len(ana.questions())
    assert not sum(row["requests"] for row in measures)
    assert sum(row["distinct_keys"] for row in measures) == len(result.records("measures"))
    told = {
        (group["grpid"], m["type"], m.get("position", -1))
        for group in verbatim(result, "measure_groups")
        for m in group["measures"]
    }
    assert {key[:3] for key in result.rows("measures")} == told


def test_measures_can_be_had_without_their_groups(ana: Setup) -> None:
    result = ana.sync(catalog=ana.catalog("measures"))
    assert result.records("measures")
    assert not result.records("measure_groups")
    assert {row["stream"] for row in result.records("sync_windows")} == {"measures"}
    assert result.bookmark("measure_groups")


def test_the_claim_comes_after_its_rows_and_before_the_bookmark(ana: Setup) -> None:
    messages = ana.sync(catalog=ana.catalog("measure_groups", "measures")).messages
    first_claim = next(i for i, m in enumerate(messages) if m.get("stream") == "sync_windows")
    state = next(i for i, m in enumerate(messages) if "covered" in str(m.get("value")))
    rows = [i for i, m in enumerate(messages) if m["type"] == "RECORD" and i < state]
    assert {messages[i]["stream"] for i in rows if i < first_claim} == {
        "measure_groups",
        "measures",
    }
    assert {messages[i]["stream"] for i in rows if i > first_claim} == {"sync_windows"}


def test_stages_are_read_by_night_and_only_for_nights_that_changed(ana: Setup) -> None:
    catalog = ana.catalog("sleep_summary", "sleep_stages")
    ana.config["start_date"] = "2026-05-20"
    result = ana.sync(catalog=catalog)
    nights = {row["id"] for row in result.records("sleep_summary")}
    assert {row["sleep_id"] for row in result.records("sleep_stages")} == nights
    truth = [s for s in ana.sandbox.truth("ana", "sleep_stages") if s["sleep_id"] in nights]
    assert len(result.rows("sleep_stages")) == len(truth)
    ana.sandbox.advance(2 * 3600)
    ana.sync(catalog=catalog)
    ana.questions()
    ana.sandbox.advance(1)
    ana.sync(catalog=catalog)
    assert ana.questions() == ["getdevice", "getsummary"]
    old = min(ana.sandbox.truth("ana", "sleep_summary"), key=lambda night: night["startdate"])
    ana.sandbox.edit("ana", "sleep_summary", old["id"], {"completed": True})
    again = ana.sync(catalog=catalog)
    assert {row["sleep_id"] for row in again.records("sleep_stages")} == {old["id"]}


def test_intraday_entries_are_read_a_day_at_a_time(ana: Setup) -> None:
    catalog = ana.catalog("intraday_activity")
    result = ana.sync(start_date="2026-05-30", catalog=catalog)
    slices = [q["query"] for q in ana.sandbox.requests() if "data_fields" in q["query"]]
    lengths = [int(part["enddate"]) - int(part["startdate"]) for part in slices]
    assert lengths[:2] == [DAY, DAY]
    assert 0 <= lengths[2] - DAY // 2 <= 1
    since = "2026-05-30T00:00:00Z"
    truth = [
        entry
        for entry in ana.sandbox.truth("ana", "intraday_activity")
        if entry["timestamp"] >= NOW - 5 * DAY // 2
    ]
    rows = result.records("intraday_activity")
    assert len(rows) == len(truth) > 100
    assert min(row["timestamp"] for row in rows) >= since


def test_a_signal_comes_with_each_ecg(ana: Setup) -> None:
    result = ana.sync(catalog=ana.catalog("heart_recordings", "ecg_signals"))
    recorded = {row["ecg_signalid"] for row in result.records("heart_recordings")} - {-1}
    rows = result.records("ecg_signals")
    assert {row["signalid"] for row in rows} == recorded
    assert recorded
    for row in rows[:3]:
        (truth,) = [
            t for t in ana.sandbox.truth("ana", "ecg_signals") if t["signalid"] == row["signalid"]
        ]
        assert json.loads(row["signal"]) == truth["signal"]
        assert row["timestamp"]
    assert ana.questions().count("list") == 1


def test_goals_that_were_dropped_are_a_row_without_values(ana: Setup) -> None:
    before = ana.sync().records("goals")[0]
    assert before["steps"]
    ana.sandbox.delete("ana", "goals", "goals")
    after = ana.sync().records("goals")[0]
    assert after["user_id"] == before["user_id"]
    assert (after["steps"], after["raw"]) == (None, "{}")


def test_the_profile_is_what_the_token_answer_tells(ana: Setup) -> None:
    (row,) = ana.sync().records("profile")
    assert row["user_id"].isdigit()
    assert set(row["scope"].split()) >= {"user.info", "user.metrics"}
    assert set(json.loads(row["raw"])) == {"userid", "scope"}


def test_a_user_without_anything_is_empty_and_complete(ana: Setup) -> None:
    ana.connect("gus")
    result = ana.sync()
    assert result.error is None
    assert all(row["status"] == "complete" for row in result.records("sync_windows"))
    assert result.records("goals")[0]["steps"] is None


def test_the_machines_clock_does_not_matter(ana: Setup) -> None:
    ana.sync()  # the token is there, so the next run's first answer is of the API
    ana.sandbox.advance(60)
    result = ana.sync(machine_clock=NOW - 400 * DAY)
    (row,) = log_of(result, "activity")
    assert row["window_end"].startswith("2026-06-01T12:01:0")
    assert str(result.bookmark("activity")).startswith("2026-06-01T12:01:0")


def test_unknown_fields_are_named_once_and_kept_in_raw(
    sandbox: SandboxServer, ana: Setup, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.add_fault("*/v2/sleep", "unknown_field", times=None)
    result = ana.sync()
    (line,) = [r.getMessage() for r in caplog.records if "no column yet" in r.getMessage()]
    assert line.startswith("sleep_summary: the vendor sends fields that have no column yet")
    assert json.loads(result.records("sleep_summary")[0]["raw"])["sandbox_field"] == {"new": True}
