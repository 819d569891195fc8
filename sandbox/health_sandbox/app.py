"""The whole sandbox as one ASGI application."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount

from . import whoop, withings
from .clock import Clock
from .control import Control
from .faults import NEUTRAL_KINDS, Faults
from .gate import Gate
from .instants import to_datetime
from .request_log import RequestLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from .vendor import Settings


def build_app(settings: Settings) -> ASGIApp:
    """Build a sandbox: every vendor and its control routes, around one clock."""
    clock = Clock(settings.clock, frozen=settings.frozen)
    log, faults = RequestLog(), Faults()
    vendors = [whoop.build(settings, clock), withings.build(settings, clock)]
    routes: list[BaseRoute] = []
    for vendor in vendors:
        kinds = {**NEUTRAL_KINDS, **vendor.fault_kinds}
        faults.tables.append(kinds)
        gate = Gate(_serving(vendor.routes), clock, faults, kinds, vendor.grants, log)
        routes.append(Mount(f"/control/{vendor.name}", routes=vendor.control_routes))
        routes.append(Mount(f"/{vendor.name}", app=gate))
    control = Control(clock, log, faults, [vendor.grants for vendor in vendors])
    routes.append(Mount("/control", routes=control.routes()))
    return _SandboxDate(_serving(routes), clock)


def _serving(routes: Sequence[BaseRoute]) -> Starlette:
    return Starlette(routes=routes, exception_handlers={HTTPException: _error_as_json})


async def _error_as_json(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # Starlette types the handler for any error
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


@dataclass(frozen=True)
class _SandboxDate:
    """ASGI middleware: the ``Date`` header of every answer tells the sandbox clock.

    Unless a fault has the answer tell another time; an empty header stands for none.
    """

    app: ASGIApp
    clock: Clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                now = format_datetime(to_datetime(self.clock.now()), usegmt=True)
                if not headers.setdefault("date", now):
                    del headers["date"]
            await send(message)

        await self.app(scope, receive, send_dated)
