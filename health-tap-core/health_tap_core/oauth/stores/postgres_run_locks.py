"""One sync of an account at a time, over several hosts: advisory locks of one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from health_tap_core.oauth.stores.run_locks import account_number

if TYPE_CHECKING:
    import psycopg

    from health_tap_core.oauth.stores.postgres import PostgresTokenStore

_TAKE = "select pg_try_advisory_lock(%s)"


class PostgresRunLocks:
    """Locks of a session that is kept for the run."""

    def __init__(self, store: PostgresTokenStore) -> None:
        self._store = store
        self._connection: psycopg.Connection[Any] | None = None

    def take(self, account: str) -> bool:
        """Take the account's lock.

        Raises:
            TokenStoreError: The database does not answer.
        """
        number = account_number(f"{self._store.provider}/{account}")
        with self._store.explained():
            if self._connection is None:
                self._connection = self._store.connect()
                self._connection.autocommit = True  # else it would be idle in a transaction
            row = self._connection.execute(_TAKE, [number]).fetchone()
        return bool(row and row[0])

    def release(self) -> None:
        """End the session."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
