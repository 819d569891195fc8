"""How PostgreSQL is reached for grants: rights, addresses, and what is said without them."""

from __future__ import annotations

import builtins
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from health_tap_core.errors import TokenStoreError
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tap_core.oauth.stores.base import TokenStore

    from .conftest import Database, Place

GRANT = Grant(refresh_token="r-1", access_token="a-1")
NEXT = Grant(refresh_token="r-2", access_token="a-2", version=1)


@pytest.fixture
def store(table: Place) -> TokenStore:
    return table.store()


def save(store: TokenStore, grant: Grant = GRANT) -> Grant:
    with store.lock("ana") as held:
        return held.save(grant)


@contextmanager
def another_user(database: Database, *rights: str) -> Iterator[TokenStore]:
    """A store as a user with these rights alone sees it, by a URL without a password."""
    database.execute("drop owned by reader" if _exists(database) else "create role reader login")
    for right in rights:
        database.execute(f"grant {right} to reader")
    yield open_store(f"{database.address}&options=-c%20role%3Dreader", "Vendor")


def _exists(database: Database) -> bool:
    return bool(database.execute("select 1 from pg_roles where rolname = 'reader'"))


def test_two_rights_and_an_existing_table_are_enough(store: TokenStore, database: Database) -> None:
    save(store)
    rights = ["usage on schema meta", "select, insert, update on meta.oauth_grants"]
    with another_user(database, *rights) as theirs:
        assert save(theirs, NEXT).version == 2
        with theirs.lock("ben") as held:
            held.save(GRANT)
        assert theirs.accounts() == ["ana", "ben"]


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ([], "permission denied for schema meta"),
        (["usage on schema meta"], "permission denied for table oauth_grants"),
        (
            ["usage on schema meta", "select, update on meta.oauth_grants"],
            "permission denied for table oauth_grants",
        ),
    ],
)
def test_missing_rights_are_named(
    store: TokenStore, database: Database, rights: list[str], said: str
) -> None:
    save(store)
    with another_user(database, *rights) as theirs:
        with pytest.raises(TokenStoreError, match=rf"\({said}\).* select, insert and update"):
            save(theirs, NEXT)
        if len(rights) < 2:
            with pytest.raises(TokenStoreError, match=said):
                theirs.accounts()


def test_a_user_who_may_not_create_the_schema_is_told_so(database: Database) -> None:
    with another_user(database) as theirs:
        assert theirs.accounts() == []
        assert theirs.load("ana") is None
        with pytest.raises(TokenStoreError, match=r"permission denied for database .* schema meta"):
            save(theirs)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://127.0.0.1:1/x?user=y", "refused"),
        ("postgresql:///?service=nowhere", 'definition of service "nowhere" not found'),
        ("postgresql:///nothing?service=demo", 'database "nothing" does not exist'),
        ("postgresql://nobody@/?service=demo", "password authentication failed"),
    ],
)
def test_a_server_that_cannot_be_reached_says_why(
    database: Database, address: str, said: str
) -> None:
    store = open_store(address, "Vendor")
    for use in (store.accounts, lambda: store.load("ana"), lambda: save(store)):
        with pytest.raises(TokenStoreError, match=said) as caught:
            use()
        assert database.server.connection().password not in str(caught.value)


def test_without_an_address_libpqs_own_variables_tell_the_server(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICE", "demo")
    for address in ("postgresql://", "postgres://", "postgresql:///"):
        store = open_store(address, "Vendor")
        with store.lock("ana") as held:
            held.save(held.load() or GRANT)
        assert store.place("ana") == ("meta.oauth_grants, account 'ana' of Vendor (PostgreSQL)")
    assert database.execute("select version from meta.oauth_grants") == [(3,)]


def test_a_password_never_shows_in_a_place_or_a_message(database: Database) -> None:
    server = database.server.connection("demo")
    store = open_store(f"postgresql://{server.user}:s3cret@127.0.0.1:{server.port}/x", "Vendor")
    assert store.place("ana").endswith("of Vendor (PostgreSQL on 127.0.0.1)")
    with pytest.raises(TokenStoreError, match="password authentication failed") as caught:
        store.load("ana")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["postgresql://u:s3%cret@h/x", "postgresql://[::1/s3cret", "postgresql://h/?s3cret"]
)
def test_an_address_that_cannot_be_read_is_refused_and_not_shown(address: str) -> None:
    with pytest.raises(TokenStoreError, match="not an address that PostgreSQL's") as caught:
        open_store(address, "Vendor")
    assert "s3" not in str(caught.value)


def test_without_the_driver_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real_import = builtins.__import__

    def without_psycopg(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "psycopg":
            raise ImportError(name)
        return real_import(name, *arguments, **options)

    monkeypatch.delitem(sys.modules, "health_tap_core.oauth.stores.postgres")
    monkeypatch.setattr(builtins, "__import__", without_psycopg)
    with pytest.raises(TokenStoreError, match="Install the tap with its extra 'postgres'"):
        open_store("postgresql://h/x", "Vendor")
    assert open_store("/nowhere", "Vendor").accounts() == []
