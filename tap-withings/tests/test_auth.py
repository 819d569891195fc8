"""``tap-withings-auth`` against the sandbox: what Withings does otherwise than others."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest
import requests
from click.testing import CliRunner

from health_sandbox.server import SandboxServer
from health_tap_core.oauth.stores import open_store
from tap_withings.auth import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def sandbox() -> Iterator[SandboxServer]:
    # The signature of a revocation carries the machine's time.
    with SandboxServer() as server:
        yield server


class Person:
    """Types commands, and allows access in a browser that is a thread."""

    def __init__(self, sandbox: SandboxServer, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self._patch = patch
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        base = f"{sandbox.url}/withings"
        self.settings = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "token_store": str(folder / "grants"),
            "api_url": base,
            "authorize_url": f"{base}/oauth2_user/authorize2",
            "token_url": f"{base}/v2/oauth2",
            "redirect_uri": f"http://localhost:{port}/callback",
        }
        self.store = open_store(self.settings["token_store"], "Withings")

    def types(self, *arguments: str, typed: str = "", code: int = 0) -> str:
        named = {f"TAP_WITHINGS_{name.upper()}": value for name, value in self.settings.items()}
        env = {**dict.fromkeys(os.environ), **named, "BROWSER": "/bin/true"}
        done = CliRunner().invoke(cli, arguments, input=typed, env=env, catch_exceptions=False)
        assert done.exit_code == code, done.output
        assert not any(secret in done.output for secret in self.sandbox.secrets())
        return done.output

    def allows(self, *, before: Callable[[], object] = int) -> None:
        """What the next browser does: allow, wait for something, come back."""

        def walk(url: str) -> None:
            form = {"member": "ana", "decision": "allow"}
            answer = requests.post(url, data=form, allow_redirects=False, timeout=10)
            before()
            requests.get(answer.headers["location"].replace("localhost", "127.0.0.1"), timeout=10)

        def open_browser(url: str) -> bool:
            threading.Thread(target=walk, args=[url], daemon=True).start()
            return True

        self._patch.setattr("webbrowser.open", open_browser)


@pytest.fixture
def person(sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(sandbox, tmp_path, monkeypatch)


def test_a_login_knows_the_user_and_all_scopes(person: Person) -> None:
    person.allows()
    person.types("login")
    members = person.sandbox.vendor("withings").members()
    grant = person.store.load("default")
    assert grant
    assert grant.user_id in {str(m["user_id"]) for m in members if m["name"] == "ana"}
    assert "  all  " in person.types("status")


def test_a_code_lives_thirty_seconds(person: Person) -> None:
    person.allows(before=lambda: person.sandbox.advance(30))
    assert "no longer accepts this answer" in person.types("login", code=1)
    assert person.store.accounts() == []
    person.allows(before=lambda: person.sandbox.advance(25))
    person.types("login")


def test_an_import(person: Person) -> None:
    theirs = {"status": 0, "body": person.sandbox.vendor("withings").grant("ana")}
    person.types("import", "--from", "-", typed=json.dumps(theirs))
    assert json.loads(person.types("status", "--json"))["accounts"][0]["state"] == "ok"


def test_after_a_logout_the_grant_is_dead_at_withings(person: Person) -> None:
    person.allows()
    person.types("login")
    grant = person.store.load("default")
    assert grant
    assert "Withings has ended it." in person.types("logout")
    assert person.store.accounts() == []
    copy = json.dumps({"refresh_token": grant.refresh_token})
    said = person.types("import", "--from", "-", typed=copy, code=1)
    assert "no longer accepts the refresh token" in said
