"""The vendor-neutral part of the control endpoint: clock, request log, secrets, faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .instants import SECOND, format_instant, parse_instant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from .clock import Clock
    from .faults import Faults
    from .grants import Grants
    from .request_log import RequestLog


async def read_object(request: Request) -> dict[str, Any]:
    """Read the JSON object in the body of a control request; no body is an empty object.

    Raises:
        HTTPException: 400, the body is no JSON object.
    """
    try:
        content = await request.json() if await request.body() else {}
    except ValueError as error:
        raise HTTPException(400, f"the body is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise HTTPException(400, "the body must be a JSON object")
    return content


@dataclass(frozen=True)
class Control:
    """Handlers of ``/control/clock``, ``/requests``, ``/secrets`` and ``/faults``."""

    clock: Clock
    log: RequestLog
    faults: Faults
    grants: Sequence[Grants]

    def routes(self) -> list[Route]:
        """Return the routes, relative to ``/control``."""
        return [
            Route("/clock", self.show_clock, methods=["GET"]),
            Route("/clock", self.change_clock, methods=["POST"]),
            Route("/requests", self.list_requests, methods=["GET"]),
            Route("/requests", self.clear_requests, methods=["DELETE"]),
            Route("/secrets", self.list_secrets, methods=["GET"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
        ]

    async def show_clock(self, _: Request) -> JSONResponse:
        """Tell the time and whether the clock stands still."""
        return JSONResponse({"now": format_instant(self.clock.now()), "frozen": self.clock.frozen})

    async def change_clock(self, request: Request) -> JSONResponse:
        """Set, advance, freeze or release the clock, in this order."""
        change = await read_object(request)
        if unknown := sorted(set(change) - {"set", "advance_seconds", "frozen"}):
            raise HTTPException(400, f"unknown: {', '.join(unknown)}")
        frozen = change.get("frozen", self.clock.frozen)
        if not isinstance(frozen, bool):
            raise HTTPException(400, "frozen must be true or false")
        try:
            if "set" in change:
                self.clock.set(parse_instant(str(change["set"])))
            if "advance_seconds" in change:
                self.clock.advance(int(float(change["advance_seconds"]) * SECOND))
        except (TypeError, ValueError) as error:
            raise HTTPException(400, str(error)) from error
        self.clock.freeze(frozen=frozen)
        return await self.show_clock(request)

    async def list_requests(self, _: Request) -> JSONResponse:
        """List what clients asked the vendors, oldest first."""
        return JSONResponse(self.log.to_json())

    async def clear_requests(self, _: Request) -> Response:
        """Forget all logged requests."""
        self.log.clear()
        return Response(status_code=204)

    async def list_secrets(self, _: Request) -> JSONResponse:
        """List every token, code and client secret ever issued."""
        return JSONResponse([secret for grants in self.grants for secret in grants.issued])

    async def list_faults(self, _: Request) -> JSONResponse:
        """List the faults in force."""
        return JSONResponse(self.faults.to_json())

    async def add_fault(self, request: Request) -> JSONResponse:
        """Put a fault in force."""
        try:
            fault = self.faults.add(await read_object(request))
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return JSONResponse(fault.to_json(), 201)

    async def clear_faults(self, _: Request) -> Response:
        """Take all faults out of force."""
        self.faults.clear()
        return Response(status_code=204)
