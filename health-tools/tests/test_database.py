"""Which database is meant, and what is said when it does not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from health_tools import database
from health_tools.errors import HealthToolsError
from health_tools.postgres import port

if TYPE_CHECKING:
    from pathlib import Path

    from health_tools.postgres import EmbeddedPostgres
    from health_tools.postgres.connection import Connection

_SECRET = "hush-hush"


def _name(found: database.Database) -> str:
    with found.connect() as session:
        return session.info.dbname


def _complaint(found: database.Database) -> str:
    with pytest.raises(HealthToolsError) as caught:
        found.connect()
    assert caught.value.__cause__ is None  # a traceback would quote the driver's own message
    return str(caught.value)


def test_the_service_of_the_environment_comes_first(
    shared: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shared.client_environment("demo").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TARGET_POSTGRES_HOST", "example.invalid")
    assert _name(database.from_environment()) == "health_demo"


def test_without_a_service_the_variables_of_the_loader_count(
    empty_database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET_POSTGRES_HOST", empty_database.host)
    monkeypatch.setenv("TARGET_POSTGRES_PORT", str(empty_database.port))
    monkeypatch.setenv("TARGET_POSTGRES_USER", empty_database.user)
    monkeypatch.setenv("TARGET_POSTGRES_PASSWORD", empty_database.password)
    monkeypatch.setenv("TARGET_POSTGRES_DATABASE", empty_database.dbname)
    assert _name(database.from_environment()) == empty_database.dbname


def test_an_sqlalchemy_url_is_understood(empty_database: Connection) -> None:
    url = empty_database.url(with_password=True).replace("postgresql://", "postgresql+psycopg://")
    settings = {"sqlalchemy_url": url, "host": "example.invalid"}
    assert _name(database.from_settings(settings)) == empty_database.dbname


def test_nothing_configured_says_what_to_set() -> None:
    with pytest.raises(HealthToolsError, match=r"No database is configured.*TARGET_POSTGRES_HOST"):
        database.from_environment()


def test_a_stopped_embedded_server_says_start(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    number = port.pick()
    services = folder / "pg_service.conf"
    services.write_text(f"[home]\nhost=127.0.0.1\nport={number}\ndbname=here\npassword={_SECRET}\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv("PGSERVICE", "home")
    complaint = _complaint(database.from_settings({"sqlalchemy_url": "postgresql+psycopg:///"}))
    assert f"(127.0.0.1:{number}, database here)" in complaint
    assert "Connection refused" in complaint
    assert complaint.endswith("Type: meltano invoke postgres:start")
    assert _SECRET not in complaint


def test_a_missing_service_file_says_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSERVICEFILE", "/nonexistent")
    monkeypatch.setenv("PGSERVICE", "home")
    complaint = _complaint(database.from_environment())
    assert 'service file "/nonexistent" not found' in complaint
    assert complaint.endswith("Type: meltano invoke postgres:start")


def test_a_database_elsewhere_says_check_the_settings() -> None:
    number = port.pick()
    settings = {"host": "127.0.0.1", "port": number, "user": "me", "password": _SECRET}
    complaint = _complaint(database.from_settings({**settings, "database": "there"}))
    assert f"(127.0.0.1:{number}, database there)" in complaint
    assert "Check TARGET_POSTGRES_HOST" in complaint
    assert _SECRET not in complaint


def test_a_wrong_password_is_the_reason_and_not_in_it(empty_database: Connection) -> None:
    settings = {**empty_database.parameters, "database": empty_database.dbname, "password": _SECRET}
    complaint = _complaint(database.from_settings(settings))
    assert 'password authentication failed for user "health"' in complaint
    assert _SECRET not in complaint


def test_a_malformed_url_is_not_quoted() -> None:
    with pytest.raises(HealthToolsError, match="not a valid address") as caught:
        database.from_settings({"sqlalchemy_url": f"postgresql://me:{_SECRET}%zz@host/there"})
    assert _SECRET not in str(caught.value)
    assert caught.value.__context__ is None
