from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

if TYPE_CHECKING:
    from health_sandbox.server import SandboxServer

CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
REDIRECT = "http://localhost:8080/callback"
WISH = {
    "response_type": "code",
    "client_id": "sandbox-client",
    "redirect_uri": REDIRECT,
    "scope": "offline read:cycles read:sleep",
    "state": "abcdefgh",
}


def ask(sandbox: SandboxServer, **changes: str) -> requests.Response:
    url = f"{sandbox.url}/whoop/oauth/oauth2/auth"
    return requests.get(url, params={**WISH, **changes}, timeout=10, allow_redirects=False)


def decide(sandbox: SandboxServer, decision: str, **changes: str) -> dict[str, str]:
    answer = requests.post(
        f"{sandbox.url}/whoop/oauth/oauth2/auth",
        params={**WISH, **changes},
        data={"member": "ben", "decision": decision},
        timeout=10,
        allow_redirects=False,
    )
    assert answer.status_code == 302
    location = urlsplit(answer.headers["Location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == REDIRECT
    return {name: values[0] for name, values in parse_qs(location.query).items()}


def trade(sandbox: SandboxServer, **form: str) -> requests.Response:
    url = f"{sandbox.url}/whoop/oauth/oauth2/token"
    return requests.post(url, data={**CLIENT, **form}, timeout=10)


def trade_code(sandbox: SandboxServer, code: str, **form: str) -> requests.Response:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **form}
    return trade(sandbox, **fields)


def refresh(sandbox: SandboxServer, token: Any, **form: str) -> requests.Response:
    return trade(
        sandbox, grant_type="refresh_token", refresh_token=str(token), scope="offline", **form
    )


def status(sandbox: SandboxServer, access_token: str, path: str = "cycle") -> int:
    headers = {"Authorization": f"Bearer {access_token}"}
    url = f"{sandbox.url}/whoop/developer/v2/{path}"
    return requests.get(url, headers=headers, timeout=60).status_code


def test_consent_leads_to_tokens_of_the_chosen_member(sandbox: SandboxServer) -> None:
    page = ask(sandbox)
    assert page.headers["Content-Type"].startswith("text/html")
    assert re.findall(r"<option>(\w+)</option>", page.text) == [
        member["name"] for member in sandbox.members()
    ]
    answer = decide(sandbox, "allow")
    assert answer["state"] == "abcdefgh"
    tokens = trade_code(sandbox, answer["code"]).json()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["scope"] == "offline read:cycles read:sleep"
    cycles = requests.get(
        f"{sandbox.url}/whoop/developer/v2/cycle",
        headers={"Authorization": f"Bearer {tokens['access_token']}"},
        timeout=60,
    ).json()["records"]
    assert cycles == sandbox.truth("ben", "cycles")[:10]


def test_a_member_can_say_no(sandbox: SandboxServer) -> None:
    answer = decide(sandbox, "deny")
    assert answer["error"] == "access_denied"
    assert answer["state"] == "abcdefgh"
    assert "code" not in answer


def test_a_redirect_uri_keeps_its_own_query(sandbox: SandboxServer) -> None:
    assert decide(sandbox, "allow", redirect_uri=f"{REDIRECT}?app=1")["app"] == "1"


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "stranger"},
        {"state": "1234567"},
        {"redirect_uri": ""},
        {"response_type": "token"},
        {"scope": "read:everything"},
    ],
)
def test_a_malformed_wish_is_refused(sandbox: SandboxServer, change: dict[str, str]) -> None:
    assert ask(sandbox, **change).status_code == 400


def test_without_offline_there_is_no_refresh_token(sandbox: SandboxServer) -> None:
    code = decide(sandbox, "allow", scope="read:cycles")["code"]
    assert "refresh_token" not in trade_code(sandbox, code).json()
    assert sandbox.grant("ana", scopes=["read:cycles"])["refresh_token"] is None


