from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from health_sandbox.client import ControlError
from health_sandbox.server import SandboxServer

Get = Callable[..., requests.Response]
NOON = "2026-06-01T12:00:00.000Z"


def test_members_are_listed_with_what_a_test_needs(sandbox: SandboxServer) -> None:
    members = {member["name"]: member for member in sandbox.members()}
    assert len(members) == 10
    assert members["ana"] == {
        "name": "ana",
        "user_id": 10129001,
        "first_name": "Ana",
        "last_name": "Albers",
        "zone": "Europe/Berlin",
        "joined": "2016-02-01",
    }
    profile = sandbox.truth("ana", "profile")[0]
    assert profile["user_id"] == members["ana"]["user_id"]


def test_the_truth_is_what_the_api_tells(sandbox: SandboxServer, get: Get) -> None:
    assert sandbox.truth("ana", "profile") == [get("user/profile/basic").json()]
    assert sandbox.truth("ana", "body") == [get("user/measurement/body").json()]
    cycle = sandbox.truth("ana", "cycles")[3]
    assert get(f"cycle/{cycle['id']}").json() == cycle
    sleep = get(f"cycle/{cycle['id']}/sleep").json()
    assert sleep in sandbox.truth("ana", "sleeps")
    assert get(f"activity/sleep/{sleep['id']}").json() == sleep
    recovery = get(f"cycle/{cycle['id']}/recovery").json()
    assert recovery in sandbox.truth("ana", "recoveries")
    assert recovery["sleep_id"] == sleep["id"]


def test_members_see_their_own_records_alone(sandbox: SandboxServer, get: Get) -> None:
    cycle = sandbox.truth("ana", "cycles")[3]["id"]
    assert get(f"cycle/{cycle}", "ana").status_code == 200
    assert get(f"cycle/{cycle}", "ben").status_code == 404


@pytest.mark.parametrize(
    ("collection", "path"),
    [
        ("cycles", "cycle"),
        ("sleeps", "activity/sleep"),
        ("workouts", "activity/workout"),
    ],
)
def test_an_added_record_gets_plausible_values(
    sandbox: SandboxServer, get: Get, collection: str, path: str
) -> None:
    model = sandbox.truth("ana", collection)[1]
    added = sandbox.add("ana", collection, {})
    assert set(added) | {"sport_id"} == set(model) | {"sport_id"}
    assert added["user_id"] == model["user_id"]
    assert added["created_at"] == added["updated_at"] == NOON
    assert added["score_state"] == "SCORED"
    assert added["timezone_offset"] == "+02:00"
    assert get(f"{path}/{added['id']}").json() == added
    assert added in get(path).json()["records"]


def test_an_added_recovery_belongs_to_its_sleep(sandbox: SandboxServer, get: Get) -> None:
    cycle = sandbox.add("gus", "cycles", {"start": "2026-05-31T22:00:00.000Z"})
    sleep = sandbox.add("gus", "sleeps", {"start": "2026-05-31T22:00:00.000Z"})
    recovery = sandbox.add("gus", "recoveries", {"sleep_id": sleep["id"]})
    assert sleep["cycle_id"] == recovery["cycle_id"] == cycle["id"]
    assert get("recovery", "gus").json()["records"] == [recovery]
    assert get("recovery", "gus", end="2026-05-31T22:00:00Z").json()["records"] == []


def test_an_added_sleep_belongs_to_the_cycle_in_which_it_ends(sandbox: SandboxServer) -> None:
    newest, _, earlier, *_ = sandbox.truth("ana", "cycles")
    assert sandbox.add("ana", "sleeps", {})["cycle_id"] == newest["id"]
    late = sandbox.add("ana", "sleeps", {"end": earlier["end"], "start": earlier["start"]})
    assert late["cycle_id"] == earlier["id"]
    sandbox.delete("ana", "cycles", str(earlier["id"]))
    alone = sandbox.add("ana", "sleeps", {"end": earlier["end"], "start": earlier["start"]})
    assert alone["cycle_id"] not in {cycle["id"] for cycle in sandbox.truth("ana", "cycles")}


