from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import requests

from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient

NOON = "2026-06-01T12:00:00.000Z"
PLENTY = 1_000_000

Get = Callable[..., requests.Response]
Truth = Callable[[str, str], list[dict[str, Any]]]
Call = Callable[..., dict[str, Any]]

PATHS = {
    "getmeas": "measure",
    "getactivity": "v2/measure",
    "getworkouts": "v2/measure",
    "getintradayactivity": "v2/measure",
    "getsummary": "v2/sleep",
    "getgoals": "v2/user",
    "getdevice": "v2/user",
}
"""Where the actions of Withings with names of their own are."""


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    """A fresh sandbox of three months, its clock frozen at noon of 2026-06-01."""
    with SandboxServer(clock=NOON, frozen=True, years=0.25) as server:
        yield server


@pytest.fixture(scope="session")
def museum() -> Iterator[SandboxServer]:
    """A sandbox that tests only look at: two years, frozen, and without tight limits."""
    with SandboxServer(
        clock=NOON, frozen=True, years=2, requests_per_minute=PLENTY, requests_per_day=PLENTY
    ) as server:
        yield server


@pytest.fixture(scope="session")
def truth(museum: SandboxServer) -> Truth:
    """Tell the records of a member of the museum by collection; asked for once only."""
    return cache(museum.truth)


def getter(server: SandboxServer) -> Iterator[Get]:
    tokens = dict[str, str]()

    def get(path: str, member: str = "ana", **query: Any) -> requests.Response:
        if member not in tokens:
            tokens[member] = server.grant(member)["access_token"]
        url = f"{server.url}/whoop/developer/v2/{path}"
        headers = {"Authorization": f"Bearer {tokens[member]}"}
        return session.get(url, params=query, headers=headers, timeout=60)

    with requests.Session() as session:
        yield get


@pytest.fixture
def get(sandbox: SandboxServer) -> Iterator[Get]:
    """GET a path below /v2 of the fresh sandbox as a member."""
    yield from getter(sandbox)


@pytest.fixture(scope="session")
def look(museum: SandboxServer) -> Iterator[Get]:
    """GET a path below /v2 of the museum as a member."""
    yield from getter(museum)


@pytest.fixture
def withings(sandbox: SandboxServer) -> ControlClient:
    """The control of the members of the fresh sandbox at Withings."""
    return sandbox.vendor("withings")


@pytest.fixture(scope="session")
def gallery() -> Iterator[SandboxServer]:
    """A sandbox of three months with small pages, for tests that only look at Withings."""
    with SandboxServer(
        clock=NOON, frozen=True, years=0.25, page_size=40, requests_per_minute=PLENTY
    ) as server:
        yield server


def caller(server: SandboxServer, now: Callable[[], str]) -> Iterator[Call]:
    tokens = dict[tuple[str, str], str]()

    def call(action: str, member: str = "jon", path: str = "", **form: Any) -> dict[str, Any]:
        whose = member, now()  # a token is dead three hours later
        if whose not in tokens:
            tokens[whose] = server.vendor("withings").grant(member)["access_token"]
        answer = session.post(
            f"{server.url}/withings/{path or PATHS[action]}",
            data={"action": action, **form},
            headers={"Authorization": f"Bearer {tokens[whose]}"},
            timeout=60,
        )
        assert answer.status_code == 200
        content: dict[str, Any] = answer.json()
        return content

    with requests.Session() as session:
        yield call


@pytest.fixture
def call(sandbox: SandboxServer) -> Iterator[Call]:
    """Call an action of Withings in the fresh sandbox as a member."""
    yield from caller(sandbox, sandbox.now)


@pytest.fixture(scope="session")
def ask(gallery: SandboxServer) -> Iterator[Call]:
    """Call an action of Withings in the gallery as a member."""
    yield from caller(gallery, lambda: NOON)
