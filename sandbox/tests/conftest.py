from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from health_sandbox.server import SandboxServer

NOON = "2026-06-01T12:00:00.000Z"
PLENTY = 1_000_000

Get = Callable[..., requests.Response]


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
