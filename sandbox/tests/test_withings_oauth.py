from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import requests

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient
    from health_sandbox.server import SandboxServer

CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
REDIRECT = "http://localhost:8080/callback"
WISH = {
    "response_type": "code",
    "client_id": "sandbox-client",
    "redirect_uri": REDIRECT,
    "scope": "user.info,user.metrics",
    "state": "x",
}
ERROR = {"status", "body", "error"}
HOUR, YEAR = 3600, 365 * 86400
NOON = 1780315200

# What the official document says of these bodies; there, all properties are optional.
TOKEN_BODY = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "userid": {"type": ["integer", "string"]},  # documented: integer
        "access_token": {"type": "string"},
        "refresh_token": {"type": "string"},
        "expires_in": {"type": "integer"},
        "scope": {"type": "string"},
        "csrf_token": {"type": "string"},
        "token_type": {"type": "string"},
    },
}
TOKEN_BODY["required"] = [*TOKEN_BODY["properties"]]  # type: ignore[misc]


def call(sandbox: SandboxServer, path: str, **form: Any) -> dict[str, Any]:
    answer = requests.post(f"{sandbox.url}/withings/{path}", data=form, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    envelope: dict[str, Any] = answer.json()
    assert set(envelope) == ({"status", "body"} if envelope["status"] == 0 else ERROR)
    return envelope


def refused(error: str, status: int = 503) -> dict[str, Any]:
    return {"status": status, "body": {}, "error": error}


INVALID_CODE = refused("Invalid Params: invalid code")
INVALID_REFRESH_TOKEN = refused("Invalid Params: invalid refresh_token")
INVALID_CLIENT = refused("Invalid Params: invalid client id/secret")
INVALID_SIGNATURE = refused("Invalid Params: invalid signature", 342)


def ask(sandbox: SandboxServer, **changes: str) -> requests.Response:
    url = f"{sandbox.url}/withings/oauth2_user/authorize2"
    return requests.get(url, params={**WISH, **changes}, timeout=10)


def decide(sandbox: SandboxServer, decision: str = "allow", **changes: str) -> dict[str, str]:
    answer = requests.post(
        f"{sandbox.url}/withings/oauth2_user/authorize2",
        params={**WISH, **changes},
        data={"member": "ben", "decision": decision},
        timeout=10,
        allow_redirects=False,
    )
    assert answer.status_code == 302
    location = urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def exchange(sandbox: SandboxServer, code: str, **changes: str) -> dict[str, Any]:
    form = {"action": "requesttoken", "grant_type": "authorization_code", **CLIENT}
    form |= {"code": code, "redirect_uri": REDIRECT, **changes}
    return call(sandbox, "v2/oauth2", **form)


def refresh(sandbox: SandboxServer, token: Any, **changes: Any) -> dict[str, Any]:
    form = {"action": "requesttoken", "grant_type": "refresh_token", **CLIENT}
    return call(sandbox, "v2/oauth2", **{**form, "refresh_token": token, **changes})


def status(sandbox: SandboxServer, access_token: str) -> int:
    answer = requests.post(
        f"{sandbox.url}/withings/v2/user",
        data={"action": "getdevice"},
        headers={"Authorization": f"Bearer {access_token}"},
        timeout=10,
    )
    return int(answer.json()["status"])


def sign(*values: Any, secret: str = "sandbox-secret") -> str:
    return hmac.new(
        secret.encode(), ",".join(map(str, values)).encode(), hashlib.sha256
    ).hexdigest()


def get_nonce(sandbox: SandboxServer, **changes: Any) -> dict[str, Any]:
    form = {"action": "getnonce", "client_id": "sandbox-client", "timestamp": NOON}
    signature = sign("getnonce", "sandbox-client", NOON)
    return call(sandbox, "v2/signature", **{**form, "signature": signature, **changes})


def revoke(sandbox: SandboxServer, userid: Any, **changes: Any) -> dict[str, Any]:
    nonce = changes.get("nonce") or get_nonce(sandbox)["body"]["nonce"]
    form = {"action": "revoke", "client_id": "sandbox-client", "nonce": nonce, "userid": userid}
    signature = sign("revoke", "sandbox-client", nonce)
    return call(sandbox, "v2/oauth2", **{**form, "signature": signature, **changes})


def test_consent_leads_to_tokens_of_the_chosen_member(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    page = ask(sandbox, mode="demo")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Withings" in page.text
    members = withings.members()
    assert re.findall(r"<option>(\w+)</option>", page.text) == [row["name"] for row in members]
    answer = decide(sandbox)
    assert set(answer) == {"code", "state"}
    assert answer["state"] == "x"
    envelope = exchange(sandbox, answer["code"])
    body = envelope["body"]
    jsonschema.validate(body, TOKEN_BODY)
    assert envelope["status"] == 0
    assert body["userid"] == str(members[1]["user_id"])
    assert (body["expires_in"], body["token_type"]) == (10800, "Bearer")
    assert body["scope"] == "user.info,user.metrics"
    assert status(sandbox, body["access_token"]) == 0
    assert [entry["member"] for entry in sandbox.requests()] == [None, "ben", "ben", "ben"]


def test_a_member_can_say_no(sandbox: SandboxServer) -> None:
    answer = decide(sandbox, "deny")
    assert (answer["error"], answer["state"]) == ("access_denied", "x")
    assert "code" not in answer


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "stranger"},
        {"state": ""},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"scope": "user.everything"},
        {"scope": ""},
        {"scope": "user.info user.metrics"},
    ],
)
def test_a_malformed_wish_is_refused(sandbox: SandboxServer, change: dict[str, str]) -> None:
    assert ask(sandbox, **change).status_code == 400


