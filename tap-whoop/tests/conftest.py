"""A sandbox of its own for each test, and a tap that lives in the sandbox's time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from health_sandbox.server import SandboxServer
from health_tap_core.testing import Rig
from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-06-01T12:00:00Z"


class Setup(Rig):
    """One member connected to the sandbox."""

    def __init__(self, sandbox: SandboxServer, folder: Path) -> None:
        self.sandbox = sandbox
        config = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "token_store": str(folder / "grants"),
            "api_url": f"{sandbox.url}/whoop/developer",
            "token_url": f"{sandbox.url}/whoop/oauth/oauth2/token",
            "start_date": "2026-03-01",
        }
        super().__init__(TapWhoop, config, sandbox)

    def connect(self, member: str, scopes: list[str] | None = None) -> None:
        grant = self.sandbox.grant(member, scopes=scopes)
        self.config["refresh_token"] = grant["refresh_token"]

    def data_requests(self) -> list[str]:
        """Paths of the API requests since the last call, without the base."""
        paths = [r["path"].partition("/developer")[2] for r in self.sandbox.requests()]
        self.sandbox.clear_requests()
        return [path for path in paths if path]


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=0.35) as server:
        yield server


@pytest.fixture
def ana(sandbox: SandboxServer, tmp_path: Path) -> Setup:
    setup = Setup(sandbox, tmp_path)
    setup.connect("ana")
    return setup
