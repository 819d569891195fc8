from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient
    from health_sandbox.server import SandboxServer

Call = Callable[..., dict[str, Any]]

NOON = 1780315200
HOUR = 3600
KEYS = {"measure_groups": "grpid", "activity": "date", "workouts": "id", "sleep_summary": "id"}


@pytest.mark.parametrize("collection", [*KEYS, "heart_recordings", "devices", "goals"])
def test_a_record_of_now_looks_like_the_others(withings: ControlClient, collection: str) -> None:
    for member in ("gus", "jon"):
        given = {"date": "2026-06-02"} if collection == "activity" else {}
        if collection == "goals" and member == "jon":
            continue
        added = withings.add(member, collection, given)
        assert added in withings.truth(member, collection)
        if member == "jon" and collection != "devices":
            names = {name for row in withings.truth("jon", collection) for name in row}
            assert {*added} <= names
    if collection in KEYS:
        assert added["modified"] == NOON


def test_an_added_group_is_a_weigh_in_on_the_own_scale(withings: ControlClient) -> None:
    scale = next(row for row in withings.truth("jon", "devices") if row["type"] == "Scale")
    added = withings.add("jon", "measure_groups", {})
    assert (added["deviceid"], added["modelid"]) == (scale["deviceid"], scale["model_id"])
    assert (added["date"], added["created"], added["category"], added["attrib"]) == (
        NOON,
        NOON,
        1,
        0,
    )
    typed = withings.add("jon", "measure_groups", {"attrib": 2, "modified": NOON - 5})
    assert (typed["deviceid"], typed["model"], typed["modified"]) == (None, None, NOON - 5)
    assert withings.add("gus", "measure_groups", {})["deviceid"] is None
    assert typed["grpid"] != added["grpid"]


def test_an_added_sleep_has_its_stages(withings: ControlClient, call: Call) -> None:
    sleep = withings.add(
        "chandra", "sleep_summary", {"startdate": NOON - 8 * HOUR, "data": {"sleep_score": 1}}
    )
    assert (sleep["enddate"], sleep["date"]) == (NOON, "2026-06-01")
    assert sleep["data"]["sleep_score"] == 1
    stages = [
        row for row in withings.truth("chandra", "sleep_stages") if row["sleep_id"] == sleep["id"]
    ]
    deep = sum(row["enddate"] - row["startdate"] for row in stages if row["state"] == 2)
    assert deep == sleep["data"]["deepsleepduration"] > 0
    window = {"startdate": NOON - 8 * HOUR, "enddate": NOON}
    shown = call("get", "chandra", "v2/sleep", **window)["body"]["series"]
    withings.delete("chandra", "sleep_summary", sleep["id"])
    left = call("get", "chandra", "v2/sleep", **window)["body"]["series"]
    assert len(shown) == len(left) + len(stages)


@pytest.mark.parametrize("collection", KEYS)
def test_an_edit_moves_modified(
    sandbox: SandboxServer, withings: ControlClient, collection: str
) -> None:
    before = withings.truth("jon", collection)[2]
    sandbox.advance(60)
    key = before[KEYS[collection]]
    assert withings.edit("jon", collection, key, {}) == {**before, "modified": NOON + 60}
    change = {"modified": 5, "timezone": "Asia/Tokyo"}
    assert withings.edit("jon", collection, key, change) == {**before, **change}
    withings.delete("jon", collection, key)
    assert key not in [row[KEYS[collection]] for row in withings.truth("jon", collection)]


def test_an_edit_stays_on_top_of_later_syncs(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    day = withings.truth("ana", "activity")[0]
    withings.edit("ana", "activity", day["date"], {"steps": 1})
    sandbox.advance(6 * HOUR)
    later = next(row for row in withings.truth("ana", "activity") if row["date"] == day["date"])
    assert later["steps"] == 1
    assert later["distance"] > day["distance"]
    assert later["modified"] > NOON


def test_recordings_are_known_by_their_signal_or_their_time(
    withings: ControlClient, call: Call
) -> None:
    cuff = withings.add("jon", "heart_recordings", {"ecg": None, "timestamp": 1780000000})
    assert withings.edit("jon", "heart_recordings", 1780000000, {"heart_rate": 77}) == {
        **cuff,
        "heart_rate": 77,
    }
    ecg = withings.add("jon", "heart_recordings", {"ecg": {"signalid": 48}})
    assert ecg["ecg"] == {"signalid": 48, "afib": 0}
    signal = call("get", "jon", "v2/heart", signalid=48)["body"]
    assert {"signalid": 48, **signal} in withings.truth("jon", "ecg_signals")
    withings.delete("jon", "heart_recordings", 48)
    assert call("get", "jon", "v2/heart", signalid=48)["status"] == 503


def test_devices_are_edited_and_unlinked(
    sandbox: SandboxServer, withings: ControlClient, call: Call
) -> None:
    device, *others = withings.truth("jon", "devices")
    withings.edit("jon", "devices", device["deviceid"], {"battery": "unknown"})
    sandbox.advance(86400)
    shown = call("getdevice")["body"]["devices"][0]
    assert shown["battery"] == "unknown"
    assert shown["last_session_date"] > device["last_session_date"]
    withings.delete("jon", "devices", device["deviceid"])
    assert len(call("getdevice")["body"]["devices"]) == len(others)


def test_goals_come_and_go(withings: ControlClient, call: Call) -> None:
    assert withings.edit("dee", "goals", "goals", {"steps": 1})["steps"] == 1
    assert call("getgoals", "dee")["body"]["goals"] == {"steps": 1}
    withings.delete("dee", "goals", "goals")
    assert call("getgoals", "dee")["body"]["goals"] == []
    added = withings.add("chandra", "goals", {"sleep": 7})
    assert call("getgoals", "chandra")["body"]["goals"] == added


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "nobody/truth/goals", None, 404),
        ("GET", "ana/truth/cycles", None, 404),
        ("POST", "ana/sleep_stages", {}, 400),
        ("PATCH", "ana/intraday_activity/1", {}, 400),
        ("DELETE", "ana/ecg_signals/1", None, 400),
        ("POST", "ana/measure_groups", {"measures": [{"type": 1}]}, 400),
        ("POST", "ana/measure_groups", {"date": "noon"}, 400),
        ("POST", "ana/activity", {"date": "noon"}, 400),
        ("POST", "ana/activity", {"date": "2026-05-30"}, 409),
        ("POST", "ana/sleep_summary", {"startdate": 20, "enddate": 10}, 400),
        ("POST", "ana/workouts", {"startdate": "noon"}, 400),
        ("POST", "ana/goals", {}, 409),
        ("PATCH", "ana/measure_groups/1", {}, 404),
    ],
)
def test_nonsense_is_refused_with_a_reason(
    sandbox: SandboxServer, method: str, path: str, content: Any, status: int
) -> None:
    url = f"{sandbox.url}/control/withings/members/{path}"
    answer = requests.request(method, url, json=content, timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]
