"""Grants in PostgreSQL: what the server, the network and other hosts can do to them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from msgspec.structs import replace

from health_tap_core.errors import GrantChangedError, TokenStoreError
from health_tap_core.oauth.grant import Grant
from health_tap_core.oauth.stores import base, postgres

if TYPE_CHECKING:
    from requests_mock import Mocker

    from health_tap_core.oauth.stores.base import TokenStore

    from .conftest import Child, Database, Place, Rig

GRANT = Grant(refresh_token="r-1", access_token="a-1")
NEXT = Grant(refresh_token="r-2", access_token="a-2", version=1)

# Rows change slowly, or not at all, when a grant is written; touching the row is nothing new.
_TRIGGER = """
create function meta.strike() returns trigger language plpgsql as
    $$ begin if new.document <> old.document then %s; end if; return new; end $$;
create trigger strike before update on meta.oauth_grants
    for each row execute function meta.strike()
"""
_SESSIONS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"


@pytest.fixture
def store(table: Place) -> TokenStore:
    return table.store()


def save(store: TokenStore, grant: Grant = GRANT) -> Grant:
    with store.lock("ana") as held:
        return held.save(grant)


def end_sessions(database: Database) -> None:
    """End every other session, and wait until the server has let go of them."""
    database.execute(f"select pg_terminate_backend(pid, 5000) {_SESSIONS}")


def strike(database: Database, what: str) -> None:
    database.execute(_TRIGGER % what)


def test_the_row_is_held_against_other_hosts_and_others_rows_are_free(
    table: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(table.store())
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 0.1)
    with table.store().lock("ana"):
        with table.store("Other").lock("ana") as held:
            held.save(GRANT)
        with pytest.raises(TokenStoreError, match="Another process has been holding the grant in"):
            save(table.store())


def test_whoever_waited_reads_what_was_written_whatever_the_databases_isolation(
    store: TokenStore, database: Database, child: Child
) -> None:
    save(store)
    strict = "&options=-c%20default_transaction_isolation%3Dserializable"
    process = child("save", f"{database.address}{strict}", "ana")
    with store.lock("ana") as held:
        while not database.execute(f"select 1 {_SESSIONS} and wait_event_type = 'Lock'"):
            assert process.poll() is None
        held.save(NEXT)
    assert process.wait() == 0
    stored = store.load("ana")
    assert stored
    assert (stored.refresh_token, stored.version) == ("r-2", 3)


def test_a_second_first_run_waits_until_the_first_has_made_the_table(
    table: Place, database: Database, child: Child
) -> None:
    with psycopg.connect(database.address) as first:
        first.execute(postgres._CREATE.replace("commit", ""))
        second = child("save", table.address, "ana")
        while not database.execute(f"select 1 {_SESSIONS} and wait_event_type = 'Lock'"):
            assert second.poll() is None
    assert second.wait() == 0
    assert table.store().accounts() == ["ana"]


def test_default_privileges_show_nobody_the_grants(table: Place, database: Database) -> None:
    database.execute("create schema meta; create role looks_on")
    database.execute(
        "alter default privileges in schema meta grant all on tables to looks_on, public"
    )
    save(table.store())
    try:
        assert database.execute(
            "select grantee::regrole::text from pg_class, aclexplode(relacl) "
            "where pg_class.oid = 'meta.oauth_grants'::regclass group by 1"
        ) == [("health",)]
        save(table.store(), NEXT)
    finally:
        database.execute("drop owned by looks_on; drop role looks_on")


@pytest.mark.parametrize("grant", [GRANT, NEXT], ids=["the first", "a later one"])
def test_a_connection_that_breaks_during_a_refresh_loses_no_grant(
    table: Place, database: Database, grant: Grant
) -> None:
    store = table.store()
    if grant.version:
        save(store)
    with store.lock("ana") as held:
        held.reserve()
        end_sessions(database)
        saved = held.save(grant)
        assert held.load() == saved
        assert held.save(saved).version == saved.version + 1


def test_a_connection_that_breaks_while_the_vendor_answers_is_no_failure(
    table_rig: Rig, database: Database, requests_mock: Mocker
) -> None:
    def answer(*_: object) -> dict[str, str]:
        end_sessions(database)
        return {"access_token": "access-1", "refresh_token": "refresh-1"}

    requests_mock.post(table_rig.token_url, json=answer)
    assert table_rig.authenticator().access_token("ana") == "access-1"
    assert table_rig.load().refresh_token == "refresh-1"
    assert requests_mock.call_count == 1


def test_a_connection_that_only_we_have_lost_frees_its_row(
    store: TokenStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store)
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 2)
    lost: list[Any] = []
    real = postgres._execute

    def lose(connection: Any, *arguments: Any) -> bool:
        if not lost:
            lost.append(connection)
            raise psycopg.OperationalError("the server does not answer")
        return real(connection, *arguments)

    monkeypatch.setattr(postgres, "_execute", lose)
    with store.lock("ana") as held:
        held.reserve()
        # The server hears nothing of our end: the session stays, and the row with it.
        monkeypatch.setattr(held, "close", lambda: None)
        held.save(NEXT)
        held._connection.close()  # type: ignore[attr-defined]
    assert not database.execute(f"select 1 {_SESSIONS} and state = 'idle in transaction'")
    stored = store.load("ana")
    assert stored
    assert stored.refresh_token == "r-2"
    lost[0].close()


def test_a_silent_server_counts_as_broken_before_tcp_gives_up(table: Place) -> None:
    store = table.store()
    assert isinstance(store, postgres.PostgresTokenStore)
    with store.connect() as connection:
        assert connection.info.get_parameters()["tcp_user_timeout"] == "30000"


def test_a_restart_of_the_server_during_a_refresh_loses_no_grant(
    store: TokenStore, database: Database
) -> None:
    save(store)
    with store.lock("ana") as held:
        held.reserve()
        database.server.stop()
        database.server.start()
        saved = held.save(NEXT)
    assert store.load("ana") == saved


def test_a_server_that_needs_its_time_is_waited_for(
    store: TokenStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store)
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        database.server.start()

    patience = SimpleNamespace(sleep=wait, monotonic=lambda: 0.0)
    monkeypatch.setattr("health_tap_core.oauth.stores.postgres.time", patience)
    with store.lock("ana") as held:
        database.server.stop()
        saved = held.save(NEXT)
    assert waits == [1]
    assert store.load("ana") == saved


def test_a_server_that_stays_away_is_not_waited_for_for_ever(
    store: TokenStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save(store)
    monkeypatch.setattr(postgres, "RECONNECT_TIMEOUT", 0.0)
    with store.lock("ana") as held:
        database.server.stop()
        with pytest.raises(TokenStoreError, match=r"cannot be used \(.*refused"):
            held.save(NEXT)
    database.server.start()
    assert store.load("ana") == saved


def test_a_connection_that_breaks_after_the_commit_is_no_second_write(
    store: TokenStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(store)
    execute = postgres._execute

    def lose_the_answer(connection: Any, statements: str, values: Any) -> bool:
        execute(connection, statements, values)
        monkeypatch.setattr(postgres, "_execute", execute)
        end_sessions(database)
        raise psycopg.OperationalError

    with store.lock("ana") as held:
        monkeypatch.setattr(postgres, "_execute", lose_the_answer)
        saved = held.save(NEXT)
    assert saved.version == 2
    assert database.execute("select version from meta.oauth_grants") == [(2,)]
    assert store.load("ana") == saved


def test_a_write_of_somebody_else_after_the_connection_broke_is_not_overwritten(
    table: Place, database: Database
) -> None:
    save(table.store())
    with table.store().lock("ana") as held:
        end_sessions(database)
        theirs = save(table.store(), replace(NEXT, refresh_token="theirs"))
        with pytest.raises(GrantChangedError):
            held.save(NEXT)
        assert held.load() == theirs


def test_killed_right_after_the_write_was_sent_the_grant_is_stored_all_the_same(
    table: Place, database: Database, child: Child
) -> None:
    save(table.store(), GRANT)
    strike(database, "perform pg_sleep(1)")
    process = child("save", table.address, "ana")
    writing = f"select 1 {_SESSIONS} and wait_event = 'PgSleep'"
    while not database.execute(writing):
        assert process.poll() is None
    process.kill()
    process.wait()
    with table.store().lock("ana") as held:  # once the server has done what it was told
        stored = held.load()
    assert stored
    assert stored.version == 2


def test_a_disk_that_fills_up_during_the_refresh_changes_nothing(
    table: Place, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = save(table.store())
    monkeypatch.setattr(postgres, "RECONNECT_TIMEOUT", 0.0)
    monkeypatch.setattr(base, "LOCK_TIMEOUT", 2)
    full = "raise exception using errcode = '53100', message = 'no space left', detail = 'row'"
    strike(database, full)
    with table.store().lock("ana") as held:
        held.reserve()
        with pytest.raises(TokenStoreError, match=r"cannot be used \(no space left\)"):
            held.save(NEXT)
    assert table.store().load("ana") == saved
