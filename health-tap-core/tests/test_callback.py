"""The server that the browser comes back to."""

from __future__ import annotations

import socket
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import requests

from health_tap_core.errors import DefectError, TokenStoreError
from health_tap_core.oauth.callback import Callback, can_answer
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.login import LoginError, StrayAnswerError
from health_tap_core.oauth.pages import Pages
from health_tap_core.oauth.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VENDOR = Provider("Vendor & <Co>", "https://v.test", "https://v.test", ("read:a", "read:b"))
PAGES = Pages(VENDOR, "ana", "tap-auth login --account ana")
GRANT = Grant(refresh_token="r3fresh", access_token="acc3ss", scope="read:a")


@pytest.fixture
def redirect_uri() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://localhost:{probe.getsockname()[1]}/callback"


class Browser(threading.Thread):
    """Asks for some addresses, one after the other, while the server waits."""

    def __init__(self, *addresses: str) -> None:
        super().__init__(daemon=True)
        self.addresses = addresses
        self.answers: list[requests.Response] = []
        self.start()

    def run(self) -> None:
        for address in self.addresses:
            self.answers.append(requests.get(address, timeout=10))


def finish_with(*outcomes: Grant | Exception) -> Callable[[str], Grant]:
    coming: Iterator[Grant | Exception] = iter(outcomes)

    def finish(_: str) -> Grant:
        outcome = next(coming)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return finish


def test_only_http_on_this_machine_can_be_answered() -> None:
    for mine in (
        "http://localhost:1/x",
        "http://127.0.0.1/x",
        "http://[::1]:1",
        "http://LOCALHOST",
    ):
        assert can_answer(mine)
    for other in ("https://localhost/", "http://example.test/", "http://10.0.0.1:1/", "app://x"):
        assert not can_answer(other)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_it_hands_the_address_over_and_says_that_it_worked(redirect_uri: str, host: str) -> None:
    address = redirect_uri.replace("localhost", host)
    seen: list[str] = []

    def finish(target: str) -> Grant:
        seen.append(target)
        return GRANT

    with Callback(address, PAGES, finish) as callback:
        browser = Browser(f"{redirect_uri.replace('localhost', '127.0.0.1')}?code=c0de&state=s")
        assert callback.wait(10) is GRANT
        browser.join()
    (answer,) = browser.answers
    assert seen == ["/callback?code=c0de&state=s"]
    assert answer.status_code == HTTPStatus.OK
    assert "Not allowed were: read:b." in answer.text
    assert "Vendor &amp; &lt;Co&gt; is connected" in answer.text
    assert not any(secret in answer.text for secret in ("c0de", "r3fresh", "acc3ss"))
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Python" not in answer.headers["Server"]


def test_other_paths_and_stray_answers_do_not_end_it(
    redirect_uri: str, capfd: pytest.CaptureFixture[str]
) -> None:
    finish = finish_with(StrayAnswerError("Not ours."), GRANT)
    with Callback(redirect_uri, PAGES, finish) as callback:
        other = redirect_uri.replace("/callback", "/favicon.ico")
        browser = Browser(other, f"{redirect_uri}?s3cret", redirect_uri)
        assert callback.wait(10) is GRANT
        browser.join()
    assert [answer.status_code for answer in browser.answers] == [404, 400, 200]
    assert "Not ours." in browser.answers[1].text
    assert capfd.readouterr() == ("", "")


def test_a_failure_is_shown_and_raised(redirect_uri: str) -> None:
    with Callback(redirect_uri, PAGES, finish_with(TokenStoreError("No <room>."))) as callback:
        browser = Browser(redirect_uri)
        with pytest.raises(TokenStoreError, match="No <room>"):
            callback.wait(10)
        browser.join()
    (answer,) = browser.answers
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "No &lt;room&gt;." in answer.text
    assert "tap-auth login --account ana" in answer.text


def test_a_defect_is_told_by_place_alone(redirect_uri: str) -> None:
    with Callback(redirect_uri, PAGES, finish_with(ZeroDivisionError("s3cret"))) as callback:
        browser = Browser(redirect_uri)
        with pytest.raises(DefectError, match="ZeroDivisionError at"):
            callback.wait(10)
        browser.join()
    assert "s3cret" not in browser.answers[0].text


def test_nobody_waits_for_ever(redirect_uri: str) -> None:
    now = iter([0.0, 0.0, 700.0])
    with Callback(redirect_uri, PAGES, finish_with()) as callback:
        Browser(redirect_uri.replace("callback", "other"))
        with pytest.raises(LoginError, match="within 10 minutes"):
            callback.wait(monotonic=lambda: next(now))


def test_a_taken_port_is_told_with_its_remedies(redirect_uri: str) -> None:
    with (
        Callback(redirect_uri, PAGES, finish_with()),
        pytest.raises(
            LoginError, match=r"another login, uses the port.*redirect_uri.*--no-browser"
        ),
    ):
        Callback(redirect_uri, PAGES, finish_with())
    # And it is free again afterwards.
    Callback(redirect_uri, PAGES, finish_with()).close()


def test_a_silent_connection_does_not_keep_the_browser_out(redirect_uri: str) -> None:
    with Callback(redirect_uri, PAGES, finish_with(GRANT)) as callback:
        port = int(redirect_uri.rsplit(":", 1)[1].removesuffix("/callback"))
        with socket.create_connection(("127.0.0.1", port)):
            browser = Browser(redirect_uri)
            assert callback.wait(20) is GRANT
            browser.join()
    assert browser.answers[0].status_code == HTTPStatus.OK
