"""The part of the control endpoint that every vendor has: members, and grants without a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .control import read_object
from .vendor import CLIENT_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request

    from .grants import Grants, Tokens
    from .people import Account

T = TypeVar("T")


def find_member(request: Request, members: Mapping[str, T]) -> T:
    """Return what belongs to the member that the path names.

    Raises:
        HTTPException: 404, there is no such member.
    """
    name = request.path_params["member"]
    if name not in members:
        raise HTTPException(404, f"no member {name!r}; one of {', '.join(members)}")
    return members[name]


@dataclass(frozen=True)
class MemberControl:
    """Handlers below ``/control/{vendor}/members``."""

    grants: Grants
    members: Mapping[str, Account]
    scopes: tuple[str, ...]
    """All scopes there are; they are granted unless others are asked for."""
    describe: Callable[[Tokens], Mapping[str, Any]]
    """Writes tokens as the vendor does."""

    def routes(self) -> list[Route]:
        """Return the routes, relative to ``/control/{vendor}``."""
        return [
            Route("/members", self.list_members, methods=["GET"]),
            Route("/members/{member}/grant", self.grant, methods=["POST"]),
            Route("/members/{member}/revoke", self.revoke, methods=["POST"]),
        ]

    async def list_members(self, _: Request) -> JSONResponse:
        """List who can be connected."""
        return JSONResponse(
            [
                {
                    "name": member.name,
                    "user_id": member.user_id,
                    "first_name": member.person.first_name,
                    "last_name": member.person.last_name,
                    "zone": member.zone.key,
                    "joined": member.joined.isoformat(),
                }
                for member in self.members.values()
            ]
        )

    async def grant(self, request: Request) -> JSONResponse:
        """Connect a member without a browser."""
        member, wish = find_member(request, self.members), await read_object(request)
        client_id, scopes = str(wish.get("client_id", CLIENT_ID)), wish.get("scopes", self.scopes)
        if not isinstance(scopes, (list, tuple)) or not set(scopes) <= set(self.scopes):
            raise HTTPException(400, f"scopes must be a list of some of: {' '.join(self.scopes)}")
        tokens = self.grants.connect(member.name, client_id, tuple(scopes))
        client_secret = self.grants.register(client_id)
        return JSONResponse(
            {
                "refresh_token": None,
                **self.describe(tokens),
                "client_id": client_id,
                "client_secret": client_secret,
            }
        )

    async def revoke(self, request: Request) -> Response:
        """Revoke all grants of a member, as if access was withdrawn in the vendor's app."""
        self.grants.revoke_member(find_member(request, self.members).name)
        return Response(status_code=204)
