"""WHOOP's OAuth 2.0 server: the consent page and the token endpoint.

Only the authorization-code flow exists; client id and secret travel in the form body
(developer.whoop.com, OAuth 2.0).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from health_sandbox.grants import GrantError, Grants, Lifetimes, Tokens
from health_sandbox.instants import MINUTE, SECOND

from .api import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

LIFETIMES = Lifetimes(code=10 * MINUTE, access_token=3600 * SECOND)
"""Access tokens live 3600 s (documented); codes ten minutes (RFC 6749's upper bound)."""

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"
"""The standard client, known from the start."""

OFFLINE = "offline"
"""The scope that brings a refresh token; it is not in the OpenAPI specification."""

SCOPES = (*dict.fromkeys(scope for scope, _ in ENDPOINTS.values()), OFFLINE)

_SHORTEST_STATE = 8
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sandbox: connect a WHOOP member</title>
<body style="font: 1rem/1.5 system-ui; max-width: 30rem; margin: 4rem auto">
<h1>Simulated WHOOP</h1>
<p><strong>{client}</strong> asks for: {scopes}</p>
<form method="post">
<label>Member <select name="member">{members}</select></label>
<p><button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button></p>
</form></body></html>
"""


@dataclass(frozen=True)
class _Wish:
    """A valid request for consent."""

    client_id: str
    redirect_uri: str
    state: str
    scopes: tuple[str, ...]

    def redirect(self, **answer: str) -> RedirectResponse:
        joint = "&" if urlsplit(self.redirect_uri).query else "?"
        query = urlencode({**answer, "state": self.state})
        return RedirectResponse(f"{self.redirect_uri}{joint}{query}", 302)


@dataclass(frozen=True)
class OAuth:
    """Handlers of ``/oauth/oauth2/auth`` and ``/oauth/oauth2/token``."""

    grants: Grants
    members: Iterable[str]

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        return [
            Route("/oauth/oauth2/auth", self.ask, methods=["GET"]),
            Route("/oauth/oauth2/auth", self.decide, methods=["POST"]),
            Route("/oauth/oauth2/token", self.token, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the consent page."""
        wish = self._read_wish(request.query_params)
        options = "".join(f"<option>{escape(name)}</option>" for name in self.members)
        scopes = escape(", ".join(wish.scopes) or "nothing")
        page = _PAGE.format(client=escape(wish.client_id), scopes=scopes, members=options)
        return HTMLResponse(page)

    async def decide(self, request: Request) -> Response:
        """Send the browser back with a code, or with ``error=access_denied``."""
        wish = self._read_wish(request.query_params)
        form = await _read_form(request)
        if form.get("decision") != "allow":
            return wish.redirect(error="access_denied", error_description="The member said no.")
        member = form.get("member", "")
        if member not in self.members:
            raise HTTPException(400, "member must be one of the list")
        request.state.member = member
        code = self.grants.issue_code(member, wish.client_id, wish.scopes, wish.redirect_uri)
        return wish.redirect(code=code, scope=" ".join(wish.scopes))

    async def token(self, request: Request) -> Response:
        """Trade a code or a refresh token for the next pair of tokens."""
        form = await _read_form(request)
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

    def _read_wish(self, query: Mapping[str, str]) -> _Wish:
        scopes = tuple(query.get("scope", "").split())
        problems = {
            "response_type must be 'code'": query.get("response_type") != "code",
            "client_id is unknown": not self.grants.knows(query.get("client_id", "")),
            "redirect_uri is missing or no URL": not urlsplit(query.get("redirect_uri", "")).scheme,
            f"state must have at least {_SHORTEST_STATE} characters": len(query.get("state", ""))
            < _SHORTEST_STATE,
            f"scope must be some of: {' '.join(SCOPES)}": not set(scopes) <= set(SCOPES),
        }
        if wrong := [problem for problem, present in problems.items() if present]:
            raise HTTPException(400, "; ".join(wrong))
        return _Wish(query["client_id"], query["redirect_uri"], query["state"], scopes)


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


async def _read_form(request: Request) -> dict[str, str]:
    async with request.form() as form:
        return {name: value for name, value in form.items() if isinstance(value, str)}