def test_a_code_works_once_and_for_30_seconds(sandbox: SandboxServer) -> None:
    codes = [decide(sandbox)["code"] for _ in range(2)]
    sandbox.advance(29)
    assert exchange(sandbox, codes[0])["status"] == 0
    assert exchange(sandbox, codes[0]) == INVALID_CODE
    sandbox.advance(1)
    assert exchange(sandbox, codes[1]) == INVALID_CODE


def test_a_code_is_bound_to_its_redirect_uri(sandbox: SandboxServer) -> None:
    code = decide(sandbox)["code"]
    assert exchange(sandbox, code, redirect_uri="http://localhost:9999/") == INVALID_CODE


@pytest.mark.parametrize("wrong", [{"client_secret": "guess"}, {"client_id": "stranger"}])
def test_a_wrong_client_is_refused_and_costs_no_token(
    sandbox: SandboxServer, withings: ControlClient, wrong: dict[str, str]
) -> None:
    token = withings.grant("ana")["refresh_token"]
    code = decide(sandbox)["code"]
    assert refresh(sandbox, token, **wrong) == INVALID_CLIENT
    assert exchange(sandbox, code, **wrong) == INVALID_CLIENT
    assert exchange(sandbox, code)["status"] == 0
    sandbox.advance(9 * HOUR)
    assert refresh(sandbox, token)["status"] == 0


@pytest.mark.parametrize("missing", ["grant_type", "client_id", "client_secret", "refresh_token"])
def test_missing_fields_are_invalid_params(
    sandbox: SandboxServer, withings: ControlClient, missing: str
) -> None:
    token = withings.grant("ana")["refresh_token"]
    assert refresh(sandbox, token, **{missing: None}) == refused("Invalid Params")


@pytest.mark.parametrize("missing", ["code", "redirect_uri"])
def test_an_exchange_needs_all_its_fields(sandbox: SandboxServer, missing: str) -> None:
    form = {"code": "some-code", "redirect_uri": REDIRECT, **CLIENT, missing: ""}
    grant = {"action": "requesttoken", "grant_type": "authorization_code"}
    assert call(sandbox, "v2/oauth2", **grant, **form) == refused("Invalid Params")


def test_unknown_actions_and_grant_types_are_refused(sandbox: SandboxServer) -> None:
    for action in ("requesttokens", "getdevice", ""):
        assert refresh(sandbox, "x", action=action) == refused("Not implemented", 2554)
    wrong = refused("Invalid Params: invalid grant_type")
    assert refresh(sandbox, "x", grant_type="password") == wrong


def test_secrets_do_not_travel_in_the_query(
    sandbox: SandboxServer, withings: ControlClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING")  # addresses are in everybody's logs: that is the reason
    query = {"action": "requesttoken", "grant_type": "refresh_token", **CLIENT}
    query["refresh_token"] = str(withings.grant("ana")["refresh_token"])
    url = f"{sandbox.url}/withings/v2/oauth2"
    assert requests.get(url, params=query, timeout=10).status_code == 405
    assert requests.post(url, params=query, timeout=10).json()["status"] == 2554


def test_a_refresh_brings_a_new_pair(sandbox: SandboxServer, withings: ControlClient) -> None:
    first = withings.grant("ana", scopes=["user.metrics", "user.info"])
    second = refresh(sandbox, first["refresh_token"])["body"]
    jsonschema.validate(second, TOKEN_BODY)
    assert second["userid"] == first["userid"] == withings.members()[0]["user_id"]
    assert second["scope"] == first["scope"] == "user.metrics,user.info"
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]


