from __future__ import annotations

import requests

from health_sandbox.server import SandboxServer

NOON = "2026-06-01T12:00:10.000Z"


def fetch(sandbox: SandboxServer, token: str) -> requests.Response:
    return requests.get(
        f"{sandbox.url}/whoop/developer/v2/user/profile/basic",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )


def state(answer: requests.Response) -> tuple[int, str, str, str]:
    limits = [answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Reset")]
    return answer.status_code, limits[0], limits[1], limits[2]


def test_the_documented_limits_are_the_default() -> None:
    with SandboxServer(clock=NOON, frozen=True, years=0) as sandbox:
        answer = fetch(sandbox, sandbox.grant("ana")["access_token"])
    assert state(answer) == (200, "100, 100;window=60, 10000;window=86400", "99", "50")


def test_the_minute_limit_counts_per_client_and_resets_on_the_sandbox_clock() -> None:
    with SandboxServer(clock=NOON, frozen=True, years=0, requests_per_minute=3) as sandbox:
        ana, ben = (sandbox.grant(member)["access_token"] for member in ("ana", "ben"))
        other = sandbox.grant("ana", client_id="another-app")["access_token"]
        limits = "3, 3;window=60, 10000;window=86400"
        assert state(fetch(sandbox, ana)) == (200, limits, "2", "50")
        assert state(fetch(sandbox, ben)) == (200, limits, "1", "50")
        assert state(fetch(sandbox, ana)) == (200, limits, "0", "50")
        assert state(fetch(sandbox, ben)) == (429, limits, "0", "50")
        assert state(fetch(sandbox, other)) == (200, limits, "2", "50")
        sandbox.advance(49)
        assert state(fetch(sandbox, ana)) == (429, limits, "0", "1")
        sandbox.advance(1)
        assert state(fetch(sandbox, ana)) == (200, limits, "2", "60")


def test_the_day_limit_is_shown_when_it_is_nearest() -> None:
    with SandboxServer(
        clock=NOON, frozen=True, years=0, requests_per_minute=3, requests_per_day=4
    ) as sandbox:
        token = sandbox.grant("ana")["access_token"]
        fetch(sandbox, token)
        sandbox.advance(60)
        shown = [state(fetch(sandbox, token)) for _ in range(4)]
        until_midnight = str(12 * 3600 - 70)
        day = "4, 3;window=60, 4;window=86400"
        assert shown[0] == (200, day, "2", until_midnight)
        assert shown[2] == (200, day, "0", until_midnight)
        assert shown[3] == (429, day, "0", until_midnight)
        sandbox.advance(60)
        assert fetch(sandbox, token).status_code == 429
        sandbox.set_clock("2026-06-02T00:00:00Z")
        token = sandbox.grant("ana")["access_token"]
        assert fetch(sandbox, token).status_code == 200


def test_refused_tokens_are_not_counted() -> None:
    with SandboxServer(clock=NOON, frozen=True, years=0, requests_per_minute=1) as sandbox:
        refused = fetch(sandbox, "guess")
        assert refused.status_code == 401
        assert "X-RateLimit-Limit" not in refused.headers
        assert fetch(sandbox, sandbox.grant("ana")["access_token"]).status_code == 200
