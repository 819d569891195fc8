"""`health-postgres` as processes: exit codes, one-line messages, and no password anywhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from health_tools.postgres import EmbeddedPostgres

    RunCommand = Callable[..., subprocess.CompletedProcess[str]]


def test_status_has_the_exit_codes_of_pg_ctl(server: EmbeddedPostgres, run: RunCommand) -> None:
    env = {"HEALTH_POSTGRES_HOME": str(server.home)}
    running = run("health-postgres", "status", env=env)
    assert running.returncode == 0
    assert f"127.0.0.1:{server.connection().port} (process {server.pid()})" in running.stdout
    assert run("health-postgres", "stop", env=env).stdout == "PostgreSQL is stopped.\n"
    stopped = run("health-postgres", "status", env=env)
    assert stopped.returncode == 3
    assert "meltano invoke postgres:start" in stopped.stdout


def test_status_before_the_first_start(folder: Path, run: RunCommand) -> None:
    status = run("health-postgres", "--home", str(folder / "none"), "status")
    assert (status.returncode, status.stderr) == (3, "")


def test_start_returns_while_the_server_runs_on(stopped: EmbeddedPostgres, run: RunCommand) -> None:
    # `run` waits for the end of both output pipes: a server that inherited them would block it.
    started = run("health-postgres", "--home", str(stopped.home), "start")
    assert started.returncode == 0
    assert stopped.is_running()


def test_an_environment_with_a_database_of_its_own_starts_nothing(run: RunCommand) -> None:
    env = {"HEALTH_POSTGRES_HOME": ""}
    start = run("health-postgres", "start", env=env)
    assert start.returncode == 0
    assert "nothing to start" in start.stdout
    status = run("health-postgres", "status", env=env)
    assert status.returncode == 1
    assert status.stderr.startswith("Error: This environment has a database of its own")


def test_without_a_folder_the_usage_is_explained(run: RunCommand) -> None:
    assert "Name the server's folder: --home or HEALTH" in run("health-postgres", "start").stderr


def test_psql_gets_its_arguments_and_the_environment(
    shared: EmbeddedPostgres, run: RunCommand
) -> None:
    asked = run(
        *("health-postgres", "--home", str(shared.home), "psql"),
        *("-X", "--tuples-only", "--no-align", "-c", "select current_database()"),
        env={"PGSERVICE": "demo"},
    )
    assert (asked.returncode, asked.stdout) == (0, "health_demo\n")


def test_what_was_dumped_is_restored(
    shared: EmbeddedPostgres, run: RunCommand, tmp_path: Path
) -> None:
    def typed(*arguments: str) -> str:
        home = ("health-postgres", "--home", str(shared.home))
        done = run(*home, *arguments, env={"PGSERVICE": "demo"})
        assert done.returncode == 0, done.stderr
        return done.stdout

    copy = str(tmp_path / "health.dump")
    typed("psql", "-c", "create schema kept", "-c", "create table kept.nights as select 7 as hours")
    typed("dump", "--schema=kept", "--format=custom", f"--file={copy}")
    typed("psql", "-c", "update kept.nights set hours = 0")
    typed("restore", "--clean", "--if-exists", "--single-transaction", copy)
    assert typed("psql", "-Atc", "select hours from kept.nights") == "7\n"
    typed("psql", "-c", "drop schema kept cascade")


def test_psql_without_a_server_says_what_to_type(
    stopped: EmbeddedPostgres, run: RunCommand
) -> None:
    asked = run("health-postgres", "--home", str(stopped.home), "psql")
    assert asked.returncode == 1
    assert asked.stderr == "Error: PostgreSQL is not running. Type: meltano invoke postgres:start\n"


def test_url_has_the_password_on_demand_only(shared: EmbeddedPostgres, run: RunCommand) -> None:
    address = shared.connection("demo")
    home = ("--home", str(shared.home))
    plain = run("health-postgres", *home, "url", "--environment", "demo")
    assert plain.stdout == f"postgresql://health@127.0.0.1:{address.port}/health_demo\n"
    full = run("health-postgres", *home, "url", "--password", env={"PGSERVICE": "demo"})
    assert full.stdout == (
        f"postgresql://health:{address.password}@127.0.0.1:{address.port}/health_demo\n"
    )


def test_no_output_and_no_log_has_the_password(folder: Path, run: RunCommand) -> None:
    home = ("--home", str(folder / "home"))
    commands = ("start", "start", "status", "url", "stop", "stop", "start --new-port", "start")
    results = [run("health-postgres", *home, *command.split()) for command in commands]
    assert [result.returncode for result in results] == [0] * len(commands)
    password = json.loads((folder / "home" / "server.json").read_text())["password"]
    logs = [path.read_text() for path in (folder / "home" / "cluster").glob("postgres.log*")]
    assert len(logs) == 2
    assert not [
        text for result in results for text in (result.stdout, result.stderr) if password in text
    ]
    assert not [text for text in logs if password in text]


def test_errors_are_one_line_without_traceback(stopped: EmbeddedPostgres, run: RunCommand) -> None:
    (stopped.home / "cluster" / "data" / "PG_VERSION").write_text("17\n")
    refused = run("health-postgres", "--home", str(stopped.home), "start")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1
