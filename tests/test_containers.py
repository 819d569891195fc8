"""Hosts that forget everything: only the token store, a volume or PostgreSQL, outlives a run.

A container is a process with nothing but its environment: an empty home, an empty working folder,
no config file. What it keeps, it keeps in the store.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from health_sandbox.server import SandboxServer
from health_tools.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-06-01T12:00:00Z"
TAP = [sys.executable, "-m", "tap_whoop", "--config=ENV", "--test"]


@dataclass
class Host:
    """Runs containers that share a store, and counts what they ask of the vendor."""

    sandbox: SandboxServer
    scratch: Path
    environment: dict[str, str]
    runs: int = field(default=0)

    def run(self, expected: int = 0, /, **environment: str) -> str:
        """Start a container and return what it said."""
        self.runs += 1
        home = self.scratch / f"container-{self.runs}"
        home.mkdir()
        done = subprocess.run(
            TAP,
            cwd=home,
            env={"PATH": os.environ["PATH"], "HOME": str(home), **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        home.with_suffix(".log").write_text(done.stdout + done.stderr)
        assert done.returncode == expected, done.stderr
        assert not list(home.iterdir())
        return done.stderr

    def token_requests(self) -> int:
        """Token requests since the last call."""
        asked = [r for r in self.sandbox.requests() if r["path"].endswith("/oauth2/token")]
        self.sandbox.clear_requests()
        return len(asked)

    def expire(self) -> None:
        """Let the vendor end all access tokens; the store still takes them for fresh."""
        self.sandbox.advance(7200)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=0.25, requests_per_minute=10_000) as server:
        yield server


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["volume", "postgres"])
def host(request: pytest.FixtureRequest, sandbox: SandboxServer, tmp_path: Path) -> Host:
    environment = {
        "TAP_WHOOP_CLIENT_ID": "sandbox-client",
        "TAP_WHOOP_CLIENT_SECRET": "sandbox-secret",
        "TAP_WHOOP_API_URL": f"{sandbox.url}/whoop/developer",
        "TAP_WHOOP_TOKEN_URL": f"{sandbox.url}/whoop/oauth/oauth2/token",
        "TAP_WHOOP_TOKEN_STORE": str(tmp_path / "volume"),
    }
    if request.param == "postgres":
        server: EmbeddedPostgres = request.getfixturevalue("database")
        connection = server.connection("demo")
        with connection.connect() as session:
            session.execute("drop schema if exists meta cascade")
        environment |= {
            "TAP_WHOOP_TOKEN_STORE": connection.url(),
            "PGPASSWORD": connection.password,
            "HEALTH_TAPS_TOKEN_KEY": Fernet.generate_key().decode(),
        }
    sandbox.clear_requests()
    return Host(sandbox, tmp_path, environment)


def seed(host: Host) -> str:
    return str(host.sandbox.grant("ana")["refresh_token"])


def test_the_seed_starts_the_grant_and_is_ignored_from_then_on(host: Host) -> None:
    first = seed(host)
    host.run(TAP_WHOOP_REFRESH_TOKEN=first)
    host.run(TAP_WHOOP_REFRESH_TOKEN=first)
    assert host.token_requests() == 1
    for _ in range(2):
        host.expire()
        host.run(TAP_WHOOP_REFRESH_TOKEN=first)
        assert host.token_requests() == 1
    host.expire()
    host.run()
    assert host.token_requests() == 1


def test_a_changed_seed_wins_and_the_old_one_does_not_come_back(host: Host) -> None:
    old, new = seed(host), seed(host)
    host.run(TAP_WHOOP_REFRESH_TOKEN=old)
    host.run(TAP_WHOOP_REFRESH_TOKEN=new)
    assert host.token_requests() == 2
    # Somebody forgot to deploy the new seed to one of two hosts: the living grant goes on.
    for _ in range(2):
        host.run(TAP_WHOOP_REFRESH_TOKEN=old)
        host.run(TAP_WHOOP_REFRESH_TOKEN=new)
    assert host.token_requests() == 0
    host.expire()
    host.run(TAP_WHOOP_REFRESH_TOKEN=old)
    assert host.token_requests() == 1


def test_a_changed_seed_revives_a_dead_grant(host: Host) -> None:
    host.run(TAP_WHOOP_REFRESH_TOKEN=seed(host))
    host.sandbox.revoke("ana")
    host.expire()
    assert "tap-whoop-auth login --account default" in host.run(1)
    host.run(TAP_WHOOP_REFRESH_TOKEN=seed(host))


def test_without_a_store_and_a_seed_the_first_message_says_what_to_do(host: Host) -> None:
    said = host.run(1)
    assert "Account 'default' has no grant of WHOOP yet" in said
    assert "tap-whoop-auth login --account default" in said
    assert host.token_requests() == 0


def test_nothing_in_clear_reaches_the_store_with_a_key(host: Host, tmp_path: Path) -> None:
    host.run(
        TAP_WHOOP_REFRESH_TOKEN=seed(host), HEALTH_TAPS_TOKEN_KEY=Fernet.generate_key().decode()
    )
    written = "".join(path.read_text() for path in tmp_path.glob("volume/*"))
    assert not [secret for secret in host.sandbox.secrets() if secret in written]


def test_a_lost_key_is_told_and_the_grant_survives_it(host: Host) -> None:
    key = {"HEALTH_TAPS_TOKEN_KEY": Fernet.generate_key().decode()}
    host.run(TAP_WHOOP_REFRESH_TOKEN=seed(host), **key)
    wrong = {"HEALTH_TAPS_TOKEN_KEY": Fernet.generate_key().decode()}
    assert "encrypted with another key than HEALTH_TAPS_TOKEN_KEY has" in host.run(1, **wrong)
    assert "has no HEALTH_TAPS_TOKEN_KEY" in host.run(1, HEALTH_TAPS_TOKEN_KEY="")
    host.run(**key)
    assert host.token_requests() == 1
