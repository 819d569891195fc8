"""A person logs in: the real command, a real browser, a vendor's pages, and what is stored then."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from health_sandbox.server import SandboxServer
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store

from .browser import CHROMIUM, running_browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page, Response, Route

    from health_tap_core.oauth.stores.base import TokenStore

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="NOBODY SAW THE LOGIN PAGES: install chromium (Debian: apt-get)"
)


@dataclass(frozen=True)
class Vendor:
    name: str
    tap: str
    authorize: str
    token: str
    code_lives: float


VENDORS = [
    Vendor("WHOOP", "tap-whoop", "/whoop/oauth/oauth2/auth", "/whoop/oauth/oauth2/token", 600),
    Vendor(
        "Withings",
        "tap-withings",
        "/withings/oauth2_user/authorize2",
        "/withings/v2/oauth2",
        30,
    ),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock="2026-06-01T12:00:00Z", frozen=True, years=0.1) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_browser() as chromium:
        yield chromium


@pytest.fixture(params=["light", "dark"])
def page(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path, vendor: Vendor
) -> Iterator[Page]:
    """A page of a new person; what it shows at the end is kept as a picture."""
    context = browser.new_context(
        color_scheme=request.param, viewport={"width": 900, "height": 620}
    )
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.screenshot(path=tmp_path / f"{vendor.name}-{request.param}.png")
    context.close()
    assert complaints == []


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.tap)
def vendor(request: pytest.FixtureRequest) -> Vendor:
    found: Vendor = request.param
    return found


class Attempt:
    """``tap-...-auth login`` as a process; its "browser" only notes the address."""

    def __init__(self, vendor: Vendor, sandbox: SandboxServer, folder: Path) -> None:
        self._opened = folder / "opened"
        noting = folder / "browser"
        noting.write_text(f'#!/bin/sh\nprintf %s "$1" > "$0.url" && mv "$0.url" {self._opened}\n')
        noting.chmod(0o700)
        self.redirect_uri = f"http://localhost:{_free_port()}/callback"
        self.store: TokenStore = open_store(str(folder / "grants"), vendor.name)
        foreign = ("TAP_", "MELTANO_", "HEALTH_", "DISPLAY", "WAYLAND_")
        settings = {
            "client_id": "sandbox-client",
            "client_secret": "sandbox-secret",
            "accounts": "me",
            "token_store": str(folder / "grants"),
            "authorize_url": sandbox.url + vendor.authorize,
            "token_url": sandbox.url + vendor.token,
            "redirect_uri": self.redirect_uri,
        }
        prefix = vendor.tap.replace("-", "_").upper()
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name(f"{vendor.tap}-auth"), "login"],
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(foreign)},
                **{f"{prefix}_{name.upper()}": value for name, value in settings.items()},
                "BROWSER": str(noting),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def url(self) -> str:
        """The address that the browser was opened with."""
        end = time.monotonic() + 30
        while not self._opened.exists():
            assert time.monotonic() < end, "no browser was opened"
            assert self.process.poll() is None, self.process.communicate()[0]
            time.sleep(0.02)
        return self._opened.read_text()

    def end(self) -> tuple[int, str]:
        """Exit code, and all that the terminal showed."""
        said, _ = self.process.communicate(timeout=30)
        return self.process.returncode, said


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def attempt(vendor: Vendor, sandbox: SandboxServer, tmp_path: Path) -> Iterator[Attempt]:
    """A login under way."""
    begun = Attempt(vendor, sandbox, tmp_path)
    yield begun
    begun.process.kill()
    begun.process.communicate()


@contextmanager
def untouched(store: TokenStore) -> Iterator[None]:
    """An older grant stays as it is, to the byte."""
    with store.lock("me") as held:
        held.save(Grant(refresh_token="from before"))
    before = store.read("me")
    yield
    assert store.read("me") == before


def choose(page: Page, attempt: Attempt, decision: str) -> None:
    page.goto(attempt.url)
    page.get_by_label("Member").select_option("ben")
    page.get_by_role("button", name=decision).click()


def allow_and_hold(page: Page, attempt: Attempt) -> str:
    """Allow, and catch the address on which the browser is sent back."""
    back: list[str] = []

    def hold(route: Route) -> None:
        if route.request.method == "POST":
            back.append(route.fetch(max_redirects=0).headers["location"])
            route.fulfill(body="held")
        else:
            route.continue_()

    page.route("**/*", hold)
    choose(page, attempt, "Allow")
    page.get_by_text("held").wait_for()
    page.unroute("**/*")
    return back[0]


def shows(page: Page, heading: str, *texts: str) -> None:
    page.get_by_role("heading", name=heading).wait_for()
    shown = page.inner_text("main")
    for text in texts:
        assert text in shown


def keeps_secrets(sandbox: SandboxServer, attempt: Attempt, *shown: str) -> None:
    (state,) = parse_qs(urlsplit(attempt.url).query)["state"]
    for secret in sandbox.secrets():
        assert not any(secret in text for text in shown)
    assert state not in shown[0]


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_allow(vendor: Vendor, sandbox: SandboxServer, attempt: Attempt, page: Page) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 (its type)
    choose(page, attempt, "Allow")
    shows(page, f"{vendor.name} is connected", "Account 'me'", "You may close this page.")
    code, said = attempt.end()
    assert code == 0, said
    assert f"Account 'me' of {vendor.name} is connected" in said
    assert attempt.url in said
    keeps_secrets(sandbox, attempt, page.content(), said)
    grant = attempt.store.load("me")
    assert grant
    assert (grant.version, grant.dead_since) == (1, 0)
    assert grant.refresh_token.startswith("sandbox-refresh")
    assert bool(grant.user_id) == (vendor.name == "Withings")
    last = next(answer for answer in answers if answer.url.startswith(attempt.redirect_uri))
    assert last.headers["referrer-policy"] == "no-referrer"
    assert last.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in last.headers["content-security-policy"]


@pytest.mark.parametrize("page", ["dark"], indirect=True)
def test_deny(vendor: Vendor, sandbox: SandboxServer, attempt: Attempt, page: Page) -> None:
    with untouched(attempt.store):
        choose(page, attempt, "Deny")
        shows(
            page,
            f"{vendor.name} was not connected",
            f"Access was not allowed at {vendor.name}. Nothing was changed.",
            f"{vendor.tap}-auth login --account me",
        )
        code, said = attempt.end()
    assert code == 1
    assert f"Error: Access was not allowed at {vendor.name}. Nothing was changed." in said
    assert f"To try again: {vendor.tap}-auth login --account me" in said
    keeps_secrets(sandbox, attempt, page.content(), said)


@pytest.mark.parametrize("page", ["light"], indirect=True)
def test_a_code_that_came_too_late(
    vendor: Vendor, sandbox: SandboxServer, attempt: Attempt, page: Page
) -> None:
    with untouched(attempt.store):
        back = allow_and_hold(page, attempt)
        sandbox.advance(vendor.code_lives)
        page.goto(back)
        why = f"{vendor.name} no longer accepts this answer: it came back too late"
        shows(page, f"{vendor.name} was not connected", why)
        code, said = attempt.end()
    assert code == 1
    assert why in said
    keeps_secrets(sandbox, attempt, page.content(), said)


@pytest.mark.parametrize("page", ["dark"], indirect=True)
def test_an_answer_with_another_state_changes_nothing_and_the_right_one_still_works(
    vendor: Vendor, sandbox: SandboxServer, attempt: Attempt, page: Page, tmp_path: Path
) -> None:
    back = allow_and_hold(page, attempt)
    with untouched(attempt.store):
        page.goto(back.replace("state=", "state=x"))
        shows(page, "This is not the answer we wait for", "another login", "still waits")
        page.screenshot(path=tmp_path / "stray.png")
        keeps_secrets(sandbox, attempt, page.content())
        page.goto(attempt.redirect_uri.replace("callback", "favicon.ico"))
        shows(page, "There is nothing here")
        assert attempt.process.poll() is None
    page.goto(back)
    shows(page, f"{vendor.name} is connected")
    code, said = attempt.end()
    assert code == 0, said
    grant = attempt.store.load("me")
    assert grant
    assert grant.version == 2
