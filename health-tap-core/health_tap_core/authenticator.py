"""From a grant to an ``Authorization`` header, without ever losing the grant.

The rule, under a lock that all processes share: re-read the store; adopt a token that another
process has fetched; else ask the vendor once, make the new grant durable, and only then use it. A
single-use refresh token is never sent twice.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from health_tap_core.errors import (
    GrantDeadError,
    RefreshFailedError,
    SyncError,
    TransientError,
)
from health_tap_core.grant import Grant, seed_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from health_tap_core.provider import Provider
    from health_tap_core.token_store import FileTokenStore

#: Seconds to connect to, and to wait for, the token endpoint.
TIMEOUT = (10.0, 60.0)
#: Seconds that an access token is trusted when the vendor does not say how long it lives.
DEFAULT_LIFETIME = 3600.0

logger = logging.getLogger(__name__)


class Authenticator:
    """Keeps the access tokens of all accounts of one tap; one object per tap."""

    def __init__(  # noqa: PLR0913 (the settings of an OAuth 2.0 client)
        self,
        provider: Provider,
        store: FileTokenStore,
        *,
        client_id: str,
        client_secret: str,
        token_url: str,
        user_agent: str,
        seed: str | None = None,
        machine_clock: Callable[[], float] = time.time,
    ) -> None:
        """Describe the client; nothing is read or sent yet.

        Args:
            provider: The vendor.
            store: Where grants live.
            client_id: As registered at the vendor.
            client_secret: As registered at the vendor.
            token_url: The vendor's token endpoint.
            user_agent: Sent with every token request.
            seed: Refresh token from the settings. It only starts a grant; a changed one restarts
                it.
            machine_clock: Seconds since the epoch.
        """
        self._provider = provider
        self._store = store
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._token_url = token_url
        self._seed = seed
        self._clock = machine_clock
        self._grants: dict[str, Grant] = {}
        self._fetched: set[str] = set()
        self._refused: dict[str, SyncError] = {}
        # A connection that failed spent no token and may be tried again; anything later may have.
        self._session = requests.Session()
        self._session.headers["User-Agent"] = user_agent
        adapter = HTTPAdapter(max_retries=Retry(connect=2, read=0, status=0, other=0))
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def access_token(self, account: str) -> str:
        """A valid access token; from memory, the store or the vendor, in this order."""
        grant = self._grants.get(account)
        if grant is None or not grant.is_fresh(self._clock()):
            grant = self._acquire(account, rejected=None)
        return grant.access_token

    def renew(self, account: str, rejected: str) -> None:
        """Replace an access token that the vendor has just refused.

        One that was fetched in this run is kept: the vendor refuses something else, most likely a
        scope, and a rotation for each refused stream would gain nothing.
        """
        if self._grants[account].access_token == rejected and account not in self._fetched:
            self._acquire(account, rejected=rejected)

    def _acquire(self, account: str, *, rejected: str | None) -> Grant:
        if refused := self._refused.get(account):
            raise refused
        try:
            with self._store.lock(account):
                stored = self._store.load(account)
                grant = self._adopt(stored, rejected) or self._renew(account, stored)
        except SyncError as error:
            # The answer will not get better within this run, and asking again may spend a token.
            self._refused[account] = error
            raise
        self._grants[account] = grant
        return grant

    def _adopt(self, stored: Grant | None, rejected: str | None) -> Grant | None:
        """The stored grant, if its access token serves as it is."""
        if stored is None or self._new_seed(stored):
            return None
        usable = stored.is_fresh(self._clock()) and stored.access_token != rejected
        return stored if usable else None

    def _renew(self, account: str, stored: Grant | None) -> Grant:
        """Ask the vendor, and make its answer durable before anyone uses it."""
        seed = self._new_seed(stored)
        start = seed or stored
        if start is None:
            raise GrantDeadError(
                f"Account {account!r} has no grant yet. Put a refresh token of "
                f"{self._provider.name} into the setting refresh_token and run again."
            )
        try:
            grant = self._refresh(account, start)
        except GrantDeadError:
            if not (seed and stored):
                raise
            logger.warning(
                "The setting refresh_token of account %s is no longer accepted; its stored grant "
                "is used instead.",
                account,
            )
            # With the seed's hash the stored grant counts as begun by it: it is not tried again.
            known = msgspec.structs.replace(stored, seed_hash=seed.seed_hash)
            grant = self._refresh(account, known)
        self._store.save(account, grant)
        self._fetched.add(account)
        return grant

    def _new_seed(self, stored: Grant | None) -> Grant | None:
        """The configured seed as a grant, unless the stored grant began with it."""
        if not self._seed:
            return None
        seed = Grant(refresh_token=self._seed, seed_hash=seed_hash(self._seed))
        return None if stored and stored.seed_hash == seed.seed_hash else seed

    def _refresh(self, account: str, grant: Grant) -> Grant:
        form = self._provider.refresh_form(**self._client, refresh_token=grant.refresh_token)
        try:
            # A redirect would carry secret and refresh token to wherever it points.
            response = self._session.post(
                self._token_url, data=form, timeout=TIMEOUT, allow_redirects=False
            )
        except requests.RequestException as error:
            raise RefreshFailedError(
                f"{self._provider.name}'s token endpoint gave no answer "
                f"({type(error).__name__}) for account {account!r}. Check the connection and "
                "token_url, then run again."
            ) from None  # the chained error's request would carry the form
        try:
            answer = self._provider.read_token_answer(response)
        except GrantDeadError as error:
            raise GrantDeadError(
                f"Account {account!r}: {error} Log in again at the vendor, put the new refresh "
                "token into the setting refresh_token and run again; everything already "
                "loaded stays."
            ) from None
        except TransientError as error:
            raise RefreshFailedError(f"Account {account!r}: {error} Run again later.") from None
        logger.info("Refreshed the access token of account %s.", account)
        now = self._clock()
        return Grant(
            access_token=answer.access_token,
            refresh_token=answer.refresh_token or grant.refresh_token,
            expires_at=now + (answer.expires_in or DEFAULT_LIFETIME),
            scope=answer.scope or grant.scope,
            obtained_at=now,
            seed_hash=grant.seed_hash,
        )


class AccountAuth(AuthBase):
    """Signs the requests of one account."""

    def __init__(self, authenticator: Authenticator, account: str) -> None:
        self._authenticator = authenticator
        self._account = account

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the bearer token (RFC 6750, section 2.1)."""
        token = self._authenticator.access_token(self._account)
        request.headers["Authorization"] = f"Bearer {token}"
        return request

    def renew(self, request: requests.PreparedRequest) -> None:
        """Replace the token that this request carried and the vendor refused."""
        rejected = request.headers["Authorization"].removeprefix("Bearer ")
        self._authenticator.renew(self._account, rejected)
