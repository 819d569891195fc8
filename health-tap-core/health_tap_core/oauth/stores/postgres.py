"""Grants in PostgreSQL, for containers and for several hosts.

The address is a libpq URL without a password: that comes from where libpq looks for it
(``PGPASSWORD``, ``~/.pgpass``, a service file), never from a setting.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.stores import base
from health_tap_core.oauth.stores.base import HeldGrant, TokenStore
from health_tap_core.oauth.stores.postgres_run_locks import PostgresRunLocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from health_tap_core.oauth.codec import GrantCodec
    from health_tap_core.oauth.grant import Grant

    Connection = psycopg.Connection[Any]

#: Seconds to reach the server.
CONNECT_TIMEOUT = 10
#: Seconds without any sign of life after which a connection counts as broken (Linux).
SILENCE_TIMEOUT = 30
#: Seconds for which a new grant is tried to be saved when the connection breaks.
RECONNECT_TIMEOUT = 30.0

TABLE = "meta.oauth_grants"
# The lock is for two first runs at once: "if not exists" alone would let them collide. Default
# privileges, which let dashboards read the schema, are not meant for secrets.
_CREATE = """
select pg_advisory_xact_lock(hashtext('meta.oauth_grants'));
create schema if not exists meta;
create table if not exists meta.oauth_grants (
    provider text not null,
    account text not null,
    version bigint not null,
    document text not null,
    updated_at timestamptz not null default now(),
    primary key (provider, account)
);
comment on table meta.oauth_grants is
    'OAuth 2.0 grants of the taps, one row per account; encrypted if the taps have a key. Secret.';
do $$
declare
    other record;
begin
    for other in
        select distinct grantee, grantee::regrole as role
        from pg_class, aclexplode(relacl)
        where pg_class.oid = 'meta.oauth_grants'::regclass and grantee not in (0, relowner)
    loop
        execute format('revoke all on meta.oauth_grants from %s', other.role);
    end loop;
end
$$;
revoke all on meta.oauth_grants from public;
commit
"""
# A grant must survive the server's crash. The row stays locked while the vendor answers, but not
# for ever if this host is lost.
_SETTINGS = """
select set_config('synchronous_commit', 'on', true), set_config('lock_timeout', %s, true),
       set_config('idle_in_transaction_session_timeout', '10min', true)
