"""Where the browser comes back to: a server on this machine, for one login."""

from __future__ import annotations

import errno
import select
import time
from http.server import BaseHTTPRequestHandler
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from health_tap_core.errors import SyncError, contained
from health_tap_core.oauth.login import LoginError, StrayAnswerError
from health_tap_core.oauth.pages import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from health_tap_core.oauth.grant import Grant
    from health_tap_core.oauth.pages import Page, Pages

#: Seconds for a person to find the password, the second factor, and the button.
PATIENCE = 600.0
#: What each name of this machine may mean to a browser.
_ADDRESSES = {"localhost": ("127.0.0.1", "::1"), "127.0.0.1": ("127.0.0.1",), "::1": ("::1",)}
_NO_SUCH_ADDRESS = {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
_HTTP_PORT = 80


def can_answer(redirect_uri: str) -> bool:
    """Whether an address is one that a server on this machine can answer."""
    parts = urlsplit(redirect_uri)
    return parts.scheme == "http" and parts.hostname in _ADDRESSES


class Callback:
    """Answers the address that the vendor sends the browser to.

    Everything happens in the thread that waits: only the main thread can hold signals back while a
    code is exchanged.
    """

    def __init__(self, redirect_uri: str, pages: Pages, finish: Callable[[str], Grant]) -> None:
        """Begin to listen.

        Args:
            redirect_uri: An address that :func:`can_answer` accepts.
            pages: What the browser is shown.
            finish: Makes a grant of the address that the browser came back with.

        Raises:
            LoginError: The port cannot be had.
        """
        parts = urlsplit(redirect_uri)
        self.path = parts.path or "/"
        self.pages = pages
        self._finish = finish
        self._outcome: Grant | SyncError | None = None
        self._servers: list[_Server] = []
        try:
            for host in _ADDRESSES[parts.hostname or ""]:
                self._listen(host, parts.port or _HTTP_PORT)
        except OSError as error:
            self.close()
            raise LoginError(
                f"Nothing can be answered at {redirect_uri} ({error.strerror}): most likely "
                "another program, or another login, uses the port. End it; or set redirect_uri to "
                "another port, here and in your app at the vendor; or add --no-browser and paste "
                "the address yourself."
            ) from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        for server in self._servers:
            server.server_close()

    def wait(
        self, patience: float = PATIENCE, monotonic: Callable[[], float] = time.monotonic
    ) -> Grant:
        """Answer the browser until the login has worked or failed; stray answers change nothing.

        Raises:
            LoginError: Nobody came back in time.
            SyncError: As ``finish`` raised it; the browser was shown it.
        """
        end = monotonic() + patience
        while self._outcome is None:
            ready, _, _ = select.select(self._servers, [], [], max(0.0, end - monotonic()))
            if not ready:
                raise LoginError(
                    f"Nobody came back from the browser within {patience / 60:.0f} minutes. "
                    "Nothing was changed."
                )
            for server in ready:
                server.handle_request()
        if isinstance(self._outcome, SyncError):
            raise self._outcome
        return self._outcome

    def answer(self, target: str) -> Page:
        """What to show to a browser that asks for ``target``."""
        if self._outcome is not None or urlsplit(target).path != self.path:
            return self.pages.elsewhere()
        try:
            with contained():
                grant = self._finish(target)
        except StrayAnswerError as error:
            return self.pages.stray(str(error))
        except SyncError as error:
            self._outcome = error
            return self.pages.failed(str(error))
        self._outcome = grant
        return self.pages.connected(grant)

    def _listen(self, host: str, port: int) -> None:
        try:
            self._servers.append(_Server(host, port, self))
        except OSError as error:
            # A machine without IPv6 has one meaning less for "localhost".
            if not (self._servers and error.errno in _NO_SUCH_ADDRESS):
                raise


class _Server(TCPServer):
    # Not HTTPServer, which asks the name service who we are.
    allow_reuse_address = True
    # A connection that was given up meanwhile is not waited for.
    timeout = 0

    def __init__(self, host: str, port: int, callback: Callback) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self.callback = callback
        super().__init__((host, port), _Handler)

    def handle_error(self, *_: Any) -> None:
        """Nothing: whoever closes the tab too early has the grant all the same."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "health-taps"
    sys_version = ""
    # Browsers open connections ahead and say nothing on them: those must not keep the others.
    timeout = 2.0

    def do_GET(self) -> None:
        """Answer the browser."""
        page = self.server.callback.answer(self.path)
        content = page.html.encode()
        self.send_response(page.status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing: the address holds the code."""
