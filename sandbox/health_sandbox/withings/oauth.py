"""Withings' OAuth 2.0 server: the consent page, tokens, and the end of a grant.

Lifetimes and the rotation of refresh tokens are documented (developer.withings.com, Access and
refresh tokens; API reference, oauth2). The texts of errors are those that public clients have seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from health_sandbox.consent import Consent, Dialect
from health_sandbox.grants import GrantError, Grants, Lifetimes, Tokens
from health_sandbox.instants import DAY, HOUR, SECOND

from .envelope import INVALID_PARAMS, Fields, Refusal, Service, Status, need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.routing import Route

    from .members import Member
    from .signature import Signatures

LIFETIMES = Lifetimes(
    code=30 * SECOND, access_token=3 * HOUR, refresh_token=365 * DAY, grace=8 * HOUR
)

SCOPES = ("user.info", "user.metrics", "user.activity", "user.sleepevents")

_DIALECT = Dialect(
    vendor="Withings",
    scopes=SCOPES,
    separator=",",
    fewest_scopes=1,
    shortest_state=1,
    repeats_scopes=False,
)


@dataclass(frozen=True)
class OAuth:
    """Handlers of ``/oauth2_user/authorize2`` and ``/v2/oauth2``."""

    grants: Grants
    members: Mapping[str, Member]
    signatures: Signatures

    def routes(self) -> list[Route]:
        """Return the routes, relative to the vendor's root."""
        actions = {"requesttoken": self.request_token, "revoke": self.revoke}
        return [
            *Consent(_DIALECT, self.grants, self.members).routes("/oauth2_user/authorize2"),
            Service("/v2/oauth2", actions, logged=["action", "grant_type"]).route(),
        ]

    def request_token(self, request: Request, fields: Fields) -> dict[str, Any]:
        """Trade a code or a refresh token for the next pair of tokens."""
        grant_type, *client = need(fields, "grant_type", "client_id", "client_secret")
        try:
            if grant_type == "authorization_code":
                wrong = "invalid code"
                tokens = self.grants.exchange(*client, *need(fields, "code", "redirect_uri"))
            elif grant_type == "refresh_token":
                wrong = "invalid refresh_token"
                tokens = self.grants.refresh(*client, *need(fields, "refresh_token"))
            else:
                raise Refusal(Status.INVALID_PARAMS, f"{INVALID_PARAMS}: invalid grant_type")
        except GrantError as error:
            if error.error == "invalid_client":
                wrong = "invalid client id/secret"
            raise Refusal(Status.INVALID_PARAMS, f"{INVALID_PARAMS}: {wrong}") from error
        request.state.member = tokens.grant.member
        answer = self.describe(tokens)
        if grant_type == "authorization_code":
            # Seen by clients: a string here and a number on refresh. Documented: a number.
            answer["userid"] = str(answer["userid"])
        return answer

    def revoke(self, request: Request, fields: Fields) -> dict[str, Any]:
        """End what a user granted the client."""
        client_id, user_id = need(fields, "client_id", "userid", "nonce", "signature")[:2]
        self.signatures.check(fields)
        for member in self.members.values():
            if str(member.user_id) == user_id:
                request.state.member = member.name
                self.grants.revoke_member(member.name, client_id)
                return {}
        raise Refusal(Status.INVALID_USER, f"{INVALID_PARAMS}: invalid userid")

    def describe(self, tokens: Tokens) -> dict[str, Any]:
        """Return the body that tells tokens."""
        return {
            "userid": self.members[tokens.grant.member].user_id,
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "expires_in": tokens.expires_in,
            "scope": ",".join(tokens.grant.scopes),
            "csrf_token": self.grants.issue("csrf"),
            "token_type": "Bearer",
        }