"""
# Of a connection that broke on our side only, the server keeps the lock until it notices.
_RELEASE = """
select pg_terminate_backend(pid) from pg_stat_activity
where pid = %s and usename = current_user and state = 'idle in transaction'
"""
_ADD = """
insert into meta.oauth_grants values (%(provider)s, %(account)s, 0, '') on conflict do nothing
"""
_HOLD = """
select from meta.oauth_grants where provider = %(provider)s and account = %(account)s for update
"""
_READ = """
select document from meta.oauth_grants where provider = %(provider)s and account = %(account)s
"""
_LIST = """
select account from meta.oauth_grants where provider = %(provider)s and document <> '' order by 1
"""
_TOUCH = """
update meta.oauth_grants set updated_at = now()
where provider = %(provider)s and account = %(account)s
"""
# One message to the server: when a process dies after sending it, the grant is committed.
_REPLACE = """
update meta.oauth_grants set document = %(document)s, version = version + 1, updated_at = now()
where provider = %(provider)s and account = %(account)s and version = %(expected)s;
commit
"""
_FORGET = """
update meta.oauth_grants set document = '', version = 0, updated_at = now()
where provider = %(provider)s and account = %(account)s;
commit
"""


class PostgresTokenStore(TokenStore):
    """One row per account in ``meta.oauth_grants``, locked while it is refreshed."""

    def __init__(self, address: str, provider: str, codec: GrantCodec) -> None:
        """Take an address; nothing is reached yet.

        Raises:
            TokenStoreError: libpq does not understand the address.
        """
        super().__init__(provider, codec)
        self._address = address
        try:
            known = conninfo_to_dict(address)
        except psycopg.ProgrammingError:
            # Not quoted: what cannot be taken apart may hold a password.
            raise TokenStoreError(
                "token_store is not an address that PostgreSQL's driver understands. Write it like "
                "postgresql://user@host/name, special characters %-encoded."
            ) from None
        server = known.get("host") or known.get("service")
        self._server = f" (PostgreSQL{f' on {server}' if server else ''})"
        self._table = f"{TABLE}{self._server}"

    def accounts(self) -> list[str]:
        """The accounts that have a grant."""
        with self.explained(), self.connect() as connection:
            try:
                rows = connection.execute(_LIST, self._key("")).fetchall()
            except errors.UndefinedTable:
                return []
            return [account for (account,) in rows]

    def place(self, account: str) -> str:
        """The account's row, its table and its server."""
        return f"{TABLE}, account {account!r} of {self.provider}{self._server}"

    def read(self, account: str) -> bytes | None:
        """The row's document."""
        with self.explained(), self.connect() as connection:
            return read_row(connection, self._key(account))

    @contextlib.contextmanager
    def lock(self, account: str) -> Iterator[HeldGrant]:
        """Hold the account's row, against every process on every host."""
        key = self._key(account)
        with contextlib.ExitStack() as stack:
            with self.explained():
                connection = stack.enter_context(contextlib.closing(self.connect()))
                try:
                    _hold(connection, key)
                except errors.UndefinedTable:
                    connection.rollback()
                    connection.execute(_CREATE)
                    _hold(connection, key)
            yield stack.enter_context(contextlib.closing(_HeldRow(self, account, connection, key)))

    def run_locks(self) -> PostgresRunLocks:
        """Locks of a session of its own."""
        return PostgresRunLocks(self)

    @contextlib.contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the database says into what to do."""
        try:
            yield
        except errors.LockNotAvailable:
            raise TokenStoreError(
                f"Another process has been holding the grant in {self._table} for "
                f"{base.LOCK_TIMEOUT:.0f} s. Wait for it or end it, then run again."
            ) from None
        except psycopg.Error as error:
            # Only the server's own sentence: details may quote the row.
            said = error.diag.message_primary or str(error).strip().partition("\n")[0]
            raise TokenStoreError(
                f"The token store {self._table} cannot be used ({said}), so a new refresh token "
                "could be lost. Its user needs to connect, to create the schema meta once, and to "
                "select, insert and update in this table; the password comes from PGPASSWORD or "
                "~/.pgpass, never from token_store."
            ) from None

    def connect(self) -> Connection:
        """A connection of its own."""
        connection = psycopg.connect(
            self._address,
            connect_timeout=CONNECT_TIMEOUT,
            # Else a server that vanished is waited for as long as TCP does: a quarter of an hour.
            tcp_user_timeout=SILENCE_TIMEOUT * 1000,
        )
        # Whatever the database's default: who waited for a row reads what the other has written.
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        return connection

    def _key(self, account: str) -> dict[str, str]:
        return {"provider": self.provider, "account": account}


class _HeldRow(HeldGrant):
    def __init__(
        self,
        store: PostgresTokenStore,
        account: str,
        connection: Connection,
        key: Mapping[str, str],
    ) -> None:
        super().__init__(store, account)
        self._store: PostgresTokenStore = store
        self._connection = connection
        self._backend = connection.info.backend_pid
        self._row = key

    def load(self) -> Grant | None:
        """The row, read by the connection that holds it."""
        with self._store.explained():
            document = read_row(self._connection, self._row)
        return self._store.decode(self._account, document) if document else None

    def reserve(self) -> None:
        """Write to the row: the lock has proved the right to, this proves the room."""
        with self._store.explained():
            self._connection.execute(_TOUCH, self._row)

    def replace(self, document: bytes, *, expected: int) -> None:
        """Update and commit, in one message."""
        values = {**self._row, "document": document.decode(), "expected": expected}
        with self._store.explained():
            try:
                replaced = _execute(self._connection, _REPLACE, values)
            except psycopg.OperationalError:
                # The connection broke, perhaps before, perhaps after the commit. The version tells.
                replaced = self._replace_anew(values)
        if not replaced:
            raise self.changed()

    def forget(self) -> None:
        """Empty the row; it stays as what to lock."""
        with self._store.explained():
            _execute(self._connection, _FORGET, self._row)

    def close(self) -> None:
        """End the connection, and with it the lock."""
        self._connection.close()

    def _replace_anew(self, values: Mapping[str, Any]) -> bool:
        """Try until the server has had time to restart: the only copy is in our memory."""
        deadline = time.monotonic() + RECONNECT_TIMEOUT
        while True:
            self.close()  # if anything is left of it, the row with it
            try:
                self._connection = self._store.connect()
                self._connection.execute(_RELEASE, [self._backend])
                _hold(self._connection, self._row)  # a first grant's row went with the lock
                if _execute(self._connection, _REPLACE, values):
                    return True
                return read_row(self._connection, self._row) == str(values["document"]).encode()
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)


def read_row(connection: Connection, key: Mapping[str, str]) -> bytes | None:
    """The document of a row; None if row, table or grant do not exist.

    Raises:
        psycopg.Error: The database does not answer.
    """
    try:
        row = connection.execute(_READ, key).fetchone()
    except errors.UndefinedTable:
        return None
    return row[0].encode() if row and row[0] else None


def _hold(connection: Connection, key: Mapping[str, str]) -> None:
    connection.execute(_SETTINGS, [_lock_timeout()])
    connection.execute(_ADD, key)
    connection.execute(_HOLD, key)


def _execute(connection: Connection, statements: str, values: Mapping[str, Any]) -> bool:
    """Run several statements as one message; tell whether the first changed a row."""
    with psycopg.ClientCursor(connection) as cursor:
        cursor.execute(statements, values)
        return cursor.rowcount == 1


def _lock_timeout() -> str:
    return f"{base.LOCK_TIMEOUT * 1000:.0f}ms"  # "0s" would be: for ever
