"""Signed requests: nonces, and signatures over them.

The protocol is documented (developer.withings.com, Sign your requests); the statuses of refusals
are not: 342 for a wrong signature is what clients have seen, the others are guesses.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from health_sandbox.instants import MINUTE

from .envelope import INVALID_PARAMS, Fields, Refusal, Service, Status, need

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.routing import Route

    from health_sandbox.clock import Clock
    from health_sandbox.grants import Grants

_NONCE_LIFETIME = 30 * MINUTE


@dataclass(frozen=True)
class Signatures:
    """Handler of ``/v2/signature``; checks the signatures that other services are called with."""

    clock: Clock
    grants: Grants
    _nonces: dict[str, tuple[str, int]] = field(default_factory=dict)

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        actions = {"getnonce": self.give_nonce}
        return [Service("/v2/signature", actions, logged=["action"]).route()]

    def give_nonce(self, _: Request, fields: Fields) -> dict[str, str]:
        """Give out a nonce to a client that shows it knows its secret."""
        client_id, timestamp = need(fields, "client_id", "timestamp", "signature")[:2]
        if not timestamp.isascii() or not timestamp.isdecimal():
            raise Refusal(Status.INVALID_PARAMS, f"{INVALID_PARAMS}: invalid timestamp")
        self._check_signature(fields, "timestamp")
        nonce = self.grants.issue("nonce")
        self._nonces[nonce] = client_id, self.clock.now() + _NONCE_LIFETIME
        return {"nonce": nonce}

    def check(self, fields: Fields) -> None:
        """Check the signature of a request and use its nonce up.

        Only the action, the client id and the nonce are signed, no other field.

        Raises:
            Refusal: the signature is wrong, or the nonce unknown, used or expired.
        """
        client_id, nonce = need(fields, "client_id", "nonce", "signature")[:2]
        self._check_signature(fields, "nonce")
        owner, expires_at = self._nonces.pop(nonce, ("", 0))
        if owner != client_id or self.clock.now() >= expires_at:
            raise Refusal(Status.INVALID_PARAMS, f"{INVALID_PARAMS}: invalid nonce")

    def _check_signature(self, fields: Fields, last: str) -> None:
        secret = self.grants.secret_of(fields["client_id"])
        signed = ",".join(fields[name] for name in ("action", "client_id", last)).encode()
        right = hmac.new((secret or "").encode(), signed, hashlib.sha256).hexdigest()
        if secret is None or not hmac.compare_digest(
            right.encode(), fields["signature"].lower().encode()
        ):
            raise Refusal(Status.INVALID_SIGNATURE, f"{INVALID_PARAMS}: invalid signature")
