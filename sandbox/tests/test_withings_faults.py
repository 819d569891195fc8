from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import requests

from health_sandbox.client import ControlError

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient
    from health_sandbox.server import SandboxServer

Call = Callable[..., dict[str, Any]]

MEASURE = "*/v2/measure"
SINCE = 1780315200 - 30 * 86400
TODAY = {"startdateymd": "2026-06-01", "enddateymd": "2026-06-01"}


def days(call: Call, **form: Any) -> dict[str, Any]:
    body: dict[str, Any] = call("getactivity", "ana", lastupdate=SINCE, **form)["body"]
    return body


def test_a_fault_may_strike_one_action_of_a_path(sandbox: SandboxServer, call: Call) -> None:
    rule = sandbox.add_fault(MEASURE, "envelope", action="getworkouts", times=None)
    assert rule["action"] == "getworkouts"
    assert call("getactivity", lastupdate=SINCE)["status"] == 0
    assert call("getworkouts", lastupdate=SINCE)["status"] == 2555
    sandbox.clear_faults()
    sandbox.add_fault("*", "status", action="getgoals", status=502)
    token = sandbox.vendor("withings").grant("ana")["access_token"]
    for action, status in (("getdevice", 200), ("getgoals", 502)):
        url = f"{sandbox.url}/withings/v2/user?action={action}"
        answer = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert answer.status_code == status
    with pytest.raises(ControlError, match="action must be a string"):
        sandbox.add_fault("*", "envelope", action=1)


@pytest.mark.parametrize(
    ("args", "content"),
    [
        ({}, {"status": 2555, "body": {}, "error": "An error occurred"}),
        ({"status": 342, "error": None, "body": None}, {"status": 342}),
        (
            {"status": 601, "error": "Too Many Requests", "body": {"wait_seconds": 68}},
            {"status": 601, "body": {"wait_seconds": 68}, "error": "Too Many Requests"},
        ),
        ({"status": 0, "body": [], "error": None}, {"status": 0, "body": []}),
    ],
)
def test_any_envelope_can_come(
    sandbox: SandboxServer, call: Call, args: dict[str, Any], content: dict[str, Any]
) -> None:
    sandbox.add_fault("*/measure", "envelope", **args)
    assert call("getmeas") == content
    assert sandbox.requests()[-1]["query"] == {"action": "getmeas"}
    assert call("getmeas")["status"] == 0


def test_a_page_comes_again_under_a_growing_offset(ask: Call, gallery: SandboxServer) -> None:
    pages = [ask("getmeas", offset=offset)["body"] for offset in (0, 40)]
    gallery.add_fault("*/measure", "repeat_page")
    gallery.clear_requests()
    assert ask("getmeas", offset=0)["body"] == pages[0]
    again = ask("getmeas", offset=40)["body"]
    assert again == {**pages[0], "more": 1, "offset": 80}
    assert gallery.requests()[-1]["query"] == {"action": "getmeas", "offset": "40"}
    assert ask("getmeas", offset=40)["body"] == pages[1]
    gallery.clear_faults()


def test_an_offset_does_not_grow_or_is_missing(sandbox: SandboxServer, call: Call) -> None:
    whole = days(call)
    sandbox.add_fault(MEASURE, "stuck_offset")
    assert days(call) == {**whole, "more": True, "offset": 0}
    sandbox.add_fault(MEASURE, "stuck_offset")
    later = days(call, offset=3)
    assert (later["more"], later["offset"], later["activities"]) == (
        True,
        3,
        whole["activities"][3:],
    )
    sandbox.add_fault(MEASURE, "stuck_offset", missing=True)
    assert days(call) == {"activities": whole["activities"], "more": True}


@pytest.mark.parametrize(
    ("spelling", "no", "yes"),
    [("int", 0, 1), ("bool", False, True), ("string", "0", "1"), ("word", "false", "true")],
)
def test_more_is_spelled_in_four_ways(
    gallery: SandboxServer, ask: Call, spelling: str, no: Any, yes: Any
) -> None:
    gallery.add_fault("*", "more_as", times=2, spelling=spelling)
    answers = [
        ask("getsummary", lastupdate=0)["body"],
        ask("getmeas", startdate=SINCE, enddate=SINCE)["body"],
    ]
    gallery.clear_faults()
    for answer, expected in zip(answers, (yes, no), strict=True):
        assert answer["more"] == expected
        assert type(answer["more"]) is type(expected)
    with pytest.raises(ControlError, match="spelling must be one of int, bool, string, word"):
        gallery.add_fault("*", "more_as", spelling="roman")


def test_empty_containers_change_their_type(sandbox: SandboxServer, call: Call) -> None:
    sandbox.add_fault("*", "empty_as", times=None)
    assert call("getgoals", "chandra")["body"] == {"goals": {}}
    assert call("getmeas", "gus")["body"]["measuregrps"] == {}
    assert call("getactivity", "gus", **TODAY)["body"]["activities"] == {}
    assert call("getdevice", "gus")["body"] == {"devices": {}}
    ahead = {"startdate": 1790000000, "enddate": 1790000001}
    assert call("getintradayactivity", "ana", **ahead)["body"] == {"series": {}}
    workouts = call("getworkouts", lastupdate=0)["body"]["series"]
    assert [row for row in workouts if row["data"] == {}]


def test_rows_are_repeated_and_in_disorder(sandbox: SandboxServer, call: Call) -> None:
    rows = days(call)["activities"]
    sandbox.add_fault(MEASURE, "duplicate")
    assert days(call)["activities"] == rows + rows
    sandbox.add_fault(MEASURE, "unsorted")
    mixed = days(call)["activities"]
    assert mixed not in (rows, rows[::-1])
    assert sorted(mixed, key=lambda row: row["date"]) == rows


def test_fields_are_null(sandbox: SandboxServer, call: Call) -> None:
    row = days(call)["activities"][0]
    sandbox.add_fault(MEASURE, "nulls")
    unknown = dict.fromkeys(("deviceid", "hash_deviceid", "model", "modelid"))
    assert days(call)["activities"][0] == {**row, **unknown}
    sandbox.add_fault(MEASURE, "nulls", names=["timezone"])
    assert days(call)["activities"][0] == {**row, "timezone": None}


def test_unknown_fields_come_with_records_of_every_service(
    sandbox: SandboxServer, withings: ControlClient, call: Call
) -> None:
    sandbox.add_fault("*", "unknown_field", name="mood", value=3, times=None)
    for group in call("getmeas", "ana", lastupdate=SINCE)["body"]["measuregrps"]:
        assert group["mood"] == 3
    assert {row["mood"] for row in call("getworkouts", lastupdate=SINCE)["body"]["series"]} == {3}
    assert call("getgoals")["body"]["mood"] == 3
    signal = withings.truth("jon", "ecg_signals")[0]["signalid"]
    assert call("get", "jon", "v2/heart", signalid=signal)["body"]["mood"] == 3


def test_refusals_are_not_spoilt_and_pages_only_where_there_are_some(
    sandbox: SandboxServer, call: Call
) -> None:
    sandbox.add_fault("*", "duplicate", times=None)
    assert call("getactivity")["status"] == 503
    sandbox.clear_faults()
    for kind in ("repeat_page", "stuck_offset", "more_as"):
        sandbox.add_fault("*", kind)
    assert "more" not in call("getdevice")["body"]
    assert [fault["struck"] for fault in sandbox.faults()] == [0, 0, 0]
