"""Withings' data over time: the same everywhere, changing and as odd as live data."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from health_sandbox.instants import DAY, HOUR, SECOND, parse_instant
from health_sandbox.timeline import first_day
from health_sandbox.withings import fields
from health_sandbox.withings.history import DERIVED, SPANS, History
from health_sandbox.withings.members import MEMBERS

Row = dict[str, Any]
NOON = parse_instant("2026-06-01T12:00:00Z")
COLLECTIONS = (*SPANS, *DERIVED)
KEYS = {"measure_groups": "grpid", "activity": "date", "workouts": "id", "sleep_summary": "id"}


def history(member: str, years: float = 0.5, *, start: int = NOON, seed: int = 1) -> History:
    return History(MEMBERS[member], seed, first_day(start, years))


@cache
def shared(member: str) -> History:
    """A history that tests only look at."""
    return history(member)


@cache
def rows(member: str, collection: str) -> list[Row]:
    return [row.body for row in shared(member).rows(collection, NOON).values()]


def everyone(collection: str) -> list[Row]:
    return [row for member in MEMBERS for row in rows(member, collection)]


def test_the_seed_decides_and_the_start_of_the_clock_does_not() -> None:
    for member in ("ana", "ida", "eli"):
        other, early = history(member, 0.1, seed=2), history(member, start=NOON - 20 * DAY)
        for collection, key in KEYS.items():
            now = {row[key]: row for row in rows(member, collection)}
            known = {row.body[key]: row.body for row in early.rows(collection, NOON).values()}
            assert now.items() <= known.items()
            assert [name for name in known if name in now] == [*now]
            assert len(known) > len(now) or not now
            for row in other.rows(collection, NOON).values():
                assert now.get(row.body[key]) != row.body


def test_the_clock_can_go_back_to_what_was_seen_then() -> None:
    account = history("jon", 0.05)
    then = {name: account.rows(name, NOON) for name in COLLECTIONS}
    for name in COLLECTIONS:
        later = account.rows(name, NOON + 20 * DAY)
        assert later != then[name] or name == "goals"
    assert {name: account.rows(name, NOON) for name in COLLECTIONS} == then


def test_ids_are_unique_and_beyond_32_bits() -> None:
    for collection, key in (
        ("measure_groups", "grpid"),
        ("workouts", "id"),
        ("sleep_summary", "id"),
    ):
        ids = [row[key] for row in everyone(collection)]
        assert len(set(ids)) == len(ids) > 500
        assert 2**32 <= min(ids) <= max(ids) < 2**53


def test_one_weigh_in_is_several_groups_of_one_moment() -> None:
    moments = defaultdict[int, list[Row]](list)
    for row in rows("hal", "measure_groups"):
        moments[row["date"]].append(row)
    parts = [moment for moment in moments.values() if len(moment) > 1]
    assert len(parts) > 50
    for moment in parts:
        assert len({row["created"] for row in moment}) == 1
    attribs = Counter(row["attrib"] for moment in parts for row in moment)
    assert {0, 8} <= {*attribs}


def test_measures_come_in_all_exponents_types_and_attributions() -> None:
    groups = everyone("measure_groups")
    measures = [row for group in groups for row in group["measures"]]
    assert {row["unit"] for row in measures} == {-6, -4, -3, -2, -1, 0, 1, 2, 3}
    assert all(isinstance(row["value"], int) for row in measures)
    kinds = {row["type"] for row in measures}
    assert {1, 4, 5, 6, 8, 9, 10, 11, 12, 18, 54, 71, 73, 76, 77, 88, 91, 123, 130} <= kinds
    assert {135, 139, 155, 158, 167, 168, 170, 173, 174, 175, 196, 226, 227, 229, 240} <= kinds
    attribs = {group["attrib"] for group in groups}
    assert attribs == {0, 1, 2, 3, 4, 5, 7, 8, 10, 15, 17, 10009, 10010}
    weights = defaultdict[int, set[int]](set)
    for row in measures:
        weights[row["type"]].add(row["unit"])
    assert {-2, -3, -4, -6} <= weights[1]
    assert {0, -2} <= weights[10]
    relayed = [row for row in measures if row["unit"] == -6]
    assert {row["value"] % 100_000 for row in relayed} <= {3, 4}
    assert {row["apppfmid"] for row in relayed} == {9}


def test_segments_have_positions_and_the_whole_body_comes_twice() -> None:
    found = 0
    for group in rows("jon", "measure_groups"):
        measures = group["measures"]
        arms = [row["position"] for row in measures if row["type"] == 173]
        if not arms:
            continue
        found += 1
        assert sorted(arms) == [2, 3, 10, 11, 12]
        for kind in (5, 8):
            first, second = (row for row in measures if row["type"] == kind)
            assert first == second
            assert first["position"] == 7
    assert found > 100


def test_groups_without_a_device_without_stamps_and_with_either_spelling() -> None:
    groups = everyone("measure_groups")
    entered = [row for row in groups if row["attrib"] == 2 and row["category"] == 1]
    assert entered
    assert {(row["deviceid"], row["model"]) for row in entered} == {(None, None)}
    spellings = Counter(name for row in groups for name in ("modelid", "model_id") if name in row)
    assert spellings["modelid"] > spellings["model_id"] > 10
    bare = [row for row in groups if "created" not in row]
    assert {row["attrib"] for row in bare} == {2, 4}
    assert not [row for row in bare if {"modified", "deviceid"} & {*row}]
    assert [row for row in groups if "created" in row and "modified" not in row]
    assert Counter(row["category"] for row in groups)[2] > 9
    heights = [row for group in groups for row in group["measures"] if row["type"] == 4]
    assert len(heights) == 9


def test_groups_come_late_and_change_later() -> None:
    waits = sorted(row["created"] - row["date"] for row in rows("hal", "measure_groups"))
    assert 60 < waits[len(waits) // 2] < 150
    late = [row for row in rows("ida", "measure_groups") if "created" in row]
    assert max(row["created"] - row["date"] for row in late) > 86400
    account, shots = history("ida", 0.2), list[dict[str, Row]]()
    for day in range(90):
        now = NOON + day * DAY
        shots.append({row.id: row.body for row in account.rows("measure_groups", now).values()})
        for body in shots[-1].values():
            assert body.get("created", 0) * SECOND <= now
    confirmed = deleted = 0
    for before, after in itertools.pairwise(shots):
        for key, body in before.items():
            deleted += key not in after
            if key in after and after[key] != body:
                assert after[key]["modified"] > body["modified"]
                confirmed += (body["attrib"], after[key]["attrib"]) == (1, 7)
    assert confirmed
    assert deleted
    earlier = [row for row in rows("hal", "measure_groups") if row["modified"] < row["created"]]
    assert {row["created"] - row["modified"] for row in earlier} == {1}


def test_ambiguous_groups_weigh_like_somebody_else() -> None:
    weights = defaultdict[int, list[float]](list)
    for group in rows("ida", "measure_groups"):
        for row in group["measures"]:
            if row["type"] == 1 and group["category"] == 1:
                weights[group["attrib"]].append(row["value"] * 10.0 ** row["unit"])
    assert min(weights[1]) > max(weights[0])


def test_a_day_grows_with_each_sync_and_intraday_adds_up_to_it() -> None:
    account, seen = history("ana", 0.13), list[Row]()
    for hour in range(30):
        shown = account.rows("activity", NOON - 10 * HOUR + hour * HOUR).get("2026-06-01")
        if shown is not None and shown.body not in seen:
            seen.append(shown.body)
    assert len(seen) == 6
    for before, after in itertools.pairwise(seen):
        assert before["steps"] <= after["steps"]
        assert before["modified"] < after["modified"]
    for day in rows("ana", "activity")[2:40]:
        assert day["active"] == day["moderate"] + day["intense"]
    slots = [row.body for row in account.rows("intraday_activity", NOON).values()]
    zone, steps = ZoneInfo("Europe/Berlin"), Counter[str]()
    for slot in slots:
        date = datetime.fromtimestamp(slot["timestamp"], zone).date().isoformat()
        steps[date] += slot.get("steps", 0)
    gaps = [slot for slot in slots if "steps" not in slot]
    assert {frozenset(slot) for slot in gaps} == {frozenset({"timestamp", "duration"})}
    whole = {row["date"]: row["steps"] for row in rows("ana", "activity")[2:40]}
    close = [date for date in whole if 0.7 * whole[date] <= steps[date] <= whole[date]]
    assert len(close) > 30  # trips cross midnight elsewhere


def test_days_of_phones_and_relays() -> None:
    (eli,) = {
        (row["brand"], row["is_tracker"], row["deviceid"], row["modelid"])
        for row in rows("eli", "activity")
    }
    assert eli == (18, False, None, 1060)
    assert not [row for row in rows("ben", "activity") if "hr_average" in row]
    averages = [row["hr_average"] for row in rows("jon", "activity")]
    assert 0 in averages
    dates = [row["date"] for row in rows("jon", "activity")]
    assert len(set(dates)) == len(dates)


@pytest.mark.parametrize("collection", ["activity", "workouts", "sleep_summary"])
def test_rows_carry_the_zone_they_were_made_in(collection: str) -> None:
    for member in ("fay", "ana"):
        zones = Counter(row["timezone"] for row in rows(member, collection))
        assert zones.most_common(1)[0][0] == MEMBERS[member].zone.key
        assert len(zones) > 1
    for row in rows("fay", "sleep_summary"):
        end = datetime.fromtimestamp(row["enddate"], ZoneInfo(row["timezone"]))
        assert row["date"] == end.date().isoformat()


def test_the_account_is_where_the_member_is() -> None:
    life = shared("fay").life
    assert len({life.account_zone(NOON - day * DAY) for day in range(0, 300, 3)}) > 2


def test_nights_naps_and_two_devices() -> None:
    for member, at_least in (("chandra", 40), ("fay", 8)):
        dates = Counter(row["date"] for row in rows(member, "sleep_summary"))
        assert sum(count > 1 for count in dates.values()) > at_least
    assert {row["model"] for row in rows("chandra", "sleep_summary")} == {16, 32}
    assert {row["model_id"] for row in rows("chandra", "sleep_summary")} == {63, 95}
    external = rows("eli", "sleep_summary")
    assert {row["hash_deviceid"] for row in external} == {None}
    assert {row["data"]["lightsleepduration"] for row in external} == {None}
    assert {row["state"] for row in rows("eli", "sleep_stages")} == {5}
    assert {row["state"] for row in rows("jon", "sleep_stages")} == {0, 1, 2, 3, 15}


def test_a_summary_is_counted_from_its_stages() -> None:
    stages = defaultdict[int, list[Row]](list)
    for row in rows("jon", "sleep_stages"):
        stages[row["sleep_id"]].append(row)
    for night in rows("jon", "sleep_summary"):
        data, found = night["data"], stages[night["id"]]
        assert found[0]["startdate"] == night["startdate"]
        assert found[-1]["enddate"] == night["enddate"]
        for before, after in itertools.pairwise(found):
            assert before["enddate"] == after["startdate"]
            assert before["state"] != after["state"] or before["state"] == 1
        asleep = sum(
            row["enddate"] - row["startdate"] for row in found if row["state"] in {1, 2, 3}
        )
        assert data["total_sleep_time"] == asleep
        assert data["sleep_latency"] == found[0]["enddate"] - found[0]["startdate"]
        assert data["wakeupcount"] == sum(row["state"] == 0 for row in found) - 2
        assert 0 < data["sleep_efficiency"] <= 1
        assert isinstance(data["night_events"], dict)


def test_nights_are_completed_and_some_rewritten_together_days_later() -> None:
    account, rewritten = history("jon", 0.4), defaultdict[int, list[float]](list)
    night = next(iter(account.rows("sleep_summary", NOON).values())).body
    first = account.rows("sleep_summary", night["created"] * SECOND)[str(night["id"])].body
    assert first["completed"] is False
    assert "sleep_score" not in first["data"]
    for row in account.rows("sleep_summary", NOON).values():
        hours = (row.body["modified"] - row.body["enddate"]) / 3600
        if hours > 5:
            rewritten[row.body["modified"]].append(hours)
    assert rewritten
    for together in rewritten.values():
        assert len(together) >= 5
        assert 22 < min(together) <= max(together) < 170


def test_workouts_of_every_kind() -> None:
    workouts = [row for member in ("ana", "fay", "jon") for row in rows(member, "workouts")]
    categories = Counter(row["category"] for row in workouts)
    assert {1, 2, 7, 36, 272, 533, 560, 9001} <= {*categories}
    for row in workouts:
        if row["category"] in {272, 560}:
            assert row["data"] == []
        if row["category"] == 7:
            assert {"pool_laps", "strokes", "pool_length"} <= {*row["data"]}
            assert not {"steps", "distance", "elevation"} & {*row["data"]}
    assert [row for row in workouts if row["data"] and len(row["data"]) == 3]
    assert [row for row in workouts if row["deviceid"] is None and row["attrib"] == 2]
    assert {row["model"] for row in rows("eli", "workouts")} == {1058}


def test_recordings_of_cuffs_and_watches() -> None:
    recordings = [*rows("jon", "heart_recordings"), *rows("fay", "heart_recordings")]
    assert {row["model"] for row in recordings} == {44, 93, 94}
    for row in recordings:
        assert ("bloodpressure" in row) == (row["model"] == 44)
    assert [row for row in recordings if "ecg" not in row]
    assert [row for row in recordings if "stetho" in row]
    assert [row for row in recordings if "modified" not in row]
    signals = {row["signalid"]: row for row in rows("jon", "ecg_signals")}
    with_ecg = [row for row in rows("jon", "heart_recordings") if "ecg" in row]
    assert {*signals} == {row["ecg"]["signalid"] for row in with_ecg}
    for signal in signals.values():
        assert signal["sampling_frequency"] == (500 if signal["model"] == 44 else 300)
        assert all(isinstance(value, int) for value in signal["signal"])


def test_data_fields_are_as_many_as_documented() -> None:
    known = (fields.ACTIVITY, fields.INTRADAY, fields.WORKOUTS, fields.SLEEP, fields.STAGES)
    assert [len({*row.all}) for row in known] == [16, 15, 25, 46, 10]
    for collection, names in (("workouts", fields.WORKOUTS), ("sleep_summary", fields.SLEEP)):
        told = {name for row in everyone(collection) if row["data"] for name in row["data"]}
        assert told <= {*names.all}
