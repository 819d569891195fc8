"""The command, where there is nothing to show yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from health_dashboards.report.cli import cli
from health_tools.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


def test_before_the_first_build_it_says_what_to_type(
    server: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.client_environment("demo").items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(cli, ["build", "--folder", str(tmp_path / "report")])
    assert done.exit_code == 1
    assert "Type: meltano run sync" in done.output
    assert not (tmp_path / "report").exists()


def test_without_a_database_it_says_what_to_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGSERVICE", "PGSERVICEFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TARGET_POSTGRES_HOST", "127.0.0.1")
    monkeypatch.setenv("TARGET_POSTGRES_PORT", "1")
    done = CliRunner().invoke(cli, ["build", "--folder", str(tmp_path)])
    assert done.exit_code == 1
    assert "The database does not answer (127.0.0.1:1" in done.output
