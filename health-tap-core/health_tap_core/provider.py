"""How one vendor speaks OAuth 2.0: endpoints, scopes, forms and the meaning of its refusals.

The standard form (RFC 6749, sections 5 and 6) is the default; a vendor with an envelope of its own
overrides the two methods. The refresh flow itself knows no vendor.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

import msgspec

from health_tap_core.errors import (
    ClientRejectedError,
    GrantDeadError,
    MalformedAnswerError,
    SyncError,
    VendorFailureError,
)

if TYPE_CHECKING:
    import requests


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token endpoint grants (RFC 6749, section 5.1).

    Read leniently: the refresh token that was sent is spent by now, so an answer that lacks what
    the RFC only recommends must not be thrown away. ``expires_in`` is in seconds.
    """

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str | None = None

    def __repr__(self) -> str:
        return f"TokenAnswer(expires_in={self.expires_in}, scope={self.scope!r})"


class _Refusal(msgspec.Struct):
    error: str = ""


@dataclass(frozen=True)
class Provider:
    """One vendor's OAuth 2.0 description.

    Attributes:
        name: As people write it, for messages.
        token_url: Default token endpoint.
        refresh_scope: What to ask for when refreshing.
    """

    name: str
    token_url: str
    refresh_scope: str = ""

    def refresh_form(
        self, *, client_id: str, client_secret: str, refresh_token: str
    ) -> dict[str, str]:
        """The form fields of a refresh request (RFC 6749, section 6)."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
            "client_id": client_id,
            "client_secret": client_secret,
        }
        return {**form, "scope": self.refresh_scope} if self.refresh_scope else form

    def read_token_answer(self, response: requests.Response) -> TokenAnswer:
        """Read the token endpoint's answer.

        Raises:
            SyncError: The refusal, classified. Bodies are never quoted: they may hold tokens.
        """
        if response.status_code != HTTPStatus.OK:
            raise self._refusal(response)
        try:
            return msgspec.json.decode(response.content, type=TokenAnswer, strict=False)
        except msgspec.MsgspecError:
            raise MalformedAnswerError(
                f"{self.name}'s token endpoint answered, but not with tokens. If it is really "
                "the vendor's, the refresh token may be spent."
            ) from None

    def _refusal(self, response: requests.Response) -> SyncError:
        try:
            code = msgspec.json.decode(response.content, type=_Refusal).error
        except msgspec.MsgspecError:
            code = ""
        status = response.status_code
        if code in {"invalid_client", "unauthorized_client"}:
            return ClientRejectedError(
                f"{self.name} does not accept the client id and secret ({code}). "
                "Check client_id and client_secret against the app in the vendor's dashboard."
            )
        if code == "invalid_grant":
            return GrantDeadError(f"{self.name} no longer accepts the refresh token ({code}).")
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED} and not code:
            return GrantDeadError(f"{self.name}'s token endpoint refused the grant with {status}.")
        return VendorFailureError(
            f"{self.name}'s token endpoint answered {status}: check token_url if this stays. The "
            "refresh token was kept."
        )
