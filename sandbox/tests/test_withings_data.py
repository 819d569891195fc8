from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

from health_sandbox.withings import fields
from health_sandbox.withings.services import SERVICES

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient
    from health_sandbox.server import SandboxServer

NOON = 1780315200
HOUR, DAY = 3600, 86400
LISTS = {
    "measure_groups": ("getmeas", "measuregrps", None),
    "activity": ("getactivity", "activities", fields.ACTIVITY),
    "workouts": ("getworkouts", "series", fields.WORKOUTS),
    "sleep_summary": ("getsummary", "series", fields.SLEEP),
}
MEMBERS = ("ana", "ben", "chandra", "dee", "eli", "fay", "gus", "hal", "ida", "jon")

Rows = list[dict[str, Any]]
Call = Callable[..., dict[str, Any]]


def read_all(ask: Call, collection: str, member: str, **form: Any) -> tuple[Rows, int]:
    """Return the rows of all pages, and how many pages there were."""
    action, name, known = LISTS[collection]
    if known is not None:
        form["data_fields"] = ",".join(known.all)
    rows, pages = Rows(), 0
    while True:
        answer = ask(action, member, **form)
        assert answer["status"] == 0, answer
        body = answer["body"]
        rows += body[name]
        pages += 1
        if not body.get("more"):
            return rows, pages
        assert body["offset"] > int(form.get("offset", 0))
        form["offset"] = body["offset"]


def in_order(rows: Rows) -> list[str]:
    return sorted(map(repr, rows))


@pytest.mark.parametrize("collection", LISTS)
def test_all_pages_together_are_the_truth(
    gallery: SandboxServer, ask: Call, collection: str
) -> None:
    pages = Counter[str]()
    for member in MEMBERS:
        truth = gallery.vendor("withings").truth(member, collection)
        rows, pages[member] = read_all(ask, collection, member, lastupdate=0)
        assert in_order(rows) == in_order(truth)
    days = {"startdateymd": "2010-01-01", "enddateymd": "2026-06-02"}
    window = {} if collection == "measure_groups" else days
    assert read_all(ask, collection, member, **window)[0] == rows
    assert pages["jon"] > 2
    assert pages["gus"] == 1


def test_gus_has_nothing(gallery: SandboxServer, ask: Call) -> None:
    control = gallery.vendor("withings")
    for collection in (*LISTS, "heart_recordings", "devices", "goals", "sleep_stages"):
        assert control.truth("gus", collection) == []
    assert ask("getgoals", "gus")["body"] == {"goals": []}
    assert ask("getmeas", "gus")["body"] == {
        "updatetime": NOON,
        "timezone": "Europe/Rome",
        "measuregrps": [],
    }


def test_goals_are_an_object_or_an_empty_list(gallery: SandboxServer, ask: Call) -> None:
    weight = {"value": 76000, "unit": -3}
    assert ask("getgoals")["body"] == {"goals": {"steps": 15000, "sleep": 30600, "weight": weight}}
    assert ask("getgoals", "dee")["body"] == {"goals": {"steps": 8000}}
    assert ask("getgoals", "chandra")["body"] == {"goals": []}
    assert gallery.vendor("withings").truth("chandra", "goals") == []


def test_lastupdate_and_dates_together_find_nothing(ask: Call) -> None:
    dates = {"startdateymd": "2026-01-01", "enddateymd": "2026-06-01"}
    for collection in ("activity", "workouts", "sleep_summary"):
        rows, _ = read_all(ask, collection, "jon", lastupdate=0, **dates)
        assert rows == []
    assert read_all(ask, "measure_groups", "jon", lastupdate=0, startdate=0)[0] == []


@pytest.mark.parametrize("collection", LISTS)
def test_lastupdate_finds_what_changed_since(ask: Call, collection: str) -> None:
    since = NOON - 20 * DAY
    rows, _ = read_all(ask, collection, "jon", lastupdate=0)
    late = [row for row in rows if row.get("modified", 0) >= since]
    assert 0 < len(late) < len(rows)
    found = read_all(ask, collection, "jon", lastupdate=since)[0]
    assert in_order(found) == in_order(late)


def test_dates_find_what_was_taken_between(ask: Call) -> None:
    start, end = NOON - 20 * DAY, NOON - 10 * DAY
    rows, _ = read_all(ask, "measure_groups", "jon")
    found, _ = read_all(ask, "measure_groups", "jon", startdate=start, enddate=end)
    assert in_order(found) == in_order([row for row in rows if start <= row["date"] <= end])
    days = {"startdateymd": "2026-05-12", "enddateymd": "2026-05-14"}
    for collection in ("activity", "workouts", "sleep_summary"):
        dates = {row["date"] for row in read_all(ask, collection, "jon", **days)[0]}
        assert dates <= {"2026-05-12", "2026-05-13", "2026-05-14"}
        assert len(dates) > 1


