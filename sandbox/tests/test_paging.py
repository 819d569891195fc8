from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

Get = Callable[..., requests.Response]
Row = dict[str, Any]


def walk(get: Get, path: str, member: str = "ana", **query: Any) -> list[list[Row]]:
    pages: list[list[Row]] = []
    while True:
        answer = get(path, member, **query).json()
        pages.append(answer["records"])
        if answer["next_token"] is None:
            return pages
        query["nextToken"] = answer["next_token"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def shifted(text: str, milliseconds: int) -> str:
    at = moment(text) + timedelta(milliseconds=milliseconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("path", "collection"),
    [
        ("cycle", "cycles"),
        ("recovery", "recoveries"),
        ("activity/sleep", "sleeps"),
        ("activity/workout", "workouts"),
    ],
)
def test_pages_add_up_to_the_truth(
    museum: SandboxServer, look: Get, path: str, collection: str
) -> None:
    truth = museum.truth("jon", collection)
    pages = walk(look, path, "jon", limit=25)
    assert [row for page in pages for row in page] == truth
    assert {len(page) for page in pages[:-1]} == {25}


def test_default_limit_is_ten_and_the_last_page_has_no_token(look: Get) -> None:
    answer = look("cycle").json()
    assert len(answer["records"]) == 10
    assert json.loads(base64.b64decode(answer["next_token"])) == {"$": "o@1", "o": 10}
    assert answer["next_token"] == "eyIkIjoib0AxIiwibyI6MTB9"
    assert look("cycle", "gus").json() == {"records": [], "next_token": None}


def test_a_full_last_page_has_no_token(museum: SandboxServer, look: Get) -> None:
    newest = museum.truth("ana", "cycles")[:10]
    answer = look("cycle", start=shifted(newest[-1]["start"], 1), end=museum.now()).json()
    # the tenth cycle overlaps, the eleventh has ended before
    assert answer["records"] == newest
    assert answer["next_token"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"limit": 26},
        {"limit": 0},
        {"limit": "many"},
        {"start": "yesterday"},
        {"start": "2026-05-01T00:00:00"},
        {"end": "2026-13-01T00:00:00Z"},
        {"nextToken": "o10"},
        {"nextToken": base64.b64encode(b'{"o":-1}').decode()},
        {"nextToken": base64.b64encode(b"[]").decode()},
    ],
)
def test_malformed_parameters_are_refused(look: Get, query: dict[str, Any]) -> None:
    assert look("cycle", **query).status_code == 400


def test_a_limit_of_25_is_allowed(look: Get) -> None:
    assert len(look("cycle", limit=25).json()["records"]) == 25


def test_start_is_inclusive_and_end_exclusive(museum: SandboxServer, look: Get) -> None:
    workout = museum.truth("jon", "workouts")[20]

    def found(**window: str) -> bool:
        rows = [row for page in walk(look, "activity/workout", "jon", **window) for row in page]
        return workout in rows

    after, before = shifted(workout["end"], 1), shifted(workout["start"], 1)
    assert found(start=workout["end"])
    assert not found(start=after)
    assert found(end=before)
    assert not found(end=workout["start"])
    inside = shifted(workout["start"], 60_000)
    assert found(start=inside, end=shifted(inside, 1))


def test_offsets_other_than_z_are_understood(look: Get) -> None:
    utc = {"start": "2026-05-01T00:00:00.000Z", "end": "2026-05-08T00:00:00Z"}
    other = {"start": "2026-05-01T02:00:00+02:00", "end": "2026-05-07T19:00:00-05:00"}
    assert look("cycle", **utc).json() == look("cycle", **other).json() != look("cycle").json()


def test_the_open_cycle_overlaps_any_later_start(museum: SandboxServer, look: Get) -> None:
    cycle = museum.truth("ana", "cycles")[0]
    answer = look("cycle", start="2026-06-01T11:59:59.999Z").json()
    assert cycle["end"] is None
    assert answer["records"] == [cycle]


def test_recoveries_are_filtered_by_the_time_of_their_sleep(
    museum: SandboxServer, look: Get
) -> None:
    sleeps = {row["id"]: row for row in museum.truth("ana", "sleeps")}
    start, end = "2026-04-01T02:00:00.000Z", "2026-05-01T02:00:00.000Z"
    expected = [
        row
        for row in museum.truth("ana", "recoveries")
        if sleeps[row["sleep_id"]]["end"] >= start and sleeps[row["sleep_id"]]["start"] < end
    ]
    pages = walk(look, "recovery", start=start, end=end, limit=25)
    assert [row for page in pages for row in page] == expected
    # the night that spans the end belongs to the window, though its recovery came after it
    assert expected[0]["created_at"] > end
    assert 28 <= len(expected) <= 32


def test_collections_are_newest_first_but_for_naps_entered_by_hand(museum: SandboxServer) -> None:
    for collection in ("cycles", "workouts"):
        starts = [row["start"] for row in museum.truth("jon", collection)]
        assert starts == sorted(starts, reverse=True)
    sleeps = museum.truth("chandra", "sleeps")
    displaced = [
        (first, second) for first, second in pairwise(sleeps) if first["start"] < second["start"]
    ]
    assert displaced
    for nap, night in displaced:
        assert nap["nap"]
        assert not night["nap"]
        assert timedelta(0) < moment(night["start"]) - moment(nap["start"]) < timedelta(hours=24)


def test_recoveries_follow_the_order_of_their_sleeps(museum: SandboxServer) -> None:
    sleeps = {row["id"]: row for row in museum.truth("ana", "sleeps")}
    starts = [sleeps[row["sleep_id"]]["start"] for row in museum.truth("ana", "recoveries")]
    assert starts == sorted(starts, reverse=True)


def test_a_record_that_appears_while_paging_shifts_the_pages(
    sandbox: SandboxServer, get: Get
) -> None:
    before = sandbox.truth("ana", "workouts")
    first = get("activity/workout").json()
    added = sandbox.add("ana", "workouts", {})
    second = get("activity/workout", nextToken=first["next_token"]).json()
    assert first["records"] == before[:10]
    assert second["records"] == before[9:19]
    assert sandbox.truth("ana", "workouts") == [added, *before]


def test_a_record_that_vanishes_while_paging_hides_another(
    sandbox: SandboxServer, get: Get
) -> None:
    before = sandbox.truth("ana", "workouts")
    first = get("activity/workout").json()
    sandbox.delete("ana", "workouts", before[0]["id"])
    second = get("activity/workout", nextToken=first["next_token"]).json()
    assert second["records"] == before[11:21]
