"""`health reader` on a real server: what the role may read, and that it may nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from health_tools.postgres.connection import Connection

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]
    Reader = Callable[..., subprocess.CompletedProcess[str]]

PASSWORD = "a quiet ' \\ place"
SHOWN = ("marts", "quality", "meta")
HIDDEN = ("whoop_raw", "withings_raw", "staging", "canonical", "export")


@pytest.fixture
def reader(run: RunCommand, empty_database: Connection) -> Iterator[Reader]:
    """Runs the command as the owner of the database; the role goes with the test."""

    def command(password: str = PASSWORD, **env: str) -> subprocess.CompletedProcess[str]:
        settings = {
            f"TARGET_POSTGRES_{'DATABASE' if name == 'dbname' else name.upper()}": value
            for name, value in empty_database.parameters.items()
        }
        done = run("health", "reader", env={**settings, "HEALTH_READER_PASSWORD": password, **env})
        if password.strip():
            assert password not in done.stdout + done.stderr
        return done

    yield command
    with empty_database.connect() as owner:
        if owner.execute("select 1 from pg_roles where rolname = 'health_reader'").fetchone():
            owner.execute("drop owned by health_reader")
            owner.execute("drop role health_reader")


def login(database: Connection, password: str = PASSWORD) -> psycopg.Connection[Any]:
    own: Any = {**database.parameters, "user": "health_reader", "password": password}
    return psycopg.connect(**own, autocommit=True)


def make_tables(database: Connection) -> None:
    with database.connect() as owner:
        for schema in (*SHOWN, *HIDDEN):
            owner.execute(f"create schema if not exists {schema}".encode())
            owner.execute(f"create table {schema}.numbers as select 42 as number".encode())


def refused(session: psycopg.Connection[Any], statement: str) -> bool:
    try:
        session.execute(statement.encode())
    except errors.InsufficientPrivilege:
        return True
    return False


def test_it_reads_what_is_shown_and_nothing_else(
    reader: Reader, empty_database: Connection
) -> None:
    make_tables(empty_database)
    done = reader()
    assert done.returncode == 0, done.stderr
    assert "health_reader reads marts, quality, meta of" in done.stdout
    with login(empty_database) as session:
        for schema in SHOWN:
            assert session.execute(f"select * from {schema}.numbers".encode()).fetchall() == [(42,)]
        for schema in HIDDEN:
            assert refused(session, f"select * from {schema}.numbers"), schema


def test_it_reads_no_grants(reader: Reader, empty_database: Connection) -> None:
    with empty_database.connect() as owner:
        owner.execute("create schema meta")
        owner.execute("create table meta.oauth_grants as select 'secret' as document")
    for _ in ("made", "made again"):
        assert reader().returncode == 0
        with login(empty_database) as session:
            assert refused(session, "select * from meta.oauth_grants")


def test_it_may_not_write_even_where_it_says_so(reader: Reader, empty_database: Connection) -> None:
    make_tables(empty_database)
    assert reader().returncode == 0
    statements = [
        *(f"{words} marts.numbers" for words in ("delete from", "truncate", "drop table")),
        "insert into marts.numbers values (1)",
        "update meta.numbers set number = 1",
        "create table marts.mine (number int)",
        "create table public.mine (number int)",
        "create temporary table mine (number int)",
        "create schema mine",
        "create role mine",
    ]
    with login(empty_database) as session:
        with pytest.raises(errors.ReadOnlySqlTransaction):
            session.execute("create temporary table mine (number int)")
        session.execute("set default_transaction_read_only = off")
        for statement in statements:
            assert refused(session, statement), statement
        for setting, value in (("statement_timeout", "30s"), ("TimeZone", "UTC")):
            assert session.execute(f"show {setting}".encode()).fetchone() == (value,)


def test_it_reads_what_is_made_later(reader: Reader, empty_database: Connection) -> None:
    assert reader().returncode == 0
    make_tables(empty_database)
    with login(empty_database) as session, empty_database.connect() as owner:
        assert session.execute("select number from marts.numbers").fetchone() == (42,)
        # As dbt replaces a table, and a view.
        owner.execute("create table marts.numbers__dbt_tmp as select 43 as number")
        owner.execute("alter table marts.numbers rename to numbers__dbt_backup")
        owner.execute("alter table marts.numbers__dbt_tmp rename to numbers")
        owner.execute("drop table marts.numbers__dbt_backup cascade")
        owner.execute("create view meta.hidden as select number from canonical.numbers")
        assert session.execute("select number from marts.numbers").fetchone() == (43,)
        assert session.execute("select number from meta.hidden").fetchone() == (42,)


def test_it_can_be_run_again_and_changes_the_password(
    reader: Reader, empty_database: Connection
) -> None:
    for password in (PASSWORD, PASSWORD, "another"):
        assert reader(password).returncode == 0
        with login(empty_database, password):
            pass
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        login(empty_database)


def test_what_the_role_had_beside_is_taken(reader: Reader, empty_database: Connection) -> None:
    make_tables(empty_database)
    with empty_database.connect() as owner:
        owner.execute("create role health_reader with superuser createdb nologin")
        owner.execute("grant pg_read_all_data, pg_monitor to health_reader")
        owner.execute("grant usage, create on schema canonical to health_reader")
        owner.execute("grant all on canonical.numbers, marts.numbers to health_reader")
        owner.execute(
            f"grant create, temporary on database {empty_database.dbname} to health_reader".encode()
        )
    done = reader()
    assert done.returncode == 0, done.stderr
    with login(empty_database) as session:
        session.execute("set default_transaction_read_only = off")
        assert refused(session, "select * from canonical.numbers")
        assert refused(session, "insert into marts.numbers values (1)")
        assert refused(session, "create table canonical.mine (number int)")
        assert refused(session, "create temporary table mine (number int)")
        assert refused(session, "create database mine")
        assert session.execute("select number from marts.numbers").fetchone() == (42,)


def test_what_everybody_may_read_is_said_and_nothing_is_changed(
    reader: Reader, empty_database: Connection
) -> None:
    make_tables(empty_database)
    with empty_database.connect() as owner:
        owner.execute("grant usage on schema canonical to public")
        owner.execute("grant select on canonical.numbers to public")
    done = reader()
    assert done.returncode == 1
    assert "read canonical.numbers" in done.stderr
    with empty_database.connect() as owner:
        assert not owner.execute(
            "select 1 from pg_roles where rolname = 'health_reader'"
        ).fetchone()


def test_without_a_password_it_says_what_to_do(reader: Reader) -> None:
    for password in ("", " "):
        done = reader(password)
        assert done.returncode == 1
        assert "put HEALTH_READER_PASSWORD=... into .env" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.fixture
def builder(empty_database: Connection) -> Iterator[str]:
    """A role that owns the database, and is no superuser."""
    name = f"builder_{empty_database.dbname}"
    with empty_database.connect() as owner:
        owner.execute(f"create role {name} with login createrole password 'builder'".encode())
        owner.execute(f"alter database {empty_database.dbname} owner to {name}".encode())
        yield name
        owner.execute(f"reassign owned by {name} to current_user".encode())
        owner.execute(f"drop owned by {name}".encode())
        owner.execute(f"drop role {name}".encode())


def test_an_owner_who_is_no_superuser_can_make_it(
    reader: Reader, builder: str, empty_database: Connection
) -> None:
    as_builder = {"TARGET_POSTGRES_USER": builder, "TARGET_POSTGRES_PASSWORD": "builder"}
    for _ in range(2):
        done = reader(**as_builder)
        assert done.returncode == 0, done.stderr
    own: Any = {**empty_database.parameters, "user": builder, "password": "builder"}
    with psycopg.connect(**own) as owner:
        owner.execute("create table marts.numbers as select 42 as number")
    with login(empty_database) as session:
        assert session.execute("select number from marts.numbers").fetchone() == (42,)
        session.execute("set default_transaction_read_only = off")
        assert refused(session, "create temporary table mine (number int)")


def test_who_may_not_create_roles_is_told(
    reader: Reader, builder: str, empty_database: Connection
) -> None:
    with empty_database.connect() as owner:
        owner.execute(f"alter role {builder} with nocreaterole".encode())
    done = reader(TARGET_POSTGRES_USER=builder, TARGET_POSTGRES_PASSWORD="builder")
    assert done.returncode == 1
    assert "needs the right to create roles" in done.stderr
