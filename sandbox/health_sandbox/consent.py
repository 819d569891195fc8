"""The consent page: a member lets a client in, or does not. It is alike at every vendor."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from .forms import read_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from .grants import Grants

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sandbox: connect a {vendor} member</title>
<body style="font: 1rem/1.5 system-ui; max-width: 30rem; margin: 4rem auto">
<h1>Simulated {vendor}</h1>
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
class Dialect:
    """How one vendor's consent page wants to be asked."""

    vendor: str
    scopes: tuple[str, ...]
    """All scopes there are."""
    separator: str
    """What stands between scopes."""
    fewest_scopes: int
    shortest_state: int
    repeats_scopes: bool
    """Whether the redirect tells the scopes beside the code."""


@dataclass(frozen=True)
class Consent:
    """Handlers of the authorize URL."""

    dialect: Dialect
    grants: Grants
    members: Iterable[str]

    def routes(self, path: str) -> list[Route]:
        """Return the routes of the page at a path relative to the vendor's root."""
        return [
            Route(path, self.ask, methods=["GET"]),
            Route(path, self.decide, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Show the consent page."""
        wish = self._read_wish(request.query_params)
        options = "".join(f"<option>{escape(name)}</option>" for name in self.members)
        page = _PAGE.format(
            vendor=self.dialect.vendor,
            client=escape(wish.client_id),
            scopes=escape(", ".join(wish.scopes) or "nothing"),
            members=options,
        )
        return HTMLResponse(page)

    async def decide(self, request: Request) -> Response:
        """Send the browser back with a code, or with ``error=access_denied``."""
        wish = self._read_wish(request.query_params)
        form = await read_form(request)
        if form.get("decision") != "allow":
            return wish.redirect(error="access_denied", error_description="The member said no.")
        member = form.get("member", "")
        if member not in self.members:
            raise HTTPException(400, "member must be one of the list")
        request.state.member = member
        code = self.grants.issue_code(member, wish.client_id, wish.scopes, wish.redirect_uri)
        scopes = {"scope": self.dialect.separator.join(wish.scopes)}
        return wish.redirect(code=code, **(scopes if self.dialect.repeats_scopes else {}))

    def _read_wish(self, query: Mapping[str, str]) -> _Wish:
        dialect = self.dialect
        parts = (part.strip() for part in query.get("scope", "").split(dialect.separator))
        scopes = tuple(part for part in parts if part)
        problems = {
            "response_type must be 'code'": query.get("response_type") != "code",
            "client_id is unknown": not self.grants.knows(query.get("client_id", "")),
            "redirect_uri is missing or no URL": not urlsplit(query.get("redirect_uri", "")).scheme,
            f"state must have at least {dialect.shortest_state} characters": len(
                query.get("state", "")
            )
            < dialect.shortest_state,
            f"scope must be some of: {dialect.separator.join(dialect.scopes)}": len(scopes)
            < dialect.fewest_scopes
            or not set(scopes) <= set(dialect.scopes),
        }
        if wrong := [problem for problem, present in problems.items() if present]:
            raise HTTPException(400, "; ".join(wrong))
        return _Wish(query["client_id"], query["redirect_uri"], query["state"], scopes)
