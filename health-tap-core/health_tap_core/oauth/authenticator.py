"""From a grant to an ``Authorization`` header, without ever losing the grant.

The rule, under a lock that all processes share: re-read the store; adopt a token that another
process has fetched; else ask the vendor once, make the new grant durable, and only then use it. A
single-use refresh token is never sent again blindly: only a later run does, when nobody can know
whether the vendor has taken it.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import TYPE_CHECKING

from msgspec.structs import replace
from requests.auth import AuthBase

from health_tap_core.errors import (
    GrantChangedError,
    GrantDeadError,
    RefreshFailedError,
    SyncError,
    TokenStoreError,
)
from health_tap_core.oauth.grant import Grant, add_seed, fingerprint, grant_from
from health_tap_core.oauth.signals import signals_held_back

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests

    from health_tap_core.oauth.provider import Provider, TokenAnswer
    from health_tap_core.oauth.stores.base import HeldGrant, TokenStore
    from health_tap_core.oauth.token_endpoint import TokenEndpoint

logger = logging.getLogger(__name__)


class Authenticator:
    """Keeps the access tokens of all accounts of one tap; one object per tap."""

    def __init__(  # noqa: PLR0913 (the parts of a refresh)
        self,
        provider: Provider,
        store: TokenStore,
        endpoint: TokenEndpoint,
        *,
        client_id: str,
        login_command: Callable[[str], str],
        seed: str | None = None,
        machine_clock: Callable[[], float] = time.time,
    ) -> None:
        """Put the parts together; nothing is read or sent yet.

        Args:
            provider: The vendor.
            store: Where grants live.
            endpoint: Where they are renewed.
            client_id: As registered at the vendor.
            login_command: What to type to log an account in, for messages.
            seed: Refresh token from the settings. It only starts a grant; a changed one restarts
                it.
            machine_clock: Seconds since the epoch.
        """
        self._provider = provider
        self._store = store
        self._endpoint = endpoint
        self._client = fingerprint(client_id)
        self._login_command = login_command
        self._seed = seed
        self._clock = machine_clock
        self._grants: dict[str, Grant] = {}
        self._fetched: set[str] = set()
        self._refused: dict[str, SyncError] = {}

    def access_token(self, account: str) -> str:
        """A valid access token; from memory, the store or the vendor, in this order."""
        grant = self._grants.get(account)
        if grant is None or not grant.is_fresh(self._clock()):
            grant = self._acquire(account, rejected=None)
        return grant.access_token

    def named_grant(self, account: str) -> Grant:
        """The grant, at a vendor whose token answers name the user.

        One that was taken over as tokens alone does not know whose it is until it is renewed.
        """
        token = self.access_token(account)
        if not self._grants[account].user_id:
            self.renew(account, token)
        return self._grants[account]

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
            # Most runs find a token that serves, and need neither lock nor vendor.
            grant = self._adopt(self._store.load(account), rejected)
            if grant is None:
                with self._store.lock(account) as held:
                    stored = held.load()
                    grant = self._adopt(stored, rejected) or self._refresh(
                        account, held, stored, rejected
                    )
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
        return stored if usable and stored.is_given_to(self._client) else None

    def _refresh(
        self, account: str, held: HeldGrant, stored: Grant | None, rejected: str | None
    ) -> Grant:
        """Ask the vendor, and make its answer durable before anyone uses it."""
        self._check_refreshable(account, stored)
        held.reserve()
        with signals_held_back():
            for start in self._candidates(account, held, stored):
                if adopted := self._adopt(start, rejected):
                    # A refused seed is noted, or the next run would send it again.
                    return held.save(adopted) if self._new_seed(stored) else adopted
                try:
                    answer = self._endpoint.refresh(start.refresh_token)
                except GrantDeadError as error:
                    refusal = str(error)
                    continue
                except RefreshFailedError as error:
                    raise RefreshFailedError(
                        f"Account {account!r}: {error} Run again later; if it stays, log in again: "
                        f"{self._login_command(account)}"
                    ) from None
                return self._keep(account, held, start, answer, rejected)
            self._mark_dead(held, stored)
        raise GrantDeadError(f"Account {account!r}: {refusal} {self._again(account)}")

    def _check_refreshable(self, account: str, stored: Grant | None) -> None:
        if stored and not stored.dead_since and not stored.is_given_to(self._client):
            raise TokenStoreError(
                f"The stored grant {self._store.place(account)} was given to another client_id; "
                "it was left as it is. Use the client_id that it belongs to, or another "
                f"token_store, or log in with this one: {self._login_command(account)}"
            )
        if self._new_seed(stored):
            return
        if stored is None:
            raise GrantDeadError(
                f"Account {account!r} has no grant of {self._provider.name} yet. "
                f"Log in: {self._login_command(account)}"
            )
        if stored.dead_since:
            raise GrantDeadError(
                f"Account {account!r}: {self._provider.name} has ended the grant. "
                f"{self._again(account)}"
            )

    def _candidates(self, account: str, held: HeldGrant, stored: Grant | None) -> Iterator[Grant]:
        """Refresh tokens to try; each further one only once the vendor has refused those before."""
        if seed := self._new_seed(stored):
            yield seed
            if stored is None or stored.dead_since:
                return
            logger.warning(
                "The setting refresh_token of account %s is no longer accepted; its stored grant "
                "is used instead.",
                account,
            )
            stored = replace(stored, seed_hash=seed.seed_hash)
        if stored is None:
            return
        yield stored
        # Somebody whom the lock does not reach, on another host perhaps, may have been faster.
        current = held.load()
        if current and current.refresh_token != stored.refresh_token:
            yield current
        age = self._clock() - stored.obtained_at
        if stored.previous_refresh_token and age < self._provider.previous_token_lifetime:
            yield replace(stored, refresh_token=stored.previous_refresh_token)

    def _new_seed(self, stored: Grant | None) -> Grant | None:
        """The configured seed as a grant, unless this account was given it before."""
        if not self._seed:
            return None
        known, version = (stored.seed_hash, stored.version) if stored else ("", 0)
        seeds = add_seed(known, self._seed)
        if seeds == known:
            return None
        return Grant(refresh_token=self._seed, seed_hash=seeds, version=version)

    def _granted(self, answer: TokenAnswer, start: Grant) -> Grant:
        """The grant after a refresh: what the vendor leaves out stays as it was."""
        fresh = grant_from(answer, client=self._client, now=self._clock())
        keeps_previous = fresh.refresh_token and self._provider.previous_token_lifetime
        return replace(
            fresh,
            version=start.version,
            user_id=fresh.user_id or start.user_id,
            refresh_token=fresh.refresh_token or start.refresh_token,
            previous_refresh_token=start.refresh_token if keeps_previous else "",
            scope=fresh.scope or start.scope,
            seed_hash=start.seed_hash,
        )

    def _keep(
        self,
        account: str,
        held: HeldGrant,
        start: Grant,
        answer: TokenAnswer,
        rejected: str | None,
    ) -> Grant:
        grant = self._granted(answer, start)
        try:
            kept = held.save(grant)
        except GrantChangedError:
            # A login, or a host that the lock does not reach: what is stored is newer consent,
            current = held.load()
            if adopted := self._adopt(current, rejected):
                return adopted
            # unless it only says that the token is dead, because it was we who spent it.
            if current is None or not current.dead_since:
                raise
            if current.refresh_token != start.refresh_token:
                raise
            kept = held.save(replace(grant, version=current.version))
        except TokenStoreError as error:
            raise TokenStoreError(
                f"{error} {self._provider.name} has given a new refresh token that may be lost. If "
                "the next run cannot go on with the old one, log in again: "
                f"{self._login_command(account)}"
            ) from None
        self._fetched.add(account)
        logger.info("Refreshed the access token of account %s.", account)
        return kept

    def _mark_dead(self, held: HeldGrant, stored: Grant | None) -> None:
        """Note that the vendor ended the grant, so that no later run asks again."""
        seed = self._new_seed(stored)
        # With the seed's hash the stored grant counts as begun by it: it is not tried again.
        dead = replace(stored, seed_hash=seed.seed_hash) if stored and seed else stored or seed
        if dead:
            # What the vendor said matters more than whether it could be noted.
            with contextlib.suppress(TokenStoreError):
                held.save(replace(dead, client=self._client, dead_since=self._clock()))

    def _again(self, account: str) -> str:
        return f"Everything loaded so far stays. Log in again: {self._login_command(account)}"


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

    def named_grant(self) -> Grant:
        """The account's grant, which names the vendor's user if its token answers do."""
        return self._authenticator.named_grant(self._account)

    def renew(self, request: requests.PreparedRequest) -> None:
        """Replace the token that this request carried and the vendor refused."""
        rejected = request.headers["Authorization"].removeprefix("Bearer ")
        self._authenticator.renew(self._account, rejected)
