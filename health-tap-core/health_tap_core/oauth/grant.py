"""A grant: what one person allowed us at one vendor (RFC 6749)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from health_tap_core.oauth.provider import TokenAnswer

#: Seconds that an access token is trusted when the vendor does not say how long it lives.
DEFAULT_LIFETIME = 3600.0
#: Seconds before its end at which an access token is renewed.
MARGIN = 300.0


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The present tokens of one account. Its text form hides them. Times are seconds since 1970.

    Attributes:
        provider: The vendor's name, and
        account: the account's; a copy under another name is refused.
        version: Counts the writes of this account; a store replaces only the version it was shown.
        client: Fingerprint of the client id that the grant was given to.
        user_id: The vendor's user as the token answer names it; empty if it does not.
        refresh_token: Single use at both vendors: each refresh replaces it.
        previous_refresh_token: The one before, kept for vendors that still accept it for a while.
        access_token: Empty until the first refresh.
        expires_at: When the access token ends; 0 when there is none.
        scope: The scopes granted, separated by blanks.
        obtained_at: Time of the last refresh or login.
        seed_hash: SHA-256 of every seed that this account was ever given, separated by blanks: a
            changed seed is noticed, and an old one that comes back is not sent again.
        dead_since: When the vendor ended the grant; 0 while it lives.
    """

    provider: str = ""
    account: str = ""
    version: int = 0
    client: str = ""
    user_id: str = ""
    refresh_token: str
    previous_refresh_token: str = ""
    access_token: str = ""
    expires_at: float = 0.0
    scope: str = ""
    obtained_at: float = 0.0
    seed_hash: str = ""
    dead_since: float = 0.0

    def __repr__(self) -> str:
        return (
            f"Grant(account={self.account!r}, version={self.version}, scope={self.scope!r}, "
            f"expires_at={self.expires_at})"
        )

    def is_fresh(self, now: float) -> bool:
        """Whether the access token lives long enough to be used from ``now`` on.

        It is renewed five minutes ahead of its end, or at half of a shorter life.
        """
        margin = min(MARGIN, (self.expires_at - self.obtained_at) / 2)
        return bool(self.access_token) and self.expires_at - now > margin

    def is_given_to(self, client: str) -> bool:
        """Whether a client may use it, by its fingerprint. Old grants name no client."""
        return self.client in {"", client}


def add_seed(seed_hash: str, seed: str) -> str:
    """The hashes of all seeds that an account was given, with one more if it is new."""
    known = seed_hash.split()
    new = fingerprint(seed)
    return seed_hash if new in known else " ".join([*known, new])


def grant_from(answer: TokenAnswer, *, client: str, now: float) -> Grant:
    """What a token answer grants, so far without a version or a history.

    Args:
        answer: The vendor's.
        client: Fingerprint of the client id that it was given to.
        now: Seconds since the epoch.
    """
    return Grant(
        client=client,
        user_id=answer.user_id or "",
        refresh_token=answer.refresh_token or "",
        access_token=answer.access_token,
        expires_at=now + (answer.expires_in or DEFAULT_LIFETIME),
        scope=" ".join(split_scopes(answer.scope or "")),
        obtained_at=now,
    )


def split_scopes(scopes: str) -> list[str]:
    """Scopes as a list, whatever the vendor puts between them."""
    return [scope for scope in re.split(r"[\s,]+", scopes) if scope]


def fingerprint(secret: str) -> str:
    """SHA-256 of a seed or client id; tells one from another without keeping it."""
    return hashlib.sha256(secret.encode()).hexdigest()
