"""A sandbox of its own for each test, and a tap that lives in the sandbox's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from health_sandbox.server import SandboxServer
from health_tap_core.testing import Rig
from tap_withings.tap import TapWithings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from health_sandbox.client import ControlClient

NOW = "2026-06-01T12:00:00Z"


class Setup(Rig):
    """One user connected to the sandbox."""

    def __init__(self, sandbox: SandboxServer, folder: Path) -> None:
        self.sandbox: ControlClient = sandbox.vendor("withings")
        config = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "token_store": str(folder / "grants"),
            "api_url": f"{sandbox.url}/withings",
            "token_url": f"{sandbox.url}/withings/v2/oauth2",
            "start_date": "2026-03-01",
            "requests_per_minute": 10_000,
        }
        super().__init__(TapWithings, config, self.sandbox)

    def connect(self, member: str, scopes: list[str] | None = None) -> None:
        grant = self.sandbox.grant(member, scopes=scopes)
        self.config["refresh_token"] = grant["refresh_token"]

    def questions(self) -> list[str]:
        """Actions of the API requests since the last call."""
        asked = [r for r in self.sandbox.requests() if not r["path"].endswith("/oauth2")]
        self.sandbox.clear_requests()
        return [request["query"]["action"] for request in asked]


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=0.35, requests_per_minute=10_000) as server:
        yield server


@pytest.fixture
def hal(sandbox: SandboxServer, tmp_path: Path) -> Setup:
    """The owner of a Body Scan: several groups for a weigh-in, measures for each limb."""
    setup = Setup(sandbox, tmp_path)
    setup.connect("hal")
    return setup


@pytest.fixture
def ana(sandbox: SandboxServer, tmp_path: Path) -> Setup:
    """The owner of a scale and of a watch, which has data for every stream."""
    setup = Setup(sandbox, tmp_path)
    setup.connect("ana")
    return setup
