"""The loader's entry: one clear message when the database is down, else out of the way."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from health_tools import loader
from health_tools.errors import HealthToolsError
from health_tools.postgres import port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from health_tools.postgres import EmbeddedPostgres

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]

_SECRET = "hush-hush"


def _config(folder: Path, **settings: Any) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(settings))
    return str(path)


def _down() -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": port.pick(), "user": "me", "password": _SECRET}


def test_a_stopped_embedded_server_is_one_line_and_exit_code_1(
    server: EmbeddedPostgres, run: RunCommand, folder: Path
) -> None:
    server.stop()
    config = _config(folder, sqlalchemy_url="postgresql+psycopg:///")
    address = server.connection("demo")
    ended = run("health-target-postgres", "--config", config, env=server.client_environment("demo"))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr == (
        f"Error: The database does not answer (127.0.0.1:{address.port}, database health_demo): "
        f'connection to server at "127.0.0.1", port {address.port} failed: Connection refused. '
        "Type: meltano invoke postgres:start\n"
    )


def test_the_tap_is_not_killed_before_it_has_sent_a_record(
    folder: Path, command_line: Callable[..., list[str]]
) -> None:
    command = command_line("health-target-postgres", "--config", _config(folder, **_down()))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as loader:
        assert loader.stdin
        assert loader.stderr
        assert "does not answer" in loader.stderr.readline()
        loader.stdin.write('{"type":"SCHEMA","stream":"cycles"}\n')
        with pytest.raises(subprocess.TimeoutExpired):
            loader.wait(timeout=0.5)
        loader.stdin.write('{"type":"RECORD","stream":"cycles"}\n')
        assert loader.wait(timeout=10) == 1


@pytest.mark.parametrize("form", [("--config", "{}"), ("--config={}",)])
def test_a_database_elsewhere_is_checked_in_both_notations(
    folder: Path, form: tuple[str, ...]
) -> None:
    config = _config(folder, **_down(), database="there")
    lock = loader.schema_lock([part.format(config) for part in form])
    assert lock
    with (
        pytest.raises(HealthToolsError, match=r"database there.*Check TARGET_POSTGRES_HOST") as it,
        lock,
    ):
        pass
    assert _SECRET not in str(it.value)


def test_settings_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _down().items():
        monkeypatch.setenv(f"TARGET_POSTGRES_{name.upper()}", str(value))
    lock = loader.schema_lock(["--config=ENV"])
    assert lock
    with pytest.raises(HealthToolsError, match="does not answer"), lock:
        pass


@pytest.mark.parametrize("option", ["--about", "--version", "--help"])
def test_questions_about_the_loader_need_no_database(folder: Path, option: str) -> None:
    assert loader.schema_lock(["--config", _config(folder, **_down()), option]) is None


@pytest.mark.parametrize(
    "way", [{"ssh_tunnel": {"enable": True}}, {"ssl_client_certificate_enable": True}]
)
def test_ways_that_only_the_loader_knows_are_left_to_it(folder: Path, way: dict[str, Any]) -> None:
    assert loader.schema_lock(["--config", _config(folder, **_down(), **way)]) is None


@pytest.mark.parametrize("arguments", [[], ["--config", "/nonexistent"], ["--config"]])
def test_a_missing_configuration_is_left_to_the_loader(arguments: list[str]) -> None:
    assert loader.schema_lock(arguments) is None


def test_it_becomes_the_loader_with_its_arguments_unchanged(
    folder: Path, run: RunCommand, shared: EmbeddedPostgres
) -> None:
    package = folder / "target_postgres"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "target.py").write_text(
        "import sys\n"
        "class TargetPostgres:\n"
        "    @classmethod\n"
        "    def cli(cls):\n"
        "        print(sys.argv[1:], sys.stdin.read())\n"
        "        sys.exit(7)\n"
    )
    config = _config(folder, sqlalchemy_url=shared.connection().url(with_password=True))
    ended = run("health-target-postgres", "--config", config, env={"PYTHONPATH": str(folder)})
    assert (ended.returncode, ended.stderr) == (7, "")
    assert ended.stdout == f"['--config', '{config}'] \n"


def test_a_missing_loader_says_how_to_install_it(run: RunCommand, folder: Path) -> None:
    package = folder / "target_postgres"
    package.mkdir()
    (package / "__init__.py").write_text(
        "raise ModuleNotFoundError('gone', name='target_postgres')"
    )
    ended = run("health-target-postgres", "--about", env={"PYTHONPATH": str(folder)})
    assert ended.returncode == 1
    assert ended.stderr.startswith("Error: The loader is not installed. Type: meltano install")
