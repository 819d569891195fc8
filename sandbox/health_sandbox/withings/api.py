"""The data services of the Withings API, as far as they are simulated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from health_sandbox.gate import bearer_token

from .envelope import Act, Fields, Refusal, Service, Status
from .members import Member

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from health_sandbox.clock import Clock
    from health_sandbox.grants import Grants
    from health_sandbox.rate_limits import RateLimiter

Read = Callable[[Member, Fields, int], Mapping[str, Any]]
"""Reads a body from what a member has; the instant is the present."""

_INVALID_TOKEN = "XRequestID: Not provided invalid_token: The access token provided is invalid"  # noqa: S105
_MISSING_SCOPE = (
    "XRequestID: [Not provided] - Insufficient_scope: The request requires higher privileges"
    " than provided by the access token"
)


def _getdevice(member: Member, _: Fields, now: int) -> dict[str, Any]:
    linked = [device for device in member.devices if device.linked_at(member) <= now]
    return {"devices": [device.to_json(member, now) for device in linked]}


SERVICES: Mapping[str, Mapping[str, tuple[str, Read]]] = {
    "/v2/user": {"getdevice": ("user.info", _getdevice)},
}
"""Every data service: its path, and for each action the scope it needs and what it reads."""


@dataclass(frozen=True)
class Api:
    """Authorizes and counts requests, then reads from what the member has."""

    clock: Clock
    grants: Grants
    limiter: RateLimiter
    members: Mapping[str, Member]

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        return [
            Service(
                path,
                {action: self._act(scope, read) for action, (scope, read) in actions.items()},
                takes_query=True,
            ).route()
            for path, actions in SERVICES.items()
        ]

    def _act(self, scope: str, read: Read) -> Act:
        def act(request: Request, fields: Fields) -> Mapping[str, Any]:
            grant = self.grants.use(bearer_token(request))
            if grant is None:
                raise Refusal(Status.INVALID_TOKEN, _INVALID_TOKEN)
            usage = self.limiter.count(grant.client_id)
            if not usage.allowed:
                wait = {"wait_seconds": usage.reset_seconds}
                raise Refusal(Status.TOO_MANY_REQUESTS, "Too Many Requests", wait)
            if scope not in grant.scopes:
                raise Refusal(Status.MISSING_SCOPE, _MISSING_SCOPE)
            return read(self.members[grant.member], fields, self.clock.now())

        return act
