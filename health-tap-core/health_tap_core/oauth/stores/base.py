"""What a token store does, wherever it keeps grants.

Vendors rotate single-use refresh tokens, so a grant must be durable *before its first use*.
Meltano's config files are thrown away after a run, and Singer state is stored only once the loader
has drained: neither can keep a token.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from msgspec.structs import replace

from health_tap_core.errors import GrantChangedError, TokenStoreError
from health_tap_core.oauth.codec import KEY_VARIABLE, GrantCodec

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from health_tap_core.oauth.grant import Grant
    from health_tap_core.oauth.stores.run_locks import RunLocks

#: Seconds to wait for another process that is refreshing the same grant.
LOCK_TIMEOUT = 120.0

logger = logging.getLogger(__name__)


class TokenStore(ABC):
    """One vendor's grants, one per account.

    Reading needs no lock. Whoever may write takes the account's :meth:`lock`.
    """

    def __init__(self, provider: str, codec: GrantCodec) -> None:
        self.provider = provider
        self.codec = codec

    def load(self, account: str) -> Grant | None:
        """The stored grant, or None when this account has none.

        Raises:
            TokenStoreError: There is one, but it cannot be read; it is left as it is.
        """
        document = self.read(account)
        return None if document is None else self.decode(account, document)

    def decode(self, account: str, document: bytes, place: str = "") -> Grant:
        """Read a stored grant and check that it is this account's.

        Args:
            account: Whose it should be.
            document: As it is stored.
            place: Where it was found, for messages, if not in its own place.

        Raises:
            TokenStoreError: It is not, or it cannot be read.
        """
        place = place or self.place(account)
        grant = self.codec.decode(document, place)
        if (grant.provider or self.provider, grant.account or account) != (self.provider, account):
            raise TokenStoreError(
                f"The stored grant {place} is that of account {grant.account!r} of "
                f"{grant.provider}; it was left as it is. A grant cannot be copied: its refresh "
                "token works once. Remove the copy and log in for this account."
            )
        return grant

    @abstractmethod
    def accounts(self) -> list[str]:
        """The accounts that have a grant, sorted."""

    @abstractmethod
    def place(self, account: str) -> str:
        """Where the account's grant is kept, for people; never a password."""

    @abstractmethod
    def read(self, account: str) -> bytes | None:
        """The stored document, as it is.

        Raises:
            TokenStoreError: It cannot be reached.
        """

    @abstractmethod
    def lock(self, account: str) -> AbstractContextManager[HeldGrant]:
        """Hold the account's grant against every other process that shares this store.

        Raises:
            TokenStoreError: The store cannot be written, or another process holds the grant for
                longer than a refresh can take.
        """

    @abstractmethod
    def run_locks(self) -> RunLocks:
        """Locks for the accounts that this process syncs; none is taken yet."""


class HeldGrant(ABC):
    """An account's grant while this process holds its lock."""

    _warned = False

    def __init__(self, store: TokenStore, account: str) -> None:
        self._store = store
        self._account = account

    def load(self) -> Grant | None:
        """The grant as it is stored at this moment."""
        return self._store.load(self._account)

    @abstractmethod
    def reserve(self) -> None:
        """Prove that a write will succeed, as far as that can be. Called before a token is spent.

        Raises:
            TokenStoreError: It would not.
        """

    def save(self, grant: Grant) -> Grant:
        """Replace the version that ``grant`` was made from; durable when this returns.

        Returns:
            The grant as it is stored, with its own version.

        Raises:
            GrantChangedError: Another process has replaced it meanwhile.
            TokenStoreError: Nothing was changed. The grant must not be used.
        """
        stored = replace(
            grant,
            version=grant.version + 1,
            provider=self._store.provider,
            account=self._account,
        )
        codec = self._store.codec
        if not codec.encrypts and not HeldGrant._warned:
            HeldGrant._warned = True
            logger.warning(
                "The grant %s is stored in plain text. Set %s in the environment to encrypt it.",
                self._store.place(self._account),
                KEY_VARIABLE,
            )
        self.replace(codec.encode(stored), expected=grant.version)
        return stored

    @abstractmethod
    def replace(self, document: bytes, *, expected: int) -> None:
        """Make a document durable in place of the version ``expected`` (0: of nothing).

        Raises:
            GrantChangedError: The store has another version.
            TokenStoreError: Nothing was changed.
        """

    @abstractmethod
    def forget(self) -> None:
        """Remove the grant, readable or not.

        Raises:
            TokenStoreError: It is still there.
        """

    def changed(self) -> GrantChangedError:
        """The error of a write that came too late."""
        return GrantChangedError(
            f"The stored grant {self._store.place(self._account)} was replaced by another process "
            "meanwhile. Run again."
        )
