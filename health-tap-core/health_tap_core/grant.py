"""A grant: what one person allowed us at one vendor (RFC 6749)."""

from __future__ import annotations

import hashlib

import msgspec

#: Seconds before its end at which an access token is renewed.
MARGIN = 300.0


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The present tokens of one account. Its text form hides them.

    Attributes:
        refresh_token: Single use at both vendors: each refresh replaces it.
        access_token: Empty until the first refresh.
        expires_at: Seconds since the epoch at which the access token ends; 0 when there is none.
        scope: The scopes granted, separated by blanks, as the vendor wrote them.
        obtained_at: Seconds since the epoch of the last refresh.
        seed_hash: SHA-256 of the configured seed that this grant began with, so that a changed
            seed is noticed.
    """

    refresh_token: str
    access_token: str = ""
    expires_at: float = 0.0
    scope: str = ""
    obtained_at: float = 0.0
    seed_hash: str = ""

    def __repr__(self) -> str:
        return f"Grant(scope={self.scope!r}, expires_at={self.expires_at})"

    def is_fresh(self, now: float) -> bool:
        """Whether the access token lives long enough to be used from ``now`` on.

        It is renewed five minutes ahead of its end, or at half of a shorter life.
        """
        margin = min(MARGIN, (self.expires_at - self.obtained_at) / 2)
        return bool(self.access_token) and self.expires_at - now > margin


def seed_hash(seed: str) -> str:
    """Fingerprint of a seed refresh token; tells a new seed from an old one without keeping it."""
    return hashlib.sha256(seed.encode()).hexdigest()
