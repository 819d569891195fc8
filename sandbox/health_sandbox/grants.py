"""The books of an OAuth 2.0 server: clients, codes, grants, access and refresh tokens.

The endpoints that write these books speak each vendor's dialect and live with the vendor.
All lifetimes are measured on the sandbox clock, in milliseconds.
"""

from __future__ import annotations

import math
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
    """How long codes and tokens live, in milliseconds."""

    code: int
    access_token: int
    refresh_token: float = math.inf
    grace: int = 0
    """How long a refresh token outlives its use, unless a newer access token is used first."""


@dataclass
class Grant:
    """What a member allowed a client to read, until it is revoked."""

    member: str
    client_id: str
    scopes: tuple[str, ...]
    revoked: bool = False
    pairs: int = 0
    """How many pairs of tokens were issued for it."""
    refreshable_from: int = 0
    """Refresh tokens of earlier pairs are dead: the access token of this pair was used."""


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


@dataclass
class _Token:
    """An access token or a refresh token, of which pair it is and when it dies."""

    grant: Grant
    pair: int
    expires_at: float


class Grants:
    """The books of one vendor's OAuth server."""

    def __init__(self, clock: Clock, lifetimes: Lifetimes, *, refresh_scope: str | None) -> None:
        self._clock = clock
        self._lifetimes = lifetimes
        self._refresh_scope = refresh_scope
        self._clients: dict[str, str] = {}
        self._codes: dict[str, _Code] = {}
        self._access: dict[str, _Token] = {}
        self._refresh: dict[str, _Token] = {}
        self._grants: list[Grant] = []
        self.issued: list[str] = []
        """Every secret, code and token ever given out, oldest first."""

    def register(self, client_id: str, client_secret: str | None = None) -> str:
        """Make a client known, if it is not yet, and return its secret."""
        if client_id not in self._clients:
            self._clients[client_id] = client_secret or self.issue("secret")
            if client_secret:
                self.issued.append(client_secret)
        return self._clients[client_id]

    def knows(self, client_id: str) -> bool:
        """Tell whether a client is registered."""
        return client_id in self._clients

    def secret_of(self, client_id: str) -> str | None:
        """Return the secret of a registered client."""
        return self._clients.get(client_id)

    def issue_code(
        self, member: str, client_id: str, scopes: tuple[str, ...], redirect_uri: str
    ) -> str:
        """Record a member's consent and return the authorization code for it."""
        code = self.issue("code")
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
        """Trade a refresh token for the next pair.

        The old one is dead at once, or lives on for the grace. Within it, it may be traded again;
        that does not prolong it.

        Raises:
            GrantError: ``invalid_client`` or ``invalid_grant``.
        """
        self._authenticate_client(client_id, client_secret)
        token, now = self._refresh.get(refresh_token), self._clock.now()
        if (
            token is None
            or token.grant.revoked
            or token.grant.client_id != client_id
            or token.pair < token.grant.refreshable_from
            or now >= token.expires_at
        ):
            raise GrantError(
                "invalid_grant", "The refresh token is unknown, already used, expired or revoked."
            )
        if self._lifetimes.grace:
            token.expires_at = min(token.expires_at, now + self._lifetimes.grace)
        else:
            del self._refresh[refresh_token]
        return self._issue_tokens(token.grant)

    def find(self, access_token: str) -> Grant | None:
        """Return the live grant behind an access token that has not expired."""
        token = self._access.get(access_token)
        if token is None or token.grant.revoked or self._clock.now() >= token.expires_at:
            return None
        return token.grant

    def use(self, access_token: str) -> Grant | None:
        """Find the grant for a data call; this ends the grace of older refresh tokens."""
        grant = self.find(access_token)
        if grant is not None:
            pair = self._access[access_token].pair
            grant.refreshable_from = max(grant.refreshable_from, pair)
        return grant

    def revoke_member(self, member: str, client_id: str | None = None) -> None:
        """Revoke every grant of a member, or those of one client."""
        for grant in self._grants:
            if grant.member == member and client_id in {None, grant.client_id}:
                grant.revoked = True

    def issue(self, kind: str) -> str:
        """Make up a secret, and remember that it was given out."""
        secret = f"sandbox-{kind}-{secrets.token_urlsafe(24)}"
        self.issued.append(secret)
        return secret

    def _authenticate_client(self, client_id: str, client_secret: str) -> None:
        known = self._clients.get(client_id)
        if known is None or not secrets.compare_digest(known.encode(), client_secret.encode()):
            raise GrantError("invalid_client", "The client id or the client secret is wrong.")

    def _start(self, grant: Grant) -> Tokens:
        self._grants.append(grant)
        return self._issue_tokens(grant)

    def _issue_tokens(self, grant: Grant) -> Tokens:
        now, lifetimes = self._clock.now(), self._lifetimes
        grant.pairs += 1
        access_token = self.issue("access")
        self._access[access_token] = _Token(grant, grant.pairs, now + lifetimes.access_token)
        refresh_token = None
        if self._refresh_scope is None or self._refresh_scope in grant.scopes:
            refresh_token = self.issue("refresh")
            self._refresh[refresh_token] = _Token(grant, grant.pairs, now + lifetimes.refresh_token)
        return Tokens(access_token, refresh_token, lifetimes.access_token // SECOND, grant)
