from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import requests

from health_sandbox.client import ControlError
from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient

NOON = 1780315200
DEVICES = {"ana": 2, "ben": 2, "chandra": 2, "dee": 1, "eli": 1}
DEVICES |= {"fay": 2, "gus": 0, "hal": 1, "ida": 1, "jon": 4}
INVALID_TOKEN = {
    "status": 401,
    "body": {},
    "error": "XRequestID: Not provided invalid_token: The access token provided is invalid",
}
# Names and types as in the official document, without what only "advanced partners" get.
DEVICE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "type": {
            "enum": [
                "Scale",
                "Blood Pressure Monitor",
                "Activity Tracker",
                "Sleep Monitor",
                "Smart Connected Thermometer",
            ]
        },
        "model": {"type": "string"},
        "model_id": {"type": "integer"},
        "battery": {"enum": ["high", "medium", "low"]},
        "deviceid": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
        "hash_deviceid": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
        "timezone": {"type": "string"},
        "first_session_date": {"type": ["integer", "null"]},  # null: seen by clients
        "last_session_date": {"type": "integer"},
    },
}
DEVICE["required"] = [*DEVICE["properties"]]  # type: ignore[misc]


def get_devices(sandbox: SandboxServer, token: str, action: str = "getdevice") -> Any:
    answer = requests.post(
        f"{sandbox.url}/withings/v2/user",
        data={"action": action},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 200
    return answer.json()


def devices_of(sandbox: SandboxServer, member: str) -> list[dict[str, Any]]:
    token = sandbox.vendor("withings").grant(member)["access_token"]
    answer = get_devices(sandbox, token)
    assert set(answer) == {"status", "body"}
    assert set(answer["body"]) == {"devices"}
    rows: list[dict[str, Any]] = answer["body"]["devices"]
    return rows


def test_every_member_has_the_devices_they_own(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    ids = set[str]()
    for member in withings.members():
        rows = devices_of(sandbox, member["name"])
        assert len(rows) == DEVICES[member["name"]]
        for row in rows:
            jsonschema.validate(row, DEVICE)
            assert row["timezone"] == member["zone"]
            assert (row["first_session_date"] or 0) < row["last_session_date"] <= NOON
            assert NOON - row["last_session_date"] < 86400
            ids.add(row["deviceid"])
    assert len(ids) == sum(DEVICES.values())


def test_devices_change_with_the_clock(sandbox: SandboxServer) -> None:
    before = devices_of(sandbox, "ana")
    sandbox.advance(86400)
    after = devices_of(sandbox, "ana")
    assert [row["last_session_date"] + 86400 for row in before] == [
        row["last_session_date"] for row in after
    ]
    batteries = set[str]()
    for _ in range(10):
        sandbox.advance(3 * 86400)
        batteries.add(devices_of(sandbox, "ana")[1]["battery"])
    assert batteries == {"high", "medium", "low"}
    sandbox.set_clock("2020-01-01T00:00:00Z")
    assert [row["model"] for row in devices_of(sandbox, "ana")] == ["Body+"]


def test_get_with_a_query_works_too_and_the_log_tells_what_was_asked(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    token = withings.grant("jon")["access_token"]
    answer = requests.get(
        f"{sandbox.url}/withings/v2/user",
        params={"action": "getdevice"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    ).json()
    assert answer == get_devices(sandbox, token)
    log = sandbox.requests()
    assert [entry["method"] for entry in log] == ["GET", "POST"]
    assert [entry["query"] for entry in log] == [{"action": "getdevice"}] * 2
    assert [entry["member"] for entry in log] == ["jon", "jon"]


def test_other_actions_are_not_implemented(sandbox: SandboxServer, withings: ControlClient) -> None:
    token = withings.grant("ana")["access_token"]
    for action in ("getdevices", ""):
        answer = get_devices(sandbox, token, action)
        assert answer == {"status": 2554, "body": {}, "error": "Not implemented"}


def test_missing_and_unknown_tokens_are_refused(sandbox: SandboxServer) -> None:
    assert get_devices(sandbox, "guess") == INVALID_TOKEN
    assert get_devices(sandbox, sandbox.grant("ana")["access_token"]) == INVALID_TOKEN
    url = f"{sandbox.url}/withings/v2/user"
    answer = requests.post(url, data={"action": "getdevice"}, timeout=10)
    assert (answer.status_code, answer.json()) == (200, INVALID_TOKEN)


def test_devices_need_their_scope(sandbox: SandboxServer, withings: ControlClient) -> None:
    others = ["user.metrics", "user.activity", "user.sleepevents"]
    answer = get_devices(sandbox, withings.grant("ana", scopes=others)["access_token"])
    assert (answer["status"], answer["body"]) == (403, {})
    assert "Insufficient_scope" in answer["error"]
    alone = withings.grant("ana", scopes=["user.info"])["access_token"]
    assert get_devices(sandbox, alone)["status"] == 0


def test_the_documented_limit_counts_per_client_and_resets_with_the_minute(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    sandbox.advance(10)
    ana, ben = (withings.grant(member)["access_token"] for member in ("ana", "ben"))
    other = withings.grant("ana", client_id="another-app")["access_token"]
    statuses = [get_devices(sandbox, (ana, ben)[turn % 2])["status"] for turn in range(120)]
    assert set(statuses) == {0}
    refused = {"status": 601, "body": {"wait_seconds": 50}, "error": "Too Many Requests"}
    assert get_devices(sandbox, ana) == refused
    assert get_devices(sandbox, other)["status"] == 0
    sandbox.advance(49)
    assert get_devices(sandbox, ben)["body"] == {"wait_seconds": 1}
    sandbox.advance(1)
    assert get_devices(sandbox, ben)["status"] == 0


def test_the_limit_can_be_set(sandbox: SandboxServer) -> None:
    assert get_devices(sandbox, "guess")["status"] == 401
    with SandboxServer(frozen=True, years=0, requests_per_minute=1) as tight:
        token = tight.vendor("withings").grant("ana")["access_token"]
        assert [get_devices(tight, token)["status"] for _ in range(2)] == [0, 601]


def test_members_are_the_same_people_as_at_whoop(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    members = withings.members()
    assert set(members[0]) == set(sandbox.members()[0])
    for name in ("name", "first_name", "last_name", "zone"):
        assert [row[name] for row in members] == [row[name] for row in sandbox.members()]
    assert len({row["user_id"] for row in members + sandbox.members()}) == 20


def test_grants_by_control(sandbox: SandboxServer, withings: ControlClient) -> None:
    granted = withings.grant("hal")
    assert granted["userid"] == 2147483659
    assert granted["scope"] == "user.info,user.metrics,user.activity,user.sleepevents"
    assert (granted["expires_in"], granted["token_type"]) == (10800, "Bearer")
    assert (granted["client_id"], granted["client_secret"]) == ("sandbox-client", "sandbox-secret")
    with pytest.raises(ControlError, match="404"):
        withings.grant("nobody")
    with pytest.raises(ControlError, match="400"):
        withings.grant("ana", scopes=["read:cycles"])
    assert withings.url == sandbox.url


@pytest.mark.parametrize(
    ("args", "body"), [({}, {"wait_seconds": 60}), ({"wait_seconds": None}, {})]
)
def test_rate_limit_faults_speak_the_dialect(
    sandbox: SandboxServer, withings: ControlClient, args: dict[str, Any], body: dict[str, int]
) -> None:
    token = withings.grant("ana")["access_token"]
    sandbox.add_fault("*/v2/user", "rate_limit", **args)
    refused = {"status": 601, "body": body, "error": "Too Many Requests"}
    assert get_devices(sandbox, token) == refused
    assert get_devices(sandbox, token)["status"] == 0


def test_a_kind_that_two_vendors_know_takes_the_arguments_of_either(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    tokens = withings.grant("ana")["access_token"], sandbox.grant("ana")["access_token"]
    sandbox.add_fault("*", "rate_limit", reset=5, times=None)
    assert get_devices(sandbox, tokens[0])["status"] == 0
    url = f"{sandbox.url}/whoop/developer/v2/cycle"
    answer = requests.get(url, headers={"Authorization": f"Bearer {tokens[1]}"}, timeout=60)
    assert answer.headers["X-RateLimit-Reset"] == "5"
    sandbox.clear_faults()
    sandbox.add_fault("*", "rate_limit", wait_seconds=5, times=None)
    assert get_devices(sandbox, tokens[0])["body"] == {"wait_seconds": 5}
    answer = requests.get(url, headers={"Authorization": f"Bearer {tokens[1]}"}, timeout=60)
    assert answer.status_code == 200
    with pytest.raises(ControlError, match=r"\['reset', 'day'\].*\['wait_seconds'\]"):
        sandbox.add_fault("*", "rate_limit", reset=5, wait_seconds=5)
    with pytest.raises(ControlError, match="wait_seconds must be whole seconds"):
        sandbox.add_fault("*", "rate_limit", wait_seconds=-1)


def test_unknown_field_is_added_to_each_record_or_to_the_body(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    tokens = withings.grant("ana")
    whole = get_devices(sandbox, tokens["access_token"])["body"]["devices"]
    sandbox.add_fault("*", "unknown_field", times=None, name="mood", value=3)
    rows = get_devices(sandbox, tokens["access_token"])["body"]["devices"]
    assert rows == [{**row, "mood": 3} for row in whole]
    form = {"action": "requesttoken", "grant_type": "refresh_token"}
    form |= {"refresh_token": str(tokens["refresh_token"])}
    form |= {"client_id": tokens["client_id"], "client_secret": tokens["client_secret"]}
    answer = requests.post(f"{sandbox.url}/withings/v2/oauth2", data=form, timeout=10).json()
    assert answer["body"]["mood"] == 3
    assert get_devices(sandbox, "guess") == INVALID_TOKEN


def test_neutral_faults_strike_withings_too(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    token = withings.grant("ana")["access_token"]
    url = f"{sandbox.url}/withings/v2/user?action=getdevice"

    def get() -> requests.Response:
        return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=10)

    whole = get().content
    sandbox.add_fault("/withings/*", "status", status=502)
    assert get().status_code == 502
    sandbox.add_fault("/withings/*", "truncate")
    assert get().content == whole[: len(whole) // 2]
    sandbox.add_fault("/withings/*", "html")
    assert get().headers["Content-Type"].startswith("text/html")
    sandbox.add_fault("/withings/*", "slow", delay=0.01)
    assert get().content == whole
    for kind in ("reset", "lost_answer"):
        sandbox.add_fault("/withings/*", kind)
        with pytest.raises(requests.ConnectionError):
            get()
    assert [entry["status"] for entry in sandbox.requests()] == [200, 502, *[200] * 3, None, None]
