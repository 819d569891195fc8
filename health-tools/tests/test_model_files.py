"""Which models a database was built with."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from health_tools import database, model_files, models

if TYPE_CHECKING:
    from pathlib import Path

    from health_tools.postgres.connection import Connection


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The smallest project of dbt's."""
    for name in ("dbt_project.yml", "models/walks.sql", "macros/steps.sql", "seeds/zones.csv"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    "name", ["dbt_project.yml", "models/walks.sql", "macros/steps.sql", "seeds/zones.csv"]
)
def test_any_change_of_the_models_is_another_version(project: Path, name: str) -> None:
    before = model_files.versions()
    (project / name).write_text("changed")
    assert model_files.versions() != before


def test_a_new_name_of_a_model_is_another_version(project: Path) -> None:
    before = model_files.versions()
    (project / "models/walks.sql").rename(project / "models/hikes.sql")
    assert model_files.versions() != before


def test_what_dbt_leaves_behind_is_no_change(project: Path) -> None:
    before = model_files.versions()
    (project / "logs").mkdir()
    (project / "logs/dbt.log").write_text("built")
    assert model_files.versions() == before


def test_the_version_of_the_last_build_is_told(empty_database: Connection) -> None:
    built = database.from_settings({**empty_database.parameters, "database": empty_database.dbname})
    assert model_files.built_version(built) is None
    with empty_database.connect() as session:
        session.execute("create schema meta")
        session.execute("create table meta.last_build (changed_inputs bigint)")
    assert model_files.built_version(built) is None
    with empty_database.connect() as session:
        session.execute("alter table meta.last_build add models_version text")
    assert model_files.built_version(built) is None
    with empty_database.connect() as session:
        session.execute("insert into meta.last_build values (1, 'of today')")
    assert model_files.built_version(built) == "of today"


def test_other_models_build_everything_anew(
    project: Path, empty_database: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []
    dbt = SimpleNamespace(cli=lambda: called.append(sys.argv[1:]))
    monkeypatch.setattr(models, "import_module", lambda _: dbt)
    names = {**empty_database.parameters, "database": empty_database.dbname}
    for name, value in names.items():
        monkeypatch.setenv(f"TARGET_POSTGRES_{name.upper()}", value)
    monkeypatch.setenv(model_files.MODELS, "")

    def build(*arguments: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["health-dbt", *arguments])
        models.main()
        return called[-1]

    assert build("build") == ["build", "--full-refresh"]
    assert build("build", "--full-refresh") == ["build", "--full-refresh"]
    assert build("test") == ["test"]
    with empty_database.connect() as session:
        session.execute("create schema meta")
        session.execute("create table meta.last_build (models_version text)")
        session.execute(
            "insert into meta.last_build values (%s)", [model_files.versions()[model_files.MODELS]]
        )
    assert build("build") == ["build"]
    (project / "models/walks.sql").write_text("select 2")
    assert build("build") == ["build", "--full-refresh"]


def test_a_setting_of_the_models_is_a_version_of_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "macros/steps.sql").write_text(
        "{{ env_var('HEALTH_HOME_ZONES', '') }} {{ env_var('HEALTH_MODELS_VERSION', '') }}"
    )
    before = model_files.versions()
    monkeypatch.setenv("HEALTH_OF_SOMETHING_ELSE", "1")
    monkeypatch.setenv(model_files.MODELS, "1")
    assert model_files.versions() == before
    monkeypatch.setenv("HEALTH_HOME_ZONES", "Asia/Kolkata")
    after = model_files.versions()
    assert after[model_files.MODELS] == before[model_files.MODELS]
    assert after[model_files.SETTINGS] != before[model_files.SETTINGS]
