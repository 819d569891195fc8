"""The data: plausible, complete, and odd where live data is odd."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from health_sandbox.server import SandboxServer
from health_sandbox.whoop.members import MEMBERS

Truth = Callable[[str, str], list[dict[str, Any]]]

WORN = [name for name in MEMBERS if name != "gus"]
HOME = {
    "ana": "Europe/Berlin",
    "ben": "America/New_York",
    "dee": "Australia/Lord_Howe",
}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def hours(later: str, earlier: str) -> float:
    return (moment(later) - moment(earlier)) / timedelta(hours=1)


def test_recoveries_follow_their_sleep_within_2_7_hours(truth: Truth) -> None:
    for member in WORN:
        sleeps = {row["id"]: row for row in truth(member, "sleeps")}
        recoveries = truth(member, "recoveries")
        nights = [row for row in sleeps.values() if not row["nap"]]
        assert {row["sleep_id"] for row in recoveries} == {row["id"] for row in nights}
        assert len({row["cycle_id"] for row in recoveries}) == len(recoveries)
        for recovery in recoveries:
            sleep = sleeps[recovery["sleep_id"]]
            assert sleep["cycle_id"] == recovery["cycle_id"]
            assert recovery["created_at"] >= sleep["created_at"]
            assert hours(recovery["created_at"], sleep["end"]) < 2.7


def test_some_cycles_have_no_recovery(truth: Truth) -> None:
    for member in ("ana", "ida"):
        cycles = {row["id"] for row in truth(member, "cycles")}
        recovered = {row["cycle_id"] for row in truth(member, "recoveries")}
        assert recovered < cycles
        assert 0.9 < len(recovered) / len(cycles) < 1.0


def test_cycles_join_up_except_where_the_strap_was_off(truth: Truth) -> None:
    breaks = {}
    for member in WORN:
        cycles = truth(member, "cycles")[::-1]
        pairs = list(pairwise(cycles))
        gaps = [hours(after["start"], before["end"]) for before, after in pairs]
        assert min(gaps) == 0
        breaks[member] = sum(gap > 0 for gap in gaps)
        ids = [row["id"] for row in cycles]
        assert ids == sorted(set(ids))
    assert breaks["ida"] >= 10
    assert all(1 <= breaks[member] <= 8 for member in ("ana", "ben", "jon"))


def test_no_two_activities_of_a_member_overlap(truth: Truth) -> None:
    for member in WORN:
        rows = truth(member, "sleeps") + truth(member, "workouts")
        spans = sorted((row["start"], row["end"]) for row in rows)
        for (start, end), (following, _) in pairwise(spans):
            assert start < end <= following


def test_sleep_stages_and_needs_add_up(truth: Truth) -> None:
    for member in WORN:
        for row in truth(member, "sleeps"):
            if not row.get("score"):
                continue
            stages, needed = row["score"]["stage_summary"], row["score"]["sleep_needed"]
            parts = ("awake", "no_data", "light_sleep", "slow_wave_sleep", "rem_sleep")
            in_bed = stages["total_in_bed_time_milli"]
            assert sum(stages[f"total_{part}_time_milli"] for part in parts) == in_bed
            assert all(value >= 0 for value in stages.values())
            length = moment(row["end"]) - moment(row["start"])
            assert in_bed == length / timedelta(milliseconds=1)
            assert needed["need_from_recent_nap_milli"] <= 0 < needed["baseline_milli"]
            if row["nap"]:
                assert row["score"].get("sleep_performance_percentage", 1.0) <= 38


def test_physiology_is_plausible(truth: Truth) -> None:
    for member in WORN:
        for row in truth(member, "cycles"):
            if score := row.get("score"):
                assert 0 <= score["strain"] < 21
                assert 30 < score["average_heart_rate"] < score["max_heart_rate"] <= 205
                assert 3000 < score["kilojoule"] < 25000
        for row in truth(member, "recoveries"):
            if score := row.get("score"):
                assert 1 <= score["recovery_score"] <= 99
                assert 15 < score["hrv_rmssd_milli"] < 220
                assert 30 < score["resting_heart_rate"] < 80
                assert ("spo2_percentage" in score) == (member != "ben")
        for row in truth(member, "workouts"):
            if score := row.get("score"):
                length = (moment(row["end"]) - moment(row["start"])) / timedelta(milliseconds=1)
                recorded = length * score["percent_recorded"]
                assert abs(sum(score["zone_durations"].values()) - recorded) <= 1
                assert score["average_heart_rate"] <= score["max_heart_rate"]


def test_a_day_is_never_easier_than_its_workouts(truth: Truth) -> None:
    cycles = [row for row in truth("jon", "cycles") if row["end"] and row.get("score")]
    workouts = truth("jon", "workouts")
    for cycle in cycles[:200]:
        for row in workouts:
            if cycle["start"] <= row["start"] < cycle["end"] and row.get("score"):
                assert row["score"]["strain"] <= cycle["score"]["strain"]


def test_sports_cover_the_odd_cases(truth: Truth) -> None:
    workouts = truth("jon", "workouts")
    by_sport = {row["sport_name"]: row for row in workouts}
    expected = "running cycling weightlifting_msk hiking-rucking padel activity sauna stretching"
    assert set(expected.split()) <= set(by_sport)
    assert by_sport["activity"]["sport_id"] == -1
    assert "sport_id" not in by_sport["padel"]
    saunas = [row for row in workouts if row["sport_name"] == "sauna"]
    assert all(not row.get("score") for row in saunas)
    stretching = by_sport["stretching"]["score"]
    assert stretching["kilojoule"] == stretching["average_heart_rate"] == 0


@pytest.mark.parametrize("member", HOME)
def test_daylight_saving_moves_the_offset(truth: Truth, member: str) -> None:
    zone = ZoneInfo(HOME[member])
    offsets = set()
    for row in truth(member, "sleeps"):
        local = moment(row["start"]).astimezone(zone).strftime("%z")
        if row["timezone_offset"].replace(":", "") == local:
            offsets.add(row["timezone_offset"])
    assert len(offsets) == 2
    assert {"dee": "+10:30", "ana": "+02:00", "ben": "-05:00"}[member] in offsets


@pytest.mark.parametrize(
    ("change", "gained"), [("2025-10-26T01:00:00.000Z", -1), ("2026-03-29T01:00:00.000Z", 1)]
)
def test_nights_of_a_clock_change_are_there(truth: Truth, change: str, gained: int) -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    night = next(row for row in truth("jon", "sleeps") if row["start"] < change < row["end"])
    start, end = moment(night["start"]), moment(night["end"])
    wall = [at.astimezone(zone).replace(tzinfo=None) for at in (start, end)]
    assert (wall[1] - wall[0]) - (end - start) == timedelta(hours=gained)
    assert night["timezone_offset"] == ("+02:00" if gained < 0 else "+01:00")


def test_travellers_change_their_offset_and_come_home(truth: Truth) -> None:
    offsets = [row["timezone_offset"] for row in truth("fay", "cycles")]
    assert {"Z", "+01:00"} <= set(offsets)
    assert len(set(offsets)) >= 6
    assert all(row["timezone_offset"] == "+05:30" for row in truth("chandra", "cycles"))
    assert {row["timezone_offset"] for row in truth("ida", "cycles")} == {"Z"}


def test_two_cycles_can_start_on_one_local_date(truth: Truth) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    dates = [moment(row["start"]).astimezone(zone).date() for row in truth("chandra", "cycles")]
    assert len(dates) > len(set(dates))


def test_a_new_account_begins_with_midnight_cycles_made_days_later(truth: Truth) -> None:
    first, second, third = truth("eli", "cycles")[::-1][:3]
    assert (first["start"], first["end"]) == (
        "2025-10-29T00:00:00.000Z",
        "2025-10-30T00:00:00.000Z",
    )
    assert second["start"] == first["end"]
    assert hours(third["start"], second["end"]) > 12
    assert first["created_at"].startswith("2025-10-31")
    early = [row["score"] for row in truth("eli", "sleeps")[::-1][:3]]
    assert not any("sleep_performance_percentage" in score for score in early)
    scores = [row["score"] for row in truth("eli", "recoveries") if row.get("score")]
    calibrating = [score["user_calibrating"] for score in scores]
    assert calibrating[-1] is True
    assert calibrating[0] is False


def test_odd_members(truth: Truth) -> None:
    assert truth("fay", "body") == []
    collections = ["profile", "body", "cycles", "sleeps", "recoveries", "workouts"]
    assert [len(truth("gus", name)) for name in collections] == [1, 1, 0, 0, 0, 0]
    hal = truth("hal", "profile")[0]
    assert hal["user_id"] > 2**31
    assert min(row["id"] for row in truth("hal", "cycles")) > 2**31
    assert not any("step_count" in row for row in truth("ben", "cycles"))
    entered = [row for row in truth("chandra", "sleeps") if row["nap"]]
    assert len(entered) > 150


def test_cycle_ids_pass_the_published_values_and_int32_in_2027(truth: Truth) -> None:
    ids = {row["created_at"][:10]: row["id"] for row in truth("ana", "cycles")}
    assert abs(ids["2026-01-20"] - 1_264_154_381) < 2_100_000
    assert abs(ids["2026-05-28"] - 1_528_948_829) < 2_100_000
    with SandboxServer(clock="2027-04-10T12:00:00Z", frozen=True, years=1) as later:
        ids = {row["created_at"][:10]: row["id"] for row in later.truth("ana", "cycles")}
    assert ids["2027-03-01"] < 2**31 < ids["2027-04-10"]


def test_ids_are_unique_among_all_members(truth: Truth) -> None:
    for collection in ("cycles", "sleeps", "workouts"):
        ids = [row["id"] for member in MEMBERS for row in truth(member, collection)]
        assert len(ids) == len(set(ids))
