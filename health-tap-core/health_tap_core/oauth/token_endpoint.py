"""Conversations with a vendor's token endpoint, for refreshing and for logging in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from health_tap_core.errors import (
    ClientRejectedError,
    GrantDeadError,
    RefreshFailedError,
)
from health_tap_core.oauth.provider import (
    NotTokensError,
    Provider,
    Refused,
    Revocation,
    TokenAnswer,
)

#: Seconds to connect to, and to wait for, the token endpoint.
TIMEOUT = (10.0, 60.0)
#: What an address answers that is not, or no longer, a token endpoint.
_NOT_A_TOKEN_ENDPOINT = {301, 302, 303, 307, 308, 404, 405}


@dataclass(frozen=True)
class OAuthClient:
    """Our side as the vendor registered it. Its text form hides id and secret."""

    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    user_agent: str


class TokenEndpoint:
    """Asks for tokens. A code or refresh token is sent once: whoever repeats it decides so."""

    def __init__(self, provider: Provider, client: OAuthClient, token_url: str) -> None:
        self._provider = provider
        self._client = client
        self._token_url = token_url

    def refresh(self, refresh_token: str) -> TokenAnswer:
        """Trade a refresh token (RFC 6749, section 6).

        Raises:
            GrantDeadError: It is no longer accepted.
            ClientRejectedError: Client id or secret are wrong.
            RefreshFailedError: Nobody knows whether it is spent.
        """
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        if self._provider.offline_scope:
            form["scope"] = self._provider.offline_scope
        return self._ask(form, "refresh token")

    def exchange(self, code: str, redirect_uri: str, verifier: str | None = None) -> TokenAnswer:
        """Trade an authorization code (RFC 6749, section 4.1.3; RFC 7636 for the verifier).

        Raises:
            GrantDeadError: It is unknown, used or too old.
            ClientRejectedError: Client id or secret are wrong.
            RefreshFailedError: Nobody knows whether it is spent.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        if verifier:
            form["code_verifier"] = verifier
        return self._ask(form, "code")

    def revoke(self, api_url: str, *, access_token: str, user_id: str) -> None:
        """End a grant at the vendor, if it has a way to.

        Raises:
            requests.RequestException: The vendor did not do it.
        """
        if self._provider.revoke:
            self._provider.revoke(
                Revocation(
                    self._session,
                    api_url.rstrip("/"),
                    self._token_url,
                    self._client.client_id,
                    self._client.client_secret,
                    access_token,
                    user_id,
                )
            )

    @cached_property
    def _session(self) -> requests.Session:
        session = _TokenSession()
        session.headers["User-Agent"] = self._client.user_agent
        # A connection that failed spent no token and may be tried again; anything later may have.
        adapter = HTTPAdapter(max_retries=Retry(connect=2, read=0, status=0, other=0, redirect=0))
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        return session

    def _ask(self, form: dict[str, str], what: str) -> TokenAnswer:
        name = self._provider.name
        try:
            response = self._post(form)
        except requests.RequestException as error:
            raise RefreshFailedError(
                f"{name}'s token endpoint gave no answer ({type(error).__name__}). Check the "
                "connection and token_url."
            ) from None  # the chained error's request would carry the form
        try:
            return self._provider.read(response)
        except NotTokensError:
            raise RefreshFailedError(
                f"{name}'s token endpoint answered, but not with tokens. If it is really the "
                f"vendor's, the {what} may be spent."
            ) from None
        except Refused as refusal:
            if refusal.is_client:
                raise ClientRejectedError(
                    f"{name} does not accept the client id and secret ({refusal.code}). "
                    "Check client_id and client_secret against the app in the vendor's dashboard."
                ) from None
            if refusal.is_dead:
                raise GrantDeadError(
                    f"{name} no longer accepts the {what} ({refusal.code})."
                ) from None
            hint = ": check token_url" if refusal.status in _NOT_A_TOKEN_ENDPOINT else ""
            raise RefreshFailedError(f"{name}'s token endpoint answered {refusal}{hint}.") from None

    def _post(self, form: dict[str, str]) -> requests.Response:
        identity, secret = self._client.client_id, self._client.client_secret
        basic = None
        if self._provider.client_authentication == "basic":
            basic = (quote_plus(identity), quote_plus(secret))  # RFC 6749, section 2.3.1
        else:
            form = {**form, "client_id": identity, "client_secret": secret}
        return self._session.post(
            self._token_url,
            data={**self._provider.token_form, **form},
            auth=basic,
        )


class _TokenSession(requests.Session):
    """For requests that carry secrets."""

    def __init__(self) -> None:
        super().__init__()
        # Else requests would take a password out of ~/.netrc, in place of what we send.
        self.auth = lambda request: request

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        # A redirect would carry secret and token to wherever it points.
        return super().request(*args, **{**kwargs, "timeout": TIMEOUT, "allow_redirects": False})