def test_an_added_record_takes_the_fields_it_is_given(sandbox: SandboxServer) -> None:
    wish = {
        "id": "11111111-2222-3333-4444-555555555555",
        "start": "2026-05-20T06:00:00.000Z",
        "end": "2026-05-20T07:00:00.000Z",
        "created_at": "2026-05-20T07:05:00.000Z",
        "sport_name": "curling",
        "score_state": "PENDING_SCORE",
        "score": None,
    }
    added = sandbox.add("ana", "workouts", wish)
    assert {name: added[name] for name in wish} == wish
    starts = [row["start"] for row in sandbox.truth("ana", "workouts")]
    assert starts == sorted(starts, reverse=True)
    with pytest.raises(ControlError, match="409"):
        sandbox.add("ana", "workouts", wish)


def test_an_edit_merges_and_moves_updated_at(sandbox: SandboxServer) -> None:
    before = sandbox.truth("ana", "workouts")[5]
    sandbox.advance(60)
    change = {"sport_name": "curling", "score": {"strain": 1.5, "zone_durations": {}}}
    after = sandbox.edit("ana", "workouts", before["id"], change)
    score = {**before["score"], "strain": 1.5}
    assert after == {
        **before,
        "sport_name": "curling",
        "score": score,
        "updated_at": "2026-06-01T12:01:00.000Z",
    }
    assert after in sandbox.truth("ana", "workouts")
    stamped = {"updated_at": "2020-01-01T00:00:00.000Z", "score": None}
    after = sandbox.edit("ana", "workouts", before["id"], stamped)
    assert after["updated_at"] == "2020-01-01T00:00:00.000Z"
    assert after["score"] is None


def test_an_edit_of_times_moves_the_record(sandbox: SandboxServer, get: Get) -> None:
    row = sandbox.truth("ana", "workouts")[0]
    times = {"start": "2026-04-01T10:00:00.000Z", "end": "2026-04-01T11:00:00.000Z"}
    sandbox.edit("ana", "workouts", row["id"], times)
    window = {"start": "2026-04-01T10:00:00Z", "end": "2026-04-01T11:00:00Z"}
    assert [found["id"] for found in get("activity/workout", **window).json()["records"]] == [
        row["id"]
    ]


def test_an_edit_of_a_sleep_moves_its_recovery(sandbox: SandboxServer, get: Get) -> None:
    recovery = sandbox.truth("ana", "recoveries")[0]
    window = {"start": "2026-06-02T00:00:00Z", "end": "2026-06-02T01:00:00Z"}
    assert get("recovery", **window).json()["records"] == []
    sandbox.edit("ana", "sleeps", recovery["sleep_id"], {"end": "2026-06-02T00:30:00.000Z"})
    assert get("recovery", **window).json()["records"] == [recovery]


def test_an_edit_stays_on_top_of_later_scores(sandbox: SandboxServer) -> None:
    cycle = sandbox.truth("ana", "cycles")[0]
    sandbox.edit("ana", "cycles", cycle["id"], {"score": {"max_heart_rate": 199}})
    sandbox.advance(2 * 86400)
    later = next(row for row in sandbox.truth("ana", "cycles") if row["id"] == cycle["id"])
    assert later["end"] is not None
    assert later["score"]["max_heart_rate"] == 199
    assert later["score"]["strain"] != cycle["score"]["strain"]
    assert later["updated_at"] > NOON


def test_profile_and_body_can_be_edited_but_have_no_time(sandbox: SandboxServer) -> None:
    user = sandbox.truth("ana", "profile")[0]["user_id"]
    profile = sandbox.edit("ana", "profile", user, {"last_name": "Neumann"})
    assert (profile["last_name"], "updated_at" in profile) == ("Neumann", False)
    assert sandbox.edit("ana", "body", user, {"weight_kilogram": 60.5})["weight_kilogram"] == 60.5


def test_a_deleted_body_is_not_found(sandbox: SandboxServer, get: Get) -> None:
    user = sandbox.truth("ana", "profile")[0]["user_id"]
    sandbox.delete("ana", "body", user)
    assert get("user/measurement/body").status_code == 404


