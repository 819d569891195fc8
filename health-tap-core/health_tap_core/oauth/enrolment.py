"""How a grant begins: by a login or an import, whatever was stored before."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from health_tap_core.errors import SyncError, TokenStoreError
from health_tap_core.oauth.grant import Grant, add_seed, fingerprint, grant_from
from health_tap_core.oauth.signals import signals_held_back

if TYPE_CHECKING:
    from collections.abc import Callable

    from health_tap_core.oauth.provider import TokenAnswer
    from health_tap_core.oauth.stores.base import TokenStore


class LivingGrantError(SyncError):
    """The account has a grant that works, and nobody said that it may go."""


@dataclass(frozen=True)
class Enrolment:
    """Asks the vendor for a first token and stores it, so that neither gets lost.

    Attributes:
        store: Where the grant is going to live.
        account: Whose it is.
        client_id: Whom it is given to.
        seed: The refresh token in the settings, if there is one. The new grant counts as begun by
            it: otherwise that older consent would start again over this one.
        replaces: Whether a grant that still works may be replaced.
        machine_clock: Seconds since the epoch.
    """

    store: TokenStore
    account: str
    client_id: str = field(repr=False)
    seed: str | None = field(default=None, repr=False)
    replaces: bool = True
    machine_clock: Callable[[], float] = time.time

    def check(self) -> None:
        """Find out before anybody is asked for anything whether the grant could be stored.

        Raises:
            TokenStoreError: It could not.
            LivingGrantError: There is one already.
        """
        with self.store.lock(self.account) as held:
            self._check_replaceable(held.load())
            held.reserve()

    def keep(self, ask: Callable[[], TokenAnswer]) -> Grant:
        """Ask the vendor under the account's lock, and make its answer durable.

        Args:
            ask: Spends a code or a refresh token; its answer has a refresh token.

        Raises:
            TokenStoreError: What is stored cannot be read or replaced; nothing was asked.
            LivingGrantError: Another process was faster; nothing was asked.
        """
        with self.store.lock(self.account) as held:
            stored = held.load()
            self._check_replaceable(stored)
            held.reserve()
            with signals_held_back():
                grant = self._grant(ask(), stored)
                try:
                    return held.save(grant)
                except TokenStoreError as error:
                    raise TokenStoreError(
                        f"{error} What the vendor answered is lost: mend the store, then log in."
                    ) from None

    def _check_replaceable(self, stored: Grant | None) -> None:
        if stored and not stored.dead_since and not self.replaces:
            raise LivingGrantError(
                f"Account {self.account!r} already has a grant ({self.store.place(self.account)}), "
                "and it was left as it is. To replace it all the same, add --replace."
            )

    def _grant(self, answer: TokenAnswer, stored: Grant | None) -> Grant:
        fresh = grant_from(answer, client=fingerprint(self.client_id), now=self.machine_clock())
        seeds, version = (stored.seed_hash, stored.version) if stored else ("", 0)
        if self.seed:
            seeds = add_seed(seeds, self.seed)
        return replace(fresh, version=version, seed_hash=seeds)
