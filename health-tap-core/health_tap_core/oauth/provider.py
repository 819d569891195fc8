"""A vendor's dialect of OAuth 2.0, described in one small object. Nothing here talks to anyone."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from health_tap_core.oauth.grant import split_scopes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import requests

#: RFC 6749 (5.2) says ``invalid_grant``; Ory Hydra, which some vendors run, has its own word too.
_DEAD = {"invalid_grant", "token_inactive"}


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token endpoint grants (RFC 6749, section 5.1).

    Read leniently: the refresh token or code that was sent is spent by now, so an answer that
    lacks what the RFC only recommends must not be thrown away.

    Attributes:
        expires_in: Seconds.
        scope: Separated by blanks or commas, as the vendor does.
        user_id: The vendor's user, where the answer names one.
    """

    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    expires_in: float | None = None
    refresh_token: str | None = None
    scope: str | None = None
    user_id: str | None = None

    def __repr__(self) -> str:
        return f"TokenAnswer(expires_in={self.expires_in}, scope={self.scope!r})"


class Refused(Exception):  # noqa: N818 (an answer, not a failure)
    """The token endpoint said no.

    Attributes:
        code: As RFC 6749, section 5.2 has it, whatever the vendor's own word; empty when the
            vendor gave no reason that anybody knows.
        status: What to quote: the vendor's own number.
    """

    def __init__(self, code: str, status: int) -> None:
        super().__init__(f"{status} {code}".rstrip())
        self.code = code
        self.status = status

    @property
    def is_dead(self) -> bool:
        """Whether what was sent is no longer accepted, for good."""
        return self.code in _DEAD

    @property
    def is_client(self) -> bool:
        """Whether client id or secret are wrong."""
        return self.code in {"invalid_client", "unauthorized_client"}


class NotTokensError(Exception):
    """The token endpoint answered, but with nothing that can be read."""


@dataclass(frozen=True)
class Revocation:
    """What a vendor may need to know to end a grant. Its text form hides it all.

    Attributes:
        session: Sends with a time-out, and follows no redirect.
        api_url: Base of the vendor's API.
        token_url: The vendor's token endpoint.
    """

    session: requests.Session = field(repr=False)
    api_url: str
    token_url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    user_id: str = field(repr=False)


class _BareTokens(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(min_length=1)]
    refresh_token: str | None = None


class _Refusal(msgspec.Struct):
    error: str = ""


def read_rfc6749(response: requests.Response) -> TokenAnswer:
    """Read a token answer as RFC 6749, section 5 describes it.

    Raises:
        Refused: The vendor said no.
        NotTokensError: The answer is something else.
    """
    if response.status_code == HTTPStatus.OK:
        return decode_answer(response.content)
    try:
        code = msgspec.json.decode(response.content, type=_Refusal).error
    except msgspec.MsgspecError:
        code = ""
    raise Refused(code, response.status_code)


def decode_answer(content: bytes | msgspec.Raw) -> TokenAnswer:
    """Decode the JSON object that holds the tokens.

    Raises:
        NotTokensError: It does not.
    """
    try:
        return msgspec.json.decode(content, type=TokenAnswer, strict=False)
    except msgspec.MsgspecError:
        pass
    try:
        # Whatever is odd about the rest: tokens that were issued must not be thrown away.
        bare = msgspec.json.decode(content, type=_BareTokens)
    except msgspec.MsgspecError:
        # No cause: it might quote what it could not read.
        raise NotTokensError from None
    return TokenAnswer(bare.access_token, refresh_token=bare.refresh_token)


@dataclass(frozen=True)
class Provider:
    """One vendor's OAuth 2.0.

    Attributes:
        name: As people write it, for messages; also the key of its grants.
        authorize_url: Default page on which a person allows access.
        token_url: Default token endpoint.
        scopes: Everything that the tap can use.
        scope_separator: Between scopes in the authorize URL (RFC 6749: a blank).
        offline_scope: The scope without which the vendor gives no refresh token; refreshing asks
            for it again. Empty if the vendor knows none.
        pkce: Whether the vendor takes a code challenge (RFC 7636).
        client_authentication: Client id and secret in the form, or as HTTP Basic (RFC 6749, 2.3.1).
        token_form: What every token request carries beyond RFC 6749.
        read: Reads the token endpoint's answers.
        previous_token_lifetime: Seconds for which a replaced refresh token is still accepted, as
            long as the new access token was not used. 0: it ends at once.
        revoke: Ends a grant at the vendor; raises ``requests.RequestException`` if it could not.
    """

    name: str
    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    scope_separator: str = " "
    offline_scope: str = ""
    pkce: bool = False
    client_authentication: Literal["form", "basic"] = "form"
    token_form: Mapping[str, str] = field(default_factory=dict)
    read: Callable[[requests.Response], TokenAnswer] = read_rfc6749
    previous_token_lifetime: float = 0.0
    revoke: Callable[[Revocation], None] | None = None

    def missing_scopes(self, granted: str) -> list[str]:
        """Which scopes were asked for and not granted; none if the vendor tells none.

        The scope that only brings the refresh token counts as granted: there is one.
        """
        known = {*split_scopes(granted), self.offline_scope}
        return [scope for scope in self.scopes if scope not in known] if granted else []
