"""The books of an OAuth 2.0 server: clients, codes, grants, access and refresh tokens.

The endpoints that write these books speak each vendor's dialect and live with the vendor.
All lifetimes are measured on the sandbox clock, in milliseconds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .instants import SECOND

if TYPE_CHECKING:
    from .clock import Clock


class GrantError(Exception):
    """A request to the token endpoint that RFC 6749 section 5.2 refuses with ``error``."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Lifetimes:
    """How long codes and access tokens live, in milliseconds."""

    code: int
    access_token: int


@dataclass
class Grant:
    """What a member allowed a client to read, until it is revoked."""

    member: str
    client_id: str
    scopes: tuple[str, ...]
    revoked: bool = False


@dataclass(frozen=True)
class Tokens:
    """A fresh pair of tokens; ``expires_in`` in seconds."""

    access_token: str
    refresh_token: str | None
    expires_in: int
    grant: Grant


@dataclass(frozen=True)
class _Code:
    grant: Grant
    redirect_uri: str
    expires_at: int


class Grants:
    """The books of one vendor's OAuth server."""

    def __init__(self, clock: Clock, lifetimes: Lifetimes, *, refresh_scope: str | None) -> None:
        self._clock = clock
        self._lifetimes = lifetimes
        self._refresh_scope = refresh_scope
        self._clients: dict[str, str] = {}
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, tuple[Grant, int]] = {}
        self._refresh: dict[str, Grant] = {}
        self._grants: list[Grant] = []
        self.issued: list[str] = []
        """Every secret, code and token ever given out, oldest first."""

    def register(self, client_id: str, client_secret: str | None = None) -> str:
        """Make a client known, if it is not yet, and return its secret."""
        if client_id not in self._clients:
            self._clients[client_id] = client_secret or self._issue("secret")
            if client_secret:
                self.issued.append(client_secret)
        return self._clients[client_id]

    def knows(self, client_id: str) -> bool:
        """Tell whether a client is registered."""
        return client_id in self._clients

    def issue_code(
        self, member: str, client_id: str, scopes: tuple[str, ...], redirect_uri: str
    ) -> str:
        """Record a member's consent and return the authorization code for it."""
        code = self._issue("code")
        expires_at = self._clock.now() + self._lifetimes.code
        self._codes[code] = _Code(Grant(member, client_id, scopes), redirect_uri, expires_at)
        return code

    def connect(self, member: str, client_id: str, scopes: tuple[str, ...]) -> Tokens:
        """Grant access without a browser."""
        self.register(client_id)
        return self._start(Grant(member, client_id, scopes))

    def exchange(self, client_id: str, client_secret: str, code: str, redirect_uri: str) -> Tokens:
        """Trade an authorization code, once, for the first pair of tokens.

        Raises:
            GrantError: ``invalid_client`` or ``invalid_grant``.
        """
        self._authenticate_client(client_id, client_secret)
        entry = self._codes.pop(code, None)
        if entry is None or entry.grant.client_id != client_id:
            raise GrantError("invalid_grant", "The code is unknown or already used.")
        if self._clock.now() >= entry.expires_at:
            raise GrantError("invalid_grant", "The code has expired.")
        if redirect_uri != entry.redirect_uri:
            raise GrantError("invalid_grant", "The redirect_uri is not that of the code.")
        return self._start(entry.grant)

    def refresh(self, client_id: str, client_secret: str, refresh_token: str) -> Tokens:
        """Trade a refresh token, once, for the next pair; the old one is dead at once.

        Raises:
            GrantError: ``invalid_client`` or ``invalid_grant``.
        """
        self._authenticate_client(client_id, client_secret)
        grant = self._refresh.get(refresh_token)
        if grant is None or grant.revoked or grant.client_id != client_id:
            raise GrantError(
                "invalid_grant", "The refresh token is unknown, already used or revoked."
            )
        del self._refresh[refresh_token]
        return self._issue_tokens(grant)

    def find(self, access_token: str) -> Grant | None:
        """Return the live grant behind an access token that has not expired."""
        grant, expires_at = self._access.get(access_token, (None, 0))
        if grant is None or grant.revoked or self._clock.now() >= expires_at:
            return None
        return grant

    def revoke_member(self, member: str) -> None:
        """Revoke every grant of a member, as if access was withdrawn in the vendor's app."""
        for grant in self._grants:
            if grant.member == member:
                grant.revoked = True

    def _authenticate_client(self, client_id: str, client_secret: str) -> None:
        known = self._clients.get(client_id)
        if known is None or not secrets.compare_digest(known.encode(), client_secret.encode()):
            raise GrantError("invalid_client", "The client id or the client secret is wrong.")

    def _start(self, grant: Grant) -> Tokens:
        self._grants.append(grant)
        return self._issue_tokens(grant)

    def _issue_tokens(self, grant: Grant) -> Tokens:
        access_token = self._issue("access")
        lifetime = self._lifetimes.access_token
        self._access[access_token] = (grant, self._clock.now() + lifetime)
        refresh_token = None
        if self._refresh_scope is None or self._refresh_scope in grant.scopes:
            refresh_token = self._issue("refresh")
            self._refresh[refresh_token] = grant
        return Tokens(access_token, refresh_token, lifetime // SECOND, grant)

    def _issue(self, kind: str) -> str:
        secret = f"sandbox-{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(secret)
        return secret
