"""The data services of the Withings API: who may ask, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from health_sandbox.gate import bearer_token

from .envelope import Act, Fields, Refusal, Service, Status
from .services import SERVICES, Ask, Read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.routing import Route

    from health_sandbox.clock import Clock
    from health_sandbox.grants import Grants
    from health_sandbox.rate_limits import RateLimiter

    from .history import History

_INVALID_TOKEN = "XRequestID: Not provided invalid_token: The access token provided is invalid"  # noqa: S105
_MISSING_SCOPE = (
    "XRequestID: [Not provided] - Insufficient_scope: The request requires higher privileges"
    " than provided by the access token"
)


@dataclass(frozen=True)
class Api:
    """Authorizes and counts requests, then reads from the member's history."""

    clock: Clock
    grants: Grants
    limiter: RateLimiter
    histories: Mapping[str, History]
    page_size: int | None
    """Rows on a page; ``None`` is what was seen live."""

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
            history = self.histories[grant.member]
            return read(Ask(history, fields, self.clock.now(), self.page_size))

        return act
