"""The sandbox as a real HTTP server on loopback: in the foreground or in a thread."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from .app import build_app
from .client import ControlClient
from .instants import parse_instant
from .vendor import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from typing_extensions import Self

HOST = "127.0.0.1"
_STARTUP_SECONDS = 30.0
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _ResettableProtocol(H11Protocol):
    """HTTP/1.1 that lets the application reset its TCP connection, through ``scope["state"]``."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)

        def reset_connection() -> None:
            transport.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE
            )
            transport.abort()

        self.app_state = {**self.app_state, "reset_connection": reset_connection}


class _PromptServer(uvicorn.Server):
    """A server that tells when it accepts connections, and stops as soon as it is told to.

    uvicorn itself looks every tenth of a second whether to stop, and waits another tenth then:
    much, where each test has a server.
    """

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    def stop(self) -> None:
        """Stop from another thread, once the server is ready."""
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._ticking.cancel)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ticking = self._loop.create_task(super().main_loop())
        self._on_ready()
        with suppress(asyncio.CancelledError):
            await self._ticking

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        await asyncio.sleep(0)  # idle connections are lost now
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)


def _make_server(settings: Settings, on_ready: Callable[[], None]) -> _PromptServer:
    config = uvicorn.Config(
        build_app(settings),
        http=_ResettableProtocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return _PromptServer(config, on_ready)


def _listen(port: int) -> tuple[socket.socket, str]:
    # With the protocol named, asyncio turns Nagle's algorithm off: answers take 2 ms, not 44.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen()
    return listener, f"http://{HOST}:{listener.getsockname()[1]}"


def serve(settings: Settings, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve a sandbox in the foreground until it is interrupted.

    Args:
        settings: how the sandbox is set up.
        port: the loopback port, 0 for any free one.
        on_ready: called with the base URL once connections are accepted.

    Raises:
        OSError: the port is taken.
    """
    listener, url = _listen(port)
    _make_server(settings, lambda: on_ready(url)).run(sockets=[listener])


class SandboxServer(ControlClient):
    """A sandbox in a thread of this process, with the methods of its control endpoint.

    ``with SandboxServer(clock="2026-06-01T12:00:00Z", years=1) as sandbox: ...`` listens on a
    free loopback port; ``sandbox.url`` is its base URL.
    """

    def __init__(  # noqa: PLR0913 - keyword-only mirror of Settings, with the clock as text
        self,
        *,
        clock: str | None = None,
        frozen: bool = False,
        years: float = 2,
        seed: int = 1,
        requests_per_minute: int | None = None,
        requests_per_day: int | None = None,
        page_size: int | None = None,
    ) -> None:
        settings = Settings(
            clock=parse_instant(clock) if clock else None,
            frozen=frozen,
            years=years,
            seed=seed,
            requests_per_minute=requests_per_minute,
            requests_per_day=requests_per_day,
            page_size=page_size,
        )
        self._listener, url = _listen(0)
        super().__init__(url)
        self._ready = threading.Event()
        self._server = _make_server(settings, self._ready.set)
        self._thread = threading.Thread(
            target=self._server.run,
            kwargs={"sockets": [self._listener]},
            name="health-sandbox",
            daemon=True,
        )

    def __enter__(self) -> Self:
        """Start serving; returns once connections are accepted."""
        self._thread.start()
        if not self._ready.wait(_STARTUP_SECONDS):
            raise TimeoutError(f"the sandbox did not start within {_STARTUP_SECONDS} s")
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop serving and close the port."""
        self._server.stop()
        self._thread.join()
        self._listener.close()