def test_a_code_works_once(sandbox: SandboxServer) -> None:
    code = decide(sandbox, "allow")["code"]
    assert trade_code(sandbox, code).status_code == 200
    again = trade_code(sandbox, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_code_expires_on_the_sandbox_clock(sandbox: SandboxServer) -> None:
    codes = [decide(sandbox, "allow")["code"] for _ in range(2)]
    sandbox.advance(599)
    assert trade_code(sandbox, codes[0]).status_code == 200
    sandbox.advance(1)
    assert trade_code(sandbox, codes[1]).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_its_redirect_uri(sandbox: SandboxServer) -> None:
    code = decide(sandbox, "allow")["code"]
    answer = trade_code(sandbox, code, redirect_uri="http://localhost:9999/")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "guess"}, {"client_id": "stranger"}, {"client_secret": ""}]
)
def test_a_wrong_client_is_refused_and_costs_no_token(
    sandbox: SandboxServer, wrong: dict[str, str]
) -> None:
    token = sandbox.grant("ana")["refresh_token"]
    url = f"{sandbox.url}/whoop/oauth/oauth2/token"
    form = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT, **wrong}
    answer = requests.post(url, data=form, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert refresh(sandbox, token).status_code == 200


def test_refresh_tokens_rotate_and_the_old_one_is_dead_at_once(sandbox: SandboxServer) -> None:
    first = sandbox.grant("ana")
    second = refresh(sandbox, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scope"] == first["scope"]
    dead = refresh(sandbox, first["refresh_token"])
    assert (dead.status_code, dead.json()["error"]) == (400, "invalid_grant")
    assert refresh(sandbox, second["refresh_token"]).status_code == 200


def test_a_refresh_token_belongs_to_its_client(sandbox: SandboxServer) -> None:
    other = sandbox.grant("ana", client_id="another-app")
    assert refresh(sandbox, other["refresh_token"]).json()["error"] == "invalid_grant"
    tokens = refresh(
        sandbox,
        other["refresh_token"],
        client_id="another-app",
        client_secret=other["client_secret"],
    )
    assert tokens.status_code == 200


def test_other_grant_types_are_refused(sandbox: SandboxServer) -> None:
    answer = trade(sandbox, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_an_access_token_expires_on_the_sandbox_clock(sandbox: SandboxServer) -> None:
    token = sandbox.grant("ana")["access_token"]
    sandbox.advance(3599)
    assert status(sandbox, token) == 200
    sandbox.advance(1)
    assert status(sandbox, token) == 401


def test_missing_and_unknown_tokens_are_refused(sandbox: SandboxServer) -> None:
    url = f"{sandbox.url}/whoop/developer/v2/cycle"
    answers = [
        requests.get(url, timeout=10),
        requests.get(url, headers={"Authorization": "Bearer guess"}, timeout=10),
        requests.get(url, headers={"Authorization": "Basic guess"}, timeout=10),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["error"] == "Authorization was not valid"


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("user/profile/basic", "read:profile"),
        ("user/measurement/body", "read:body_measurement"),
        ("cycle", "read:cycles"),
        ("recovery", "read:recovery"),
        ("activity/sleep", "read:sleep"),
        ("activity/workout", "read:workout"),
    ],
)
def test_each_endpoint_needs_its_own_scope(sandbox: SandboxServer, path: str, scope: str) -> None:
    everything = sandbox.grant("ana")["scope"].split()
    assert status(sandbox, sandbox.grant("ana", scopes=[scope])["access_token"], path) == 200
    others = [other for other in everything if other != scope]
    assert status(sandbox, sandbox.grant("ana", scopes=others)["access_token"], path) == 403


def test_revoking_over_the_api_kills_this_grant_alone(sandbox: SandboxServer) -> None:
    doomed, other = sandbox.grant("ana"), sandbox.grant("ana")
    answer = requests.delete(
        f"{sandbox.url}/whoop/developer/v2/user/access",
        headers={"Authorization": f"Bearer {doomed['access_token']}"},
        timeout=10,
    )
    assert (answer.status_code, answer.content) == (204, b"")
    assert status(sandbox, doomed["access_token"]) == 401
    assert refresh(sandbox, doomed["refresh_token"]).json()["error"] == "invalid_grant"
    assert status(sandbox, other["access_token"]) == 200


def test_revoking_by_control_kills_all_grants_of_a_member(sandbox: SandboxServer) -> None:
    first, second = sandbox.grant("ana"), sandbox.grant("ana", client_id="another-app")
    bystander = sandbox.grant("ben")
    sandbox.revoke("ana")
    assert status(sandbox, first["access_token"]) == 401
    assert status(sandbox, second["access_token"]) == 401
    assert status(sandbox, bystander["access_token"]) == 200


def test_secrets_lists_all_that_was_issued(sandbox: SandboxServer) -> None:
    granted = sandbox.grant("ana", client_id="another-app")
    code = decide(sandbox, "allow")["code"]
    traded = trade_code(sandbox, code).json()
    assert {
        "sandbox-secret",
        granted["client_secret"],
        granted["access_token"],
        granted["refresh_token"],
        code,
        traded["access_token"],
        traded["refresh_token"],
    } == set(sandbox.secrets())