def test_the_old_refresh_token_works_until_the_new_access_token_is_used(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first = withings.grant("ana")
    second = refresh(sandbox, first["refresh_token"])["body"]
    # The old access token was issued before; its use ends no grace.
    assert status(sandbox, first["access_token"]) == 0
    third = refresh(sandbox, first["refresh_token"])["body"]
    assert third["refresh_token"] != second["refresh_token"]
    assert status(sandbox, second["access_token"]) == 0
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN
    for token in (second["refresh_token"], third["refresh_token"]):
        assert refresh(sandbox, token)["status"] == 0


def test_the_newest_access_token_ends_the_grace_of_all_older_refresh_tokens(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first, bystander = withings.grant("ana"), withings.grant("ana")
    second = refresh(sandbox, first["refresh_token"])["body"]
    third = refresh(sandbox, first["refresh_token"])["body"]
    assert status(sandbox, third["access_token"]) == 0
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN
    assert refresh(sandbox, second["refresh_token"]) == INVALID_REFRESH_TOKEN
    assert status(sandbox, second["access_token"]) == 0
    assert refresh(sandbox, third["refresh_token"])["status"] == 0
    assert refresh(sandbox, bystander["refresh_token"])["status"] == 0


def test_a_call_that_is_refused_for_its_scope_uses_the_access_token(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first = withings.grant("ana", scopes=["user.metrics"])
    second = refresh(sandbox, first["refresh_token"])["body"]
    assert status(sandbox, second["access_token"]) == 403
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN


def test_a_call_that_never_arrives_does_not_use_the_access_token(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first = withings.grant("ana")
    second = refresh(sandbox, first["refresh_token"])["body"]
    sandbox.add_fault("/withings/v2/user", "reset")
    with pytest.raises(requests.ConnectionError):
        status(sandbox, second["access_token"])
    assert refresh(sandbox, first["refresh_token"])["status"] == 0
    sandbox.add_fault("/withings/v2/user", "lost_answer")
    with pytest.raises(requests.ConnectionError):
        status(sandbox, second["access_token"])
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN


def test_the_old_refresh_token_dies_8_hours_after_its_first_use(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first = withings.grant("ana")
    second = refresh(sandbox, first["refresh_token"])["body"]
    sandbox.advance(8 * HOUR - 1)
    third = refresh(sandbox, first["refresh_token"])["body"]
    sandbox.advance(1)
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN
    for token in (second["refresh_token"], third["refresh_token"]):
        assert refresh(sandbox, token)["status"] == 0


def test_tokens_expire(sandbox: SandboxServer, withings: ControlClient) -> None:
    one, other = withings.grant("ana"), withings.grant("ana")
    sandbox.advance(3 * HOUR - 1)
    assert status(sandbox, one["access_token"]) == 0
    sandbox.advance(1)
    assert status(sandbox, one["access_token"]) == 401
    sandbox.advance(YEAR - 3 * HOUR - 1)
    assert refresh(sandbox, one["refresh_token"])["status"] == 0
    sandbox.advance(1)
    assert refresh(sandbox, other["refresh_token"]) == INVALID_REFRESH_TOKEN


def test_a_refresh_token_belongs_to_its_client(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    other = withings.grant("ana", client_id="another-app")
    assert refresh(sandbox, other["refresh_token"]) == INVALID_REFRESH_TOKEN
    client = {"client_id": other["client_id"], "client_secret": other["client_secret"]}
    assert refresh(sandbox, other["refresh_token"], **client)["status"] == 0


def test_a_refresh_whose_answer_is_lost_has_rotated_the_token(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first = withings.grant("ana")
    before = set(sandbox.secrets())
    sandbox.add_fault("*/v2/oauth2", "lost_answer")
    with pytest.raises(requests.ConnectionError):
        refresh(sandbox, first["refresh_token"])
    kinds = sorted(secret.split("-")[1] for secret in set(sandbox.secrets()) - before)
    assert kinds == ["access", "csrf", "refresh"]
    assert sandbox.requests() == [
        {
            "method": "POST",
            "path": "/withings/v2/oauth2",
            "query": {"action": "requesttoken", "grant_type": "refresh_token"},
            "status": None,
            "member": "ana",
            "at": "2026-06-01T12:00:00.000Z",
        }
    ]
    sandbox.advance(8 * HOUR - 1)
    assert refresh(sandbox, first["refresh_token"])["status"] == 0
    sandbox.advance(1)
    assert refresh(sandbox, first["refresh_token"]) == INVALID_REFRESH_TOKEN


def test_secrets_lists_what_withings_issued(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    granted = withings.grant("ana", client_id="another-app")
    code = decide(sandbox)["code"]
    traded = exchange(sandbox, code)["body"]
    assert {
        "sandbox-secret",
        granted["client_secret"],
        granted["access_token"],
        granted["refresh_token"],
        code,
        traded["access_token"],
        traded["refresh_token"],
        traded["csrf_token"],
    } <= set(sandbox.secrets())


def test_revoking_ends_all_that_a_user_granted_a_client(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    first, second = withings.grant("ana"), withings.grant("ana")
    spared = [withings.grant("ana", client_id="another-app"), withings.grant("ben")]
    assert revoke(sandbox, first["userid"]) == {"status": 0, "body": {}}
    for tokens in (first, second):
        assert status(sandbox, tokens["access_token"]) == 401
        assert refresh(sandbox, tokens["refresh_token"]) == INVALID_REFRESH_TOKEN
    assert [status(sandbox, tokens["access_token"]) for tokens in spared] == [0, 0]
    assert revoke(sandbox, first["userid"])["status"] == 0
    assert revoke(sandbox, 1) == refused("Invalid Params: invalid userid", 247)


def test_a_wrong_signature_revokes_nothing(sandbox: SandboxServer, withings: ControlClient) -> None:
    tokens = withings.grant("ana")
    nonce = get_nonce(sandbox)["body"]["nonce"]
    wrong = [
        sign("revoke", "sandbox-client", nonce, secret="guess"),
        sign("requesttoken", "sandbox-client", nonce),
        sign("revoke", "sandbox-client", nonce, tokens["userid"]),
    ]
    for signature in wrong:
        answer = revoke(sandbox, tokens["userid"], nonce=nonce, signature=signature)
        assert answer == INVALID_SIGNATURE
    assert status(sandbox, tokens["access_token"]) == 0
    assert revoke(sandbox, tokens["userid"], nonce=nonce)["status"] == 0
    assert status(sandbox, tokens["access_token"]) == 401


def test_a_nonce_works_once_for_30_minutes_for_its_client(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    tokens = withings.grant("ana")
    other = withings.grant("ana", client_id="another-app")
    nonces = [get_nonce(sandbox)["body"]["nonce"] for _ in range(3)]
    invalid = refused("Invalid Params: invalid nonce")
    sandbox.advance(1799)
    assert revoke(sandbox, tokens["userid"], nonce=nonces[0])["status"] == 0
    assert revoke(sandbox, tokens["userid"], nonce=nonces[0]) == invalid
    signature = sign("revoke", "another-app", nonces[1], secret=other["client_secret"])
    foreign = {"client_id": "another-app", "nonce": nonces[1], "signature": signature}
    assert revoke(sandbox, tokens["userid"], **foreign) == invalid
    sandbox.advance(1)
    assert revoke(sandbox, tokens["userid"], nonce=nonces[2]) == invalid


def test_a_nonce_is_for_clients_who_know_their_secret(sandbox: SandboxServer) -> None:
    answer = get_nonce(sandbox)
    assert isinstance(answer["body"].pop("nonce"), str)
    assert answer == {"status": 0, "body": {}}
    assert get_nonce(sandbox, signature="guess") == INVALID_SIGNATURE
    assert get_nonce(sandbox, timestamp=NOON + 1) == INVALID_SIGNATURE
    assert get_nonce(sandbox, client_id="stranger") == INVALID_SIGNATURE
    assert get_nonce(sandbox, timestamp="noon") == refused("Invalid Params: invalid timestamp")
    assert get_nonce(sandbox, timestamp="") == refused("Invalid Params")
    assert get_nonce(sandbox, action="getmeas")["status"] == 2554


def test_revoking_by_control_kills_all_grants_of_a_member(
    sandbox: SandboxServer, withings: ControlClient
) -> None:
    doomed = [withings.grant("ana"), withings.grant("ana", client_id="another-app")]
    spared = withings.grant("ben")
    whoop = sandbox.grant("ana")["access_token"]
    withings.revoke("ana")
    assert [status(sandbox, tokens["access_token"]) for tokens in doomed] == [401, 401]
    assert status(sandbox, spared["access_token"]) == 0
    assert status(sandbox, whoop) == 401
    cycles = requests.get(
        f"{sandbox.url}/whoop/developer/v2/cycle",
        headers={"Authorization": f"Bearer {whoop}"},
        timeout=60,
    )
    assert cycles.status_code == 200
