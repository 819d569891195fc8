"""Both generated files lead their clients to the right database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
import yaml

if TYPE_CHECKING:
    from health_tools.postgres import EmbeddedPostgres


@pytest.mark.parametrize("environment", ["home", "demo"])
def test_libpq_finds_the_database_through_the_service(
    shared: EmbeddedPostgres, environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shared.client_environment(environment).items():
        monkeypatch.setenv(name, value)
    with psycopg.connect("") as session:
        assert session.info.dbname == f"health_{environment}"


@pytest.mark.parametrize("environment", ["home", "demo"])
def test_dbt_finds_the_database_through_its_profile(
    shared: EmbeddedPostgres, environment: str
) -> None:
    profile = yaml.safe_load((shared.client_files / "profiles.yml").read_text())["health"]
    assert profile["target"] == "{{ env_var('PGSERVICE', 'home') }}"
    output = profile["outputs"][environment]
    assert (output["type"], output["schema"], output["threads"]) == ("postgres", "staging", 1)
    names = ("host", "port", "user", "password", "dbname")
    with psycopg.connect(**{name: output[name] for name in names}) as session:
        assert session.info.dbname == f"health_{environment}"
