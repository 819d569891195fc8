"""One attempt of one person to let the tap in (RFC 6749, section 4.1). It knows no browser."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from health_tap_core.errors import GrantDeadError, RefreshFailedError, SyncError

if TYPE_CHECKING:
    from health_tap_core.oauth.enrolment import Enrolment
    from health_tap_core.oauth.grant import Grant
    from health_tap_core.oauth.provider import Provider, TokenAnswer
    from health_tap_core.oauth.token_endpoint import TokenEndpoint

#: What a vendor may answer in place of a code (RFC 6749, section 4.1.2.1).
_REFUSALS = {
    "access_denied": "Access was not allowed at {vendor}.",
    "invalid_scope": (
        "{vendor} does not know a scope that was asked for. Enable all of these for your app in "
        "its dashboard: {scopes}."
    ),
    "server_error": "{vendor} had a failure of its own. Try again later.",
    "temporarily_unavailable": "{vendor} is busy. Try again in some minutes.",
}
_OTHER_REFUSAL = (
    "{vendor} refused the request ({code}). Compare client_id and redirect_uri with your app in "
    "its dashboard."
)


class LoginError(SyncError):
    """The login has ended without a grant; the message says why, for a person."""

    code = "login"


class StrayAnswerError(LoginError):
    """What came back belongs to another login, or to none. The right answer may still come."""


@dataclass(frozen=True)
class Login:
    """From the address that a person opens to the stored grant.

    Attributes:
        provider: The vendor.
        endpoint: Where the code is exchanged.
        enrolment: What becomes of the answer.
        authorize_url: The vendor's page.
        redirect_uri: Where it sends the person, exactly as it was registered.
        state: Tells the answer to this attempt from any other.
        verifier: Proves at the end who began (RFC 7636), where the vendor takes it.
    """

    provider: Provider
    endpoint: TokenEndpoint = field(repr=False)
    enrolment: Enrolment
    authorize_url: str
    redirect_uri: str
    state: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def url(self) -> str:
        """The address on which the person allows access, to all scopes."""
        query = {
            "response_type": "code",
            "client_id": self.enrolment.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.provider.scope_separator.join(self.provider.scopes),
            "state": self.state,
        }
        if self.provider.pkce:
            query["code_challenge"] = challenge(self.verifier)
            query["code_challenge_method"] = "S256"
        joint = "&" if urlsplit(self.authorize_url).query else "?"
        return f"{self.authorize_url}{joint}{urlencode(query, quote_via=quote)}"

    def finish(self, answer: str) -> Grant:
        """Exchange the code that the person came back with, and store the grant.

        Args:
            answer: The address that the browser was sent to, or its query alone.

        Raises:
            StrayAnswerError: It is not the answer to this login.
            LoginError: The vendor gave no lasting access.
            ClientRejectedError: Client id or secret are wrong.
            TokenStoreError: The grant could not be stored.
        """
        code = self._code(_read_query(answer))
        return self.enrolment.keep(lambda: self._exchange(code))

    def _code(self, answer: dict[str, str]) -> str:
        state = answer.get("state", "")
        if not hmac.compare_digest(state.encode(), self.state.encode()):
            raise StrayAnswerError(
                "This is the answer to another login, perhaps an earlier one in another tab. "
                "Nothing was done with it."
                if state
                else "This address holds no answer to a login."
            )
        if code := answer.get("code"):
            return code
        if refusal := answer.get("error"):
            raise LoginError(f"{self._explain(refusal)} Nothing was changed.")
        raise StrayAnswerError(
            f"This address holds no code. Take the one that {self.provider.name} sends you to "
            "after you allowed access."
        )

    def _explain(self, refusal: str) -> str:
        return _REFUSALS.get(refusal, _OTHER_REFUSAL).format(
            vendor=self.provider.name,
            scopes=", ".join(self.provider.scopes),
            code=re.sub(r"[^\w.-]+", " ", refusal)[:64],
        )

    def _exchange(self, code: str) -> TokenAnswer:
        vendor = self.provider.name
        verifier = self.verifier if self.provider.pkce else None
        try:
            tokens = self.endpoint.exchange(code, self.redirect_uri, verifier)
        except GrantDeadError:
            raise LoginError(
                f"{vendor} no longer accepts this answer: it came back too late, or was used "
                "before. Nothing was changed."
            ) from None
        except RefreshFailedError as error:
            raise LoginError(f"{error} Nothing was changed.") from None
        if not tokens.refresh_token:
            raise LoginError(f"{self._no_refresh_token()} Nothing was changed.")
        return tokens

    def _no_refresh_token(self) -> str:
        vendor, offline = self.provider.name, self.provider.offline_scope
        if not offline:
            return f"{vendor} gave no refresh token, so access would have ended soon."
        return (
            f"{vendor} gave no refresh token, so access would have ended soon: the scope "
            f"{offline!r} is missing. Enable it for your app in {vendor}'s dashboard, and allow it."
        )


def challenge(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _read_query(answer: str) -> dict[str, str]:
    answer = answer.strip()
    try:
        query = urlsplit(answer).query or answer.removeprefix("?")
        return dict(parse_qsl(query))
    except ValueError:
        return {}
