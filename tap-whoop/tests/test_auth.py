"""``tap-whoop-auth`` against the sandbox: the commands are real, the browser is a thread."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner

from health_tap_core.oauth.cli import auth_command
from health_tap_core.oauth.stores import open_store
from health_tap_core.testing import sync
from tap_whoop.auth import cli
from tap_whoop.oauth import WHOOP_OAUTH
from tap_whoop.tap import TapWhoop

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

    from health_sandbox.server import SandboxServer


class Person:
    """Types commands, and walks through WHOOP's page in a browser."""

    def __init__(self, sandbox: SandboxServer, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.sandbox = sandbox
        self._patch = patch
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.settings = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "token_store": str(folder / "grants"),
            "api_url": f"{sandbox.url}/whoop/developer",
            "authorize_url": f"{sandbox.url}/whoop/oauth/oauth2/auth",
            "token_url": f"{sandbox.url}/whoop/oauth/oauth2/token",
            "redirect_uri": f"http://localhost:{port}/callback",
        }
        self.store = open_store(self.settings["token_store"], "WHOOP")
        self.pages: list[str] = []

    def types(
        self, *arguments: str, typed: str = "", code: int = 0, group: click.Group = cli
    ) -> str:
        named = {f"TAP_WHOOP_{name.upper()}": value for name, value in self.settings.items()}
        env = {**dict.fromkeys(os.environ), **named, "BROWSER": "/bin/true"}
        done = CliRunner().invoke(group, arguments, input=typed, env=env, catch_exceptions=False)
        assert done.exit_code == code, done.output
        assert not any(secret in done.output for secret in self.sandbox.secrets())
        return done.output

    def walks(self, decision: str = "allow", *, before: Callable[[], object] = int) -> None:
        """What the next browser does: decide, wait for something, come back."""

        def walk(url: str) -> None:
            form = {"member": "ben", "decision": decision}
            answer = requests.post(url, data=form, allow_redirects=False, timeout=10)
            before()
            back = answer.headers["location"].replace("localhost", "127.0.0.1")
            self.pages.append(requests.get(back, timeout=10).text)

        def open_browser(url: str) -> bool:
            self._browser = threading.Thread(target=walk, args=[url], daemon=True)
            self._browser.start()
            return True

        self._patch.setattr("webbrowser.open", open_browser)

    @property
    def page(self) -> str:
        self._browser.join()
        return self.pages[-1]


@pytest.fixture
def person(sandbox: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return Person(sandbox, tmp_path, monkeypatch)


def test_who_logged_in_is_synced(person: Person) -> None:
    person.walks()
    said = person.types("login")
    assert "Account 'default' of WHOOP is connected" in said
    assert "WHOOP is connected" in person.page
    config: dict[str, Any] = {**person.settings, "start_date": "2026-05-20"}
    profile = sync(TapWhoop, config).records("user_basic_profile")
    (ben,) = [member for member in person.sandbox.members() if member["name"] == "ben"]
    assert [record["user_id"] for record in profile] == [ben["user_id"]]


def test_a_code_lives_ten_minutes(person: Person) -> None:
    person.walks(before=lambda: person.sandbox.advance(600))
    assert "no longer accepts this answer" in person.types("login", code=1)
    assert "no longer accepts this answer" in person.page
    assert person.store.accounts() == []
    person.walks(before=lambda: person.sandbox.advance(590))
    person.types("login")


def test_a_denial(person: Person) -> None:
    person.walks("deny")
    assert "Access was not allowed at WHOOP." in person.types("login", code=1)
    assert "Access was not allowed at WHOOP." in person.page


def test_without_the_scope_offline_there_is_no_grant(person: Person) -> None:
    scopes = tuple(scope for scope in WHOOP_OAUTH.scopes if scope != "offline")
    provider = replace(WHOOP_OAUTH, scopes=scopes)
    person.walks()
    group = auth_command("tap-whoop", provider, TapWhoop.config_jsonschema)
    said = person.types("login", group=group, code=1)
    assert "the scope 'offline' is missing" in said
    assert "offline" in person.page
    assert person.store.accounts() == []


def test_a_wrong_secret(person: Person) -> None:
    person.settings["client_secret"] = "wrong"
    person.walks()
    said = person.types("login", code=1)
    assert "WHOOP does not accept the client id and secret" in said
    assert "client id and secret" in person.page


def test_an_import_spends_the_copy_of_the_other_tool(person: Person) -> None:
    theirs = json.dumps(person.sandbox.grant("ben"))
    person.types("import", "--from", "-", typed=theirs)
    assert json.loads(person.types("status", "--json"))["accounts"][0]["state"] == "ok"
    said = person.types("import", "--from", "-", "--replace", typed=theirs, code=1)
    assert "no longer accepts the refresh token" in said


def test_after_a_logout_both_tokens_are_dead(person: Person) -> None:
    person.walks()
    person.types("login")
    grant = person.store.load("default")
    assert grant
    assert "WHOOP has ended it." in person.types("logout")
    assert person.store.accounts() == []
    profile = requests.get(
        f"{person.settings['api_url']}/v2/user/profile/basic",
        headers={"Authorization": f"Bearer {grant.access_token}"},
        timeout=10,
    )
    assert profile.status_code == 401
    copy = json.dumps({"refresh_token": grant.refresh_token})
    person.types("import", "--from", "-", typed=copy, code=1)


def test_a_logout_after_the_member_removed_the_app(person: Person) -> None:
    person.walks()
    person.types("login")
    person.sandbox.revoke("ben")
    assert "WHOOP had already ended it." in person.types("logout")
    assert person.store.accounts() == []


def test_a_process_that_is_told_to_end_in_the_exchange_stores_the_grant_first(
    person: Person, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(json.dumps(person.settings))
    person.sandbox.add_fault("*/oauth2/token", "slow", delay=2.0)
    with subprocess.Popen(
        [Path(sys.executable).with_name("tap-whoop-auth"), "login", "--config", config],
        env={**os.environ, "BROWSER": "/bin/true"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        url = next(line.strip() for line in process.stdout if line.startswith("http"))
        form = {"member": "ben", "decision": "allow"}
        answer = requests.post(url, data=form, allow_redirects=False, timeout=10)
        back = answer.headers["location"].replace("localhost", "127.0.0.1")
        with pytest.raises(requests.ReadTimeout):
            requests.get(back, timeout=1)
        process.terminate()
    assert process.returncode == -signal.SIGTERM
    grant = person.store.load("default")
    assert grant
    assert person.types("logout").endswith("WHOOP has ended it.\n")