def test_only_the_data_fields_that_are_listed_come_back(ask: Call) -> None:
    form = {"lastupdate": NOON - 3 * DAY}
    row = ask("getactivity", "jon", data_fields="steps, hr_max", **form)["body"]["activities"][0]
    assert {"steps", "hr_max", "date", "modified", "modelid"} <= {*row}
    assert not {"distance", "hr_average", "active"} & {*row}
    row = ask("getactivity", "jon", **form)["body"]["activities"][0]
    assert "steps" in row
    assert not {name for name in row if name.startswith("hr_")}
    night = ask("getsummary", "jon", **form)["body"]["series"][0]
    assert len(night["data"]) == 15
    assert ask("getsummary", "jon", data_fields="sleep_score,dreams", **form)["status"] == 503


def test_pages_say_more_as_the_vendor_does(gallery: SandboxServer, ask: Call) -> None:
    first = ask("getmeas")["body"]
    assert (first["more"], first["offset"]) == (1, 40)
    assert (first["updatetime"], first["timezone"]) == (NOON, "Europe/Amsterdam")
    dates = [row["date"] for row in first["measuregrps"]]
    assert dates not in (sorted(dates), sorted(dates, reverse=True))
    small = ask("getmeas", startdate=NOON - DAY, enddate=NOON)["body"]
    assert not {"more", "offset"} & {*small}
    nights = ask("getsummary", lastupdate=0)["body"]
    assert (nights["more"], nights["offset"]) == (True, 40)
    nights = ask("getsummary", lastupdate=NOON - DAY)["body"]
    assert (nights["more"], nights["offset"]) == (False, 0)
    count = len(gallery.vendor("withings").truth("jon", "activity"))
    last = ask("getactivity", lastupdate=0, offset=count - 40)["body"]
    assert (last["more"], last["offset"]) == (False, count)


def test_getmeas_picks_types_and_categories(ask: Call) -> None:
    groups = ask("getmeas", "hal", meastype=1)["body"]["measuregrps"]
    assert {row["type"] for group in groups for row in group["measures"]} == {1}
    groups = ask("getmeas", "hal", meastypes="9,173")["body"]["measuregrps"]
    assert {row["type"] for group in groups for row in group["measures"]} == {173}
    targets = ask("getmeas", "hal", category=2)["body"]["measuregrps"]
    assert targets
    assert {group["category"] for group in targets} == {2}
    assert {group["category"] for group in read_all(ask, "measure_groups", "hal")[0]} == {1, 2}


def test_sleep_states_are_those_of_the_night(gallery: SandboxServer, ask: Call) -> None:
    control, names = gallery.vendor("withings"), ",".join(fields.STAGES.all)
    truth = control.truth("chandra", "sleep_stages")
    for night in control.truth("chandra", "sleep_summary")[:20]:
        window = {"startdate": night["startdate"], "enddate": night["enddate"]}
        body = ask("get", "chandra", "v2/sleep", data_fields=names, **window)["body"]
        own = [row for row in body["series"] if row["model_id"] == night["model_id"]]
        expected = [row for row in truth if row["sleep_id"] == night["id"]]
        expected.sort(key=lambda row: row["startdate"])
        assert [{**row, "sleep_id": night["id"]} for row in own] == expected
        seconds = Counter[int]()
        for row in own:
            seconds[row["state"]] += row["enddate"] - row["startdate"]
        assert sum(seconds.values()) == night["data"]["total_timeinbed"]
        told = ("lightsleepduration", "deepsleepduration", "remsleepduration", "wakeupduration")
        assert [night["data"][name] for name in told] == [seconds[state] for state in (1, 2, 3, 0)]


def test_only_a_day_of_intraday_comes_back(gallery: SandboxServer, ask: Call) -> None:
    truth = gallery.vendor("withings").truth("ana", "intraday_activity")
    names = ",".join(fields.INTRADAY.all)
    start = NOON - 5 * DAY
    form = {"startdate": start, "enddate": NOON, "data_fields": names}
    series = ask("getintradayactivity", "ana", **form)["body"]["series"]
    assert 50 < len(series) < 144
    rows = [{"timestamp": int(second), **row} for second, row in series.items()]
    expected = [row for row in truth if start <= row["timestamp"] < start + DAY]
    assert rows == expected
    form = {"startdate": NOON + DAY, "enddate": NOON + 2 * DAY}
    assert ask("getintradayactivity", "ana", **form)["body"] == {"series": []}
    latest = ask("getintradayactivity", "ana")["body"]["series"]
    assert NOON - DAY <= min(map(int, latest)) < NOON


