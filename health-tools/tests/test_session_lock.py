"""One load of a schema and one build of the models at a time, as processes that can be killed."""

from __future__ import annotations

import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from health_tools import database, session_lock
from health_tools.errors import HealthToolsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from health_tools.postgres.connection import Connection

    Load = Callable[..., subprocess.Popen[str]]

#: In the place of loader and dbt: says that it has begun, then gives back its whole input.
_ECHO = """
import sys

class TargetPostgres:
    @staticmethod
    def cli():
        print("begun", flush=True)
        print(sys.stdin.read(), flush=True)

cli = TargetPostgres.cli
"""
_WAITS = (
    "Another load into schema walks_raw is still finishing: waiting for it, 10 minutes at most.\n"
)


@pytest.fixture
def load(
    folder: Path, empty_database: Connection, command_line: Callable[..., list[str]]
) -> Iterator[Load]:
    """Starts a loader whose settings come as a file, or from the environment."""
    for package in ("target_postgres/target.py", "dbt/cli/main.py"):
        module = folder / package
        module.parent.mkdir(parents=True)
        for package_folder in (module.parent, folder / package.partition("/")[0]):
            (package_folder / "__init__.py").touch()  # else an installed one is taken
        module.write_text(_ECHO)
    started: list[subprocess.Popen[str]] = []
    names = {**empty_database.parameters, "database": empty_database.dbname}

    def start(
        schema: str = "walks_raw", command: str = "health-target-postgres", *, file: bool = False
    ) -> subprocess.Popen[str]:
        settings = {**names, "default_target_schema": schema}
        config = folder / "config.json"
        config.write_text(json.dumps(settings))
        env = {f"TARGET_POSTGRES_{name.upper()}": value for name, value in settings.items()}
        of_loader = ["--config", str(config)] if file else ["--config=ENV"]
        process = subprocess.Popen(
            command_line(command, *(["build"] if command == "health-dbt" else of_loader)),
            env={**os.environ, "PYTHONPATH": str(folder), **env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def _begun(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "begun\n"


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    return process.stderr.readline()


def test_two_loads_of_a_schema_follow_each_other_and_lose_nothing(load: Load) -> None:
    first = load()
    assert _begun(first)
    second = load(file=True)
    assert second.stdin
    second.stdin.write("sent while it waited, ")
    second.stdin.flush()
    assert _said(second) == _WAITS
    with pytest.raises(subprocess.TimeoutExpired):
        second.wait(timeout=0.5)
    assert first.communicate("the first") == ("the first\n", "")
    assert _begun(second)
    assert second.communicate("and after") == ("sent while it waited, and after\n", "")
    assert (first.returncode, second.returncode) == (0, 0)


@pytest.mark.parametrize("command", ["health-target-postgres", "health-dbt"])
def test_a_killed_holder_frees_the_lock_at_once(load: Load, command: str) -> None:
    first = load(command=command)
    assert _begun(first)
    second = load(command=command)
    assert "is still finishing" in _said(second)
    killed = time.monotonic()
    first.kill()
    assert _begun(second)
    assert time.monotonic() - killed < 1


def test_other_schemas_and_the_models_do_not_wait(load: Load) -> None:
    for process in (load("walks_raw"), load("naps_raw"), load(command="health-dbt")):
        assert _begun(process)


def _database(connection: Connection) -> database.Database:
    return database.Database(connection.parameters)


def test_the_wait_is_bounded_and_says_what_to_do(
    empty_database: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    where = _database(empty_database)
    with session_lock.held(where, "load", command="it"):
        began = time.monotonic()
        second = session_lock.held(where, "load", command="it", patience=0.2)
        with pytest.raises(HealthToolsError) as caught, second:
            pass
        assert 0.2 <= time.monotonic() - began < 5
    assert "Look for a process it that still runs, end it, and type the same again." in str(
        caught.value
    )
    assert "Another load is still finishing" in capsys.readouterr().err
    with session_lock.held(where, "load", command="it"):  # it was given back
        pass


def test_limits_of_the_role_neither_end_the_lock_nor_the_wait(empty_database: Connection) -> None:
    with empty_database.connect() as admin:
        for limit in ("statement_timeout", "idle_session_timeout"):
            admin.execute(f"alter database {empty_database.dbname} set {limit} = '100ms'".encode())
    where = _database(empty_database)
    with session_lock.held(where, "load", command="it"):
        second = session_lock.held(where, "load", command="it", patience=0.5)
        with pytest.raises(HealthToolsError, match="did not end within"), second:
            pass


def test_a_session_that_is_ended_while_it_waits_is_an_error_message(
    load: Load, empty_database: Connection
) -> None:
    assert _begun(load())
    second = load()
    assert _said(second) == _WAITS
    with empty_database.connect() as admin:
        while not admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'advisory'"
        ).fetchall():
            time.sleep(0.01)
    _, error = second.communicate("")
    assert error == (
        "Error: The lock for the load into schema walks_raw cannot be taken: terminating "
        "connection due to administrator command. Type the same again.\n"
    )
    assert second.returncode == 1