def test_a_deleted_sleep_takes_its_recovery_along(sandbox: SandboxServer, get: Get) -> None:
    recovery, other = sandbox.truth("ana", "recoveries")[:2]
    sandbox.delete("ana", "sleeps", recovery["sleep_id"])
    assert get(f"activity/sleep/{recovery['sleep_id']}").status_code == 404
    assert get(f"cycle/{recovery['cycle_id']}/recovery").status_code == 404
    assert get(f"cycle/{recovery['cycle_id']}").status_code == 200
    assert sandbox.truth("ana", "recoveries")[0] == other
    sandbox.advance(86400)
    ids = [row["id"] for row in sandbox.truth("ana", "sleeps")]
    assert recovery["sleep_id"] not in ids


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "whoop/members/nobody/truth/cycles", None, 404),
        ("GET", "whoop/members/ana/truth/dreams", None, 404),
        ("POST", "whoop/members/nobody/grant", {}, 404),
        ("POST", "whoop/members/ana/grant", {"scopes": ["read:everything"]}, 400),
        ("POST", "whoop/members/ana/grant", {"scopes": "read:cycles"}, 400),
        ("POST", "whoop/members/ana/profile", {}, 400),
        ("POST", "whoop/members/ana/workouts", {"start": "noon"}, 400),
        ("POST", "whoop/members/ana/workouts", [], 400),
        ("PATCH", "whoop/members/ana/workouts/no-such-id", {}, 404),
        ("DELETE", "whoop/members/ana/cycles/1", None, 404),
        ("POST", "clock", {"set": "noon"}, 400),
        ("POST", "clock", {"advance_seconds": "soon"}, 400),
        ("POST", "clock", {"advance": 1}, 400),
        ("POST", "clock", {"frozen": "yes"}, 400),
    ],
)
def test_nonsense_is_refused_with_a_reason(
    sandbox: SandboxServer, method: str, path: str, content: Any, status: int
) -> None:
    url = f"{sandbox.url}/control/{path}"
    answer = requests.request(method, url, json=content, timeout=10)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert sandbox.now() == NOON


def test_requests_are_logged_without_tokens(sandbox: SandboxServer, get: Get) -> None:
    get("cycle", "ben", limit=3)
    sandbox.advance(5)
    requests.get(f"{sandbox.url}/whoop/developer/v2/cycle", timeout=10)
    requests.get(f"{sandbox.url}/whoop/nowhere", timeout=10)
    sandbox.truth("ana", "cycles")
    assert sandbox.requests() == [
        {
            "method": "GET",
            "path": "/whoop/developer/v2/cycle",
            "query": {"limit": "3"},
            "status": 200,
            "member": "ben",
            "at": NOON,
        },
        {
            "method": "GET",
            "path": "/whoop/developer/v2/cycle",
            "query": {},
            "status": 401,
            "member": None,
            "at": "2026-06-01T12:00:05.000Z",
        },
        {
            "method": "GET",
            "path": "/whoop/nowhere",
            "query": {},
            "status": 404,
            "member": None,
            "at": "2026-06-01T12:00:05.000Z",
        },
    ]
    sandbox.clear_requests()
    assert sandbox.requests() == []


def test_the_date_header_tells_the_sandbox_clock(sandbox: SandboxServer, get: Get) -> None:
    sandbox.set_clock("2031-12-24T18:30:59.900Z")
    assert get("cycle").headers["Date"] == "Wed, 24 Dec 2031 18:30:59 GMT"
    answer = requests.get(f"{sandbox.url}/nowhere", timeout=10)
    assert answer.headers["Date"] == "Wed, 24 Dec 2031 18:30:59 GMT"


def test_the_clock_runs_until_it_is_frozen() -> None:
    with SandboxServer(clock=NOON, years=0) as sandbox:
        seen = sandbox.now()
        while sandbox.now() == seen:
            pass
        assert NOON <= seen < sandbox.now() < "2026-06-01T12:01"
        sandbox.advance(3600)
        sandbox.freeze()
        stopped = sandbox.now()
        assert "2026-06-01T13:00" <= stopped < "2026-06-01T13:01"
        assert sandbox.now() == stopped
        sandbox.advance(0.5)
        assert sandbox.now() > stopped
        sandbox.freeze(frozen=False)
        sandbox.set_clock("2020-01-01T00:00:00+01:00")
        assert "2019-12-31T23:00" <= sandbox.now() < "2019-12-31T23:01"
