"""The member endpoints of the WHOOP API v2."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from health_sandbox.gate import bearer_token
from health_sandbox.timeline import Body, Row

from .history import History
from .paging import PageQuery, cut_page

if TYPE_CHECKING:
    from health_sandbox.clock import Clock
    from health_sandbox.grants import Grant, Grants
    from health_sandbox.rate_limits import Quota, RateLimiter, Usage

BASE = "/developer/v2"

Read = Callable[[History, Request, int], Body]
"""Reads an answer from a member's history; the instant is the present."""


def quota_headers(usage: Usage, quotas: Sequence[Quota]) -> dict[str, str]:
    """Return the ``X-RateLimit-*`` headers; they describe the window nearest its limit."""
    windows = ", ".join(f"{quota.limit};window={quota.seconds}" for quota in quotas)
    return {
        "X-RateLimit-Limit": f"{usage.quota.limit}, {windows}",
        "X-RateLimit-Remaining": str(usage.remaining),
        "X-RateLimit-Reset": str(usage.reset_seconds),
    }


def _singleton(collection: str) -> Read:
    def read(history: History, _: Request, now: int) -> Body:
        return _one(next(iter(history.rows(collection, now).values()), None))

    return read


def _collection(collection: str) -> Read:
    def read(history: History, request: Request, now: int) -> Body:
        try:
            query = PageQuery.parse(request.query_params, now)
        except ValueError as error:
            raise HTTPException(400, str(error)) from error
        return cut_page(history.rows(collection, now).values(), query)

    return read


def _cycle_key(request: Request) -> str:
    text: str = request.path_params["cycle_id"]
    if not text.isascii() or not text.isdecimal():
        raise HTTPException(400, "cycleId must be a whole number")
    return str(int(text))


def _activity_key(request: Request) -> str:
    try:
        return str(UUID(request.path_params["activity_id"]))
    except ValueError as error:
        raise HTTPException(400, "the id must be a UUID") from error


def _by_id(collection: str, key: Callable[[Request], str]) -> Read:
    def read(history: History, request: Request, now: int) -> Body:
        return _one(history.rows(collection, now).get(key(request)))

    return read


def _sleep_of_cycle(history: History, request: Request, now: int) -> Body:
    """Return the main sleep of a cycle, not its naps."""
    key = _cycle_key(request)
    sleeps = history.rows("sleeps", now).values()
    return _one(
        next(
            (row for row in sleeps if str(row.body["cycle_id"]) == key and not row.body["nap"]),
            None,
        )
    )


def _one(row: Row | None) -> Body:
    if row is None:
        raise HTTPException(404, "Resource not found")
    return row.body


ENDPOINTS: Mapping[str, tuple[str, Read]] = {
    "/user/profile/basic": ("read:profile", _singleton("profile")),
    "/user/measurement/body": ("read:body_measurement", _singleton("body")),
    "/cycle": ("read:cycles", _collection("cycles")),
    "/cycle/{cycle_id}": ("read:cycles", _by_id("cycles", _cycle_key)),
    # The specification forgets to declare a scope here; what it returns is a sleep.
    "/cycle/{cycle_id}/sleep": ("read:sleep", _sleep_of_cycle),
    "/cycle/{cycle_id}/recovery": ("read:recovery", _by_id("recoveries", _cycle_key)),
    "/recovery": ("read:recovery", _collection("recoveries")),
    "/activity/sleep": ("read:sleep", _collection("sleeps")),
    "/activity/sleep/{activity_id}": ("read:sleep", _by_id("sleeps", _activity_key)),
    "/activity/workout": ("read:workout", _collection("workouts")),
    "/activity/workout/{activity_id}": ("read:workout", _by_id("workouts", _activity_key)),
}
"""Every GET endpoint for members: path below ``/developer/v2``, scope, what it reads."""


@dataclass(frozen=True)
class Api:
    """Authorizes and counts requests, then reads from the member's history."""

    clock: Clock
    grants: Grants
    limiter: RateLimiter
    histories: Mapping[str, History]

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        routes = [
            Route(BASE + path, self._endpoint(scope, read), methods=["GET"])
            for path, (scope, read) in ENDPOINTS.items()
        ]
        return [*routes, Route(f"{BASE}/user/access", self.revoke, methods=["DELETE"])]

    async def revoke(self, request: Request) -> Response:
        """Revoke the grant that the request was made with."""
        grant, headers = self._admit(request)
        grant.revoked = True
        return Response(status_code=204, headers=headers)

    def _endpoint(self, scope: str, read: Read) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            grant, headers = self._admit(request)
            if scope not in grant.scopes:
                raise HTTPException(403, "Forbidden", headers)
            try:
                body = read(self.histories[grant.member], request, self.clock.now())
            except HTTPException as error:
                raise HTTPException(error.status_code, error.detail, headers) from error
            return JSONResponse(body, headers=headers)

        return endpoint

    def _admit(self, request: Request) -> tuple[Grant, dict[str, str]]:
        grant = self.grants.use(bearer_token(request))
        if grant is None:
            raise HTTPException(401, "Authorization was not valid")
        usage = self.limiter.count(grant.client_id)
        headers = quota_headers(usage, self.limiter.quotas)
        if not usage.allowed:
            raise HTTPException(429, "Too Many Requests", headers)
        return grant, headers