def test_recordings_and_their_signals(gallery: SandboxServer, ask: Call) -> None:
    control = gallery.vendor("withings")
    rows = list[dict[str, Any]]()
    offset = 0
    while True:
        body = ask("list", "jon", "v2/heart", offset=offset)["body"]
        rows += body["series"]
        if not body["more"]:
            break
        offset = body["offset"]
    assert in_order(rows) == in_order(control.truth("jon", "heart_recordings"))
    signal = control.truth("jon", "ecg_signals")[0]
    body = ask("get", "jon", "v2/heart", signalid=signal["signalid"])["body"]
    assert {"signalid": signal["signalid"], **body} == signal
    assert ask("get", "jon", "v2/heart", signalid=1)["status"] == 503


def test_a_weigh_in_taken_at_seven_and_synced_at_eleven(
    sandbox: SandboxServer, withings: ControlClient, call: Call
) -> None:
    sandbox.set_clock("2026-06-02T08:00:00Z")
    taken, stored = NOON + 19 * HOUR, NOON + 23 * HOUR
    weight = {"type": 1, "value": 75500, "unit": -3}
    added = withings.add(
        "eli", "measure_groups", {"date": taken, "created": stored, "measures": [weight]}
    )
    assert (added["created"], added["modified"]) == (stored, stored)
    assert added not in withings.truth("eli", "measure_groups")
    assert call("getmeas", "eli", lastupdate=taken)["body"]["measuregrps"] == []
    sandbox.set_clock("2026-06-02T11:00:00Z")
    assert added in call("getmeas", "eli", lastupdate=stored)["body"]["measuregrps"]
    assert call("getmeas", "eli", startdate=taken, enddate=taken)["body"]["measuregrps"] == [added]


def test_groups_are_edited_and_deleted(
    sandbox: SandboxServer, withings: ControlClient, call: Call
) -> None:
    sandbox.advance(HOUR)
    group = withings.truth("ana", "measure_groups")[3]
    new = [{"type": 1, "value": 6412, "unit": -2}]
    after = withings.edit("ana", "measure_groups", group["grpid"], {"measures": new})
    assert after == {**group, "measures": new, "modified": NOON + HOUR}
    assert call("getmeas", "ana", lastupdate=NOON + HOUR)["body"]["measuregrps"] == [after]
    withings.delete("ana", "measure_groups", group["grpid"])
    assert call("getmeas", "ana", lastupdate=NOON + HOUR)["body"]["measuregrps"] == []
    assert after not in withings.truth("ana", "measure_groups")


@pytest.mark.parametrize(
    ("action", "path", "form"),
    [
        ("getmeas", "", {"meastypes": "999;999"}),
        ("getmeas", "", {"lastupdate": "yesterday"}),
        ("getmeas", "", {"lastupdate": ""}),
        ("getmeas", "", {"startdate": -1}),
        ("getmeas", "", {"category": "real"}),
        ("getmeas", "", {"offset": "next"}),
        ("getactivity", "", {}),
        ("getactivity", "", {"startdateymd": "2026-05-01"}),
        ("getworkouts", "", {"startdateymd": "1 May", "enddateymd": "2026-05-02"}),
        ("getsummary", "", {"lastupdate": "0", "data_fields": "hr_average,dreams"}),
        ("getintradayactivity", "", {"startdate": "0"}),
        ("get", "v2/sleep", {"startdate": "0"}),
        ("list", "v2/heart", {"startdate": "noon"}),
        ("get", "v2/heart", {}),
    ],
)
def test_nonsense_is_invalid(ask: Call, action: str, path: str, form: dict[str, Any]) -> None:
    refused = {"status": 503, "body": {}, "error": "Invalid Params"}
    assert ask(action, "ana", path, **form) == refused


def test_each_service_needs_its_scope(gallery: SandboxServer) -> None:
    control, statuses = gallery.vendor("withings"), dict[str, set[str]]()
    for scope in ("user.info", "user.metrics", "user.activity", "user.sleepevents"):
        token = control.grant("ben", scopes=[scope])["access_token"]
        statuses[scope] = set()
        for path, actions in SERVICES.items():
            for action in actions:
                answer = requests.get(
                    f"{gallery.url}/withings{path}",
                    params={"action": action, "lastupdate": "0"},
                    headers={"Authorization": f"Bearer {token}"},
                    timeout=10,
                ).json()
                if answer["status"] != 403:
                    statuses[scope].add(f"{path} {action}")
    names = ("getactivity", "getintradayactivity", "getworkouts")
    activity = {f"/v2/measure {name}" for name in names}
    assert statuses == {
        "user.info": {"/v2/user getdevice"},
        "user.metrics": {
            "/measure getmeas",
            "/v2/heart list",
            "/v2/heart get",
            "/v2/user getgoals",
        },
        "user.activity": activity | {"/v2/sleep getsummary", "/v2/sleep get"},
        "user.sleepevents": set(),
    }


def test_unknown_actions_are_not_implemented(ask: Call) -> None:
    for path in ("measure", "v2/measure", "v2/sleep", "v2/heart"):
        assert ask("confirmuser", "ana", path)["status"] == 2554
