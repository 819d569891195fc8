"""WHOOP's OAuth 2.0 server: the consent page and the token endpoint.

Only the authorization-code flow exists; client id and secret travel in the form body
(developer.whoop.com, OAuth 2.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from health_sandbox.consent import Consent, Dialect
from health_sandbox.forms import read_form
from health_sandbox.grants import GrantError, Grants, Lifetimes, Tokens
from health_sandbox.instants import MINUTE, SECOND

from .api import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

LIFETIMES = Lifetimes(code=10 * MINUTE, access_token=3600 * SECOND)
"""Access tokens live 3600 s (documented); codes ten minutes (RFC 6749's upper bound)."""

OFFLINE = "offline"
"""The scope that brings a refresh token; it is not in the OpenAPI specification."""

SCOPES = (*dict.fromkeys(scope for scope, _ in ENDPOINTS.values()), OFFLINE)

_DIALECT = Dialect(
    vendor="WHOOP",
    scopes=SCOPES,
    separator=" ",
    fewest_scopes=0,
    shortest_state=8,
    repeats_scopes=True,
)


@dataclass(frozen=True)
class OAuth:
    """Handlers of ``/oauth/oauth2/auth`` and ``/oauth/oauth2/token``."""

    grants: Grants
    members: Iterable[str]

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        return [
            *Consent(_DIALECT, self.grants, self.members).routes("/oauth/oauth2/auth"),
            Route("/oauth/oauth2/token", self.token, methods=["POST"]),
        ]

    async def token(self, request: Request) -> Response:
        """Trade a code or a refresh token for the next pair of tokens."""
        form = await read_form(request)
        try:
            tokens = self._trade(form)
        except GrantError as error:
            content = {"error": error.error, "error_description": str(error)}
            return JSONResponse(content, 401 if error.error == "invalid_client" else 400)
        request.state.member = tokens.grant.member
        return JSONResponse(describe(tokens), headers={"Cache-Control": "no-store"})

    def _trade(self, form: Mapping[str, str]) -> Tokens:
        client = form.get("client_id", ""), form.get("client_secret", "")
        grant_type = form.get("grant_type")
        if grant_type == "authorization_code":
            redirect_uri = form.get("redirect_uri", "")
            return self.grants.exchange(*client, form.get("code", ""), redirect_uri)
        if grant_type == "refresh_token":
            return self.grants.refresh(*client, form.get("refresh_token", ""))
        raise GrantError("unsupported_grant_type", "Use authorization_code or refresh_token.")


def describe(tokens: Tokens) -> dict[str, str | int]:
    """Return the answer of the token endpoint; no refresh token without the scope for it."""
    answer: dict[str, str | int] = {
        "access_token": tokens.access_token,
        "expires_in": tokens.expires_in,
        "scope": " ".join(tokens.grant.scopes),
        "token_type": "bearer",
    }
    if tokens.refresh_token is not None:
        answer["refresh_token"] = tokens.refresh_token
    return answer
