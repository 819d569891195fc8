"""Whether the models are due to be built."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from health_tools import build_reasons, database, model_files, models

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from health_tools.postgres.connection import Connection

VERSIONS = {model_files.MODELS: "of today", model_files.SETTINGS: "mine"}
TABLES = """
    create schema meta;
    create table meta.last_build (models_version text, settings_version text, has_passed boolean);
    create table meta.build_reasons (reason text, source_system text, stream text)
"""


@pytest.fixture
def built(empty_database: Connection) -> database.Database:
    """A database whose last build has passed, and has found all that there is."""
    with empty_database.connect() as session:
        session.execute(TABLES)
        session.execute("insert into meta.last_build values ('of today', 'mine', true)")
    return database.from_settings({**empty_database.parameters, "database": empty_database.dbname})


def test_nothing_new_is_no_reason(built: database.Database) -> None:
    assert build_reasons.read(built, VERSIONS) == []


def test_what_has_never_been_built_is_due(empty_database: Connection) -> None:
    empty = database.from_settings({**empty_database.parameters, "database": empty_database.dbname})
    assert build_reasons.read(empty, VERSIONS) == ["not built before by this version"]


def test_what_cannot_be_asked_is_due_and_says_why(built: database.Database) -> None:
    with built.connect() as session:
        session.execute(
            "drop table meta.build_reasons; create view meta.build_reasons as "
            "select (1 / 0)::text as reason, '' as source_system, '' as stream"
        )
    assert build_reasons.read(built, VERSIONS) == [
        "it cannot be asked what is new (division by zero)"
    ]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("models_version", "'of yesterday'", "other models"),
        ("settings_version", "null", "other settings"),
        ("has_passed", "false", "the last build did not pass"),
    ],
)
def test_a_build_of_something_else_or_that_failed_is_to_be_done_again(
    built: database.Database, column: str, value: str, reason: str
) -> None:
    with built.connect() as session:
        session.execute(f"update meta.last_build set {column} = {value}".encode())
    assert build_reasons.read(built, VERSIONS) == [reason]


def test_what_the_database_finds_is_told_with_its_streams(built: database.Database) -> None:
    with built.connect() as session:
        session.execute(
            "insert into meta.build_reasons values ('record_changed', 'whoop', 'sleeps'), "
            "('preferences', null, null), ('record_changed', 'whoop', 'cycles'), "
            "('hour_passed', 'whoop', null)"
        )
    assert build_reasons.read(built, VERSIONS) == [
        "hour passed (whoop)",
        "preferences",
        "record changed (whoop cycles, whoop sleeps)",
    ]


@pytest.fixture
def build(
    built: database.Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[list[str]]]:
    """Calls `health-dbt`; returns with what dbt was called since."""
    called: list[list[str]] = []
    dbt = SimpleNamespace(cli=lambda: called.append(sys.argv[1:]))
    monkeypatch.setattr(models, "import_module", lambda _: dbt)
    monkeypatch.setattr(database, "from_environment", lambda: built)
    monkeypatch.setattr(model_files, "versions", lambda: VERSIONS)
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
    for name in VERSIONS:
        monkeypatch.setenv(name, "")

    def run(*arguments: str) -> list[list[str]]:
        monkeypatch.setattr(sys, "argv", ["health-dbt", *arguments])
        called.clear()
        models.main()
        return called

    return run


def test_dbt_starts_only_when_it_is_due(
    built: database.Database,
    build: Callable[..., list[list[str]]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert build("--if-due", "build", "--select", "x") == []
    assert "Nothing is new since the last build" in capsys.readouterr().out
    assert build("build", "--select", "x") == [["build", "--select", "x"]]
    with built.connect() as session:
        session.execute("insert into meta.build_reasons values ('owners', 'whoop', null)")
    assert build("--if-due", "build") == [["build"]]
    assert "The models are built: owners (whoop)." in capsys.readouterr().out
