"""The life of the embedded server, on real processes and folders."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from health_tools.errors import HealthToolsError
from health_tools.postgres import EmbeddedPostgres, record

if TYPE_CHECKING:
    from collections.abc import Callable


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def query(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    with server.connection().connect() as session:
        return session.execute(statement.encode()).fetchall()


def remember(server: EmbeddedPostgres, text: str) -> None:
    with server.connection().connect() as session:
        session.execute("create table if not exists memory (text text)")
        session.execute("insert into memory values (%s)", [text])


def memories(server: EmbeddedPostgres) -> list[tuple[object, ...]]:
    return query(server, "select text from memory order by text")


def kill_now(server: EmbeddedPostgres) -> None:
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def test_first_start_makes_one_database_per_environment(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "home")
    assert server.start() is True
    for environment in ("home", "demo"):
        with server.connection(environment).connect() as session:
            row = session.execute(
                "select current_database(), current_user, current_setting('server_encoding'),"
                " lower('ÄÖ'), current_setting('server_version_num')::int / 10000"
            ).fetchone()
        assert row == (f"health_{environment}", "health", "UTF8", "äö", 18)


def test_every_file_is_private(server: EmbeddedPostgres) -> None:
    home = server.home
    assert mode(home) == 0o700
    assert mode(server.client_files) == 0o700
    assert mode(home / "cluster") == 0o700
    assert mode(home / "cluster" / "data") == 0o700
    files = [
        home / "server.json",
        home / "cluster" / "postgres.log",
        *server.client_files.iterdir(),
    ]
    assert {path.name: oct(mode(path)) for path in files} == {
        "server.json": "0o600",
        "postgres.log": "0o600",
        "pg_service.conf": "0o600",
        "profiles.yml": "0o600",
    }
    assert not [path for path in home.rglob("*") if ".new" in path.name]


def test_start_of_a_running_server_changes_nothing(server: EmbeddedPostgres) -> None:
    before = (server.pid(), server.connection())
    assert server.start() is False
    assert (server.pid(), server.connection()) == before


def test_restart_keeps_port_password_and_data(server: EmbeddedPostgres) -> None:
    before = server.connection()
    remember(server, "kept")
    assert server.stop() is True
    assert server.is_running() is False
    assert server.start() is True
    assert server.connection() == before
    assert memories(server) == [("kept",)]


def test_stop_of_a_stopped_server_is_no_error(stopped: EmbeddedPostgres) -> None:
    assert stopped.stop() is False


def test_start_recovers_at_once_from_kill_9(server: EmbeddedPostgres) -> None:
    remember(server, "before the kill")
    kill_now(server)
    assert server.start() is True
    assert memories(server) == [("before the kill",)]


def test_start_is_not_misled_by_a_reused_process_id(server: EmbeddedPostgres) -> None:
    kill_now(server)
    note = server.home / "cluster" / "data" / "postmaster.pid"
    lines = note.read_text().splitlines()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert server.is_running() is False
    assert server.start() is True


def test_a_taken_port_is_named_with_the_remedy(stopped: EmbeddedPostgres) -> None:
    taken = stopped.connection()
    with socket.create_server((taken.host, taken.port)):
        with pytest.raises(HealthToolsError, match=rf"Port {taken.port} .*--new-port"):
            stopped.start()
        assert stopped.is_running() is False
        stopped.start(new_port=True)
    moved = stopped.connection()
    assert moved.port != taken.port
    assert moved.password == taken.password
    assert f"port={moved.port}" in (stopped.client_files / "pg_service.conf").read_text()


def test_the_port_of_a_running_server_stays(server: EmbeddedPostgres) -> None:
    with pytest.raises(HealthToolsError, match="stop it first"):
        server.start(new_port=True)


def test_a_copied_project_does_not_use_the_server_of_the_original(
    server: EmbeddedPostgres, folder: Path
) -> None:
    copy = folder / "copy"
    copy.mkdir(mode=0o700)
    record.save(copy, record.Record(server.connection().port, "other", "cluster"))
    subprocess.run(["cp", "-r", server.home / "cluster", copy], check=True)
    with pytest.raises(HealthToolsError, match="is taken by another"):
        EmbeddedPostgres(copy).start()


def test_data_of_another_major_version_are_refused(stopped: EmbeddedPostgres) -> None:
    (stopped.home / "cluster" / "data" / "PG_VERSION").write_text("16\n")
    with pytest.raises(HealthToolsError, match=r"PostgreSQL 16; .* runs 18\..*pg_dumpall"):
        stopped.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(stopped: EmbeddedPostgres) -> None:
    os.chown(stopped.home, 65534, -1)
    with pytest.raises(HealthToolsError, match="belongs to another user"):
        stopped.start()


def test_a_file_in_the_way_is_named(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(HealthToolsError, match=r"cannot be used .*: Not a directory"):
        EmbeddedPostgres(folder / "file" / "home").start()


def test_a_path_that_a_shell_would_misread_is_refused(folder: Path) -> None:
    with pytest.raises(HealthToolsError, match="cannot handle the path"):
        EmbeddedPostgres(folder / "$HOME" / "$(touch here)").start()
    assert list(folder.iterdir()) == []


def test_a_path_with_spaces_and_umlauts_is_served(folder: Path) -> None:
    assert EmbeddedPostgres(folder / "häuser & 'gärten' (2)").start() is True


def test_a_half_made_data_folder_is_made_again(folder: Path) -> None:
    half = folder / "home" / "cluster" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert EmbeddedPostgres(folder / "home").start() is True


def test_lost_client_files_come_back(server: EmbeddedPostgres) -> None:
    texts = {path.name: path.read_text() for path in server.client_files.iterdir()}
    for path in server.client_files.iterdir():
        path.unlink()
    server.start()
    assert {path.name: path.read_text() for path in server.client_files.iterdir()} == texts


@pytest.mark.parametrize("running", [True, False])
def test_a_lost_record_costs_a_new_password_and_no_data(
    server: EmbeddedPostgres, running: bool
) -> None:
    remember(server, "kept")
    before = server.connection()
    if not running:
        server.stop()
    (server.home / "server.json").unlink()
    server.start()
    assert server.connection().password != before.password
    assert memories(server) == [("kept",)]


def test_a_broken_record_is_named(stopped: EmbeddedPostgres) -> None:
    (stopped.home / "server.json").write_text("{")
    with pytest.raises(HealthToolsError, match=r"server\.json is not readable"):
        stopped.start()


def test_lost_data_are_not_replaced_by_an_empty_server(stopped: EmbeddedPostgres) -> None:
    (stopped.home / "cluster").rename(stopped.home / "elsewhere")
    with pytest.raises(HealthToolsError, match="are gone"):
        stopped.start()


def test_a_moved_project_keeps_its_data(server: EmbeddedPostgres, folder: Path) -> None:
    remember(server, "kept")
    server.stop()
    deep = folder / ("deep" * 20) / ("deeper" * 20)  # longer than the path of a unix socket may be
    deep.mkdir(parents=True)
    server.home.rename(deep / "postgres")
    moved = EmbeddedPostgres(deep / "postgres")
    assert moved.start() is True
    assert memories(moved) == [("kept",)]


def test_two_starts_at_once_make_one_server(
    folder: Path, command_line: Callable[..., list[str]]
) -> None:
    server = EmbeddedPostgres(folder / "home")
    starts = [
        subprocess.Popen(
            command_line("health-postgres", "--home", str(server.home), "start"),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = sorted(start.communicate(timeout=60)[0] for start in starts)
    assert [start.returncode for start in starts] == [0, 0]
    assert outputs[0].startswith("PostgreSQL already runs on 127.0.0.1:")
    assert outputs[1].startswith("PostgreSQL runs on 127.0.0.1:")


@pytest.mark.parametrize("password", [None, "wrong"])
def test_no_session_without_the_password(shared: EmbeddedPostgres, password: str | None) -> None:
    address = shared.connection()
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(
            host=address.host,
            port=address.port,
            user=address.user,
            dbname=address.dbname,
            password=password,
            passfile="/nonexistent",
        )


def test_a_random_password_is_hashed_once_and_a_chosen_one_many_times(
    shared: EmbeddedPostgres,
) -> None:
    with shared.connection().connect() as session:
        session.execute("create role reader_of_this_test password 'chosen'")
        hashed = session.execute(
            "select split_part(split_part(rolpassword, '$', 2), ':', 1) from pg_authid "
            "where rolname in (current_user, 'reader_of_this_test') order by rolname"
        ).fetchall()
        session.execute("drop role reader_of_this_test")
    assert hashed == [("1",), ("4096",)]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux' own list")
def test_listens_on_loopback_and_nowhere_else(shared: EmbeddedPostgres) -> None:
    port, listening = f"{shared.connection().port:04X}", "0A"
    listeners = [
        fields[1]
        for name in ("tcp", "tcp6")
        for fields in map(str.split, Path("/proc/net", name).read_text().splitlines()[1:])
        if fields[1].endswith(f":{port}") and fields[3] == listening
    ]
    assert listeners == [f"0100007F:{port}"]
    assert query(shared, "show unix_socket_directories") == [("",)]


def test_sessions_are_in_utc(shared: EmbeddedPostgres) -> None:
    assert query(shared, "show timezone") == [("UTC",)]
    assert query(shared, "show log_timezone") == [("UTC",)]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="reads Linux' own list")
def test_the_server_inherits_no_secrets(
    stopped: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAP_EXAMPLE_CLIENT_SECRET", "hush")
    stopped.start()
    inherited = Path(f"/proc/{stopped.pid()}/environ").read_bytes()
    assert b"hush" not in inherited
    assert stopped.connection().password.encode() not in inherited


def test_start_needs_no_service_file_to_exist(
    stopped: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICE", "home")
    monkeypatch.setenv("PGSERVICEFILE", "/nonexistent/pg_service.conf")
    assert stopped.start() is True
    assert os.environ["PGSERVICE"] == "home"


def test_a_connection_before_the_first_start_says_what_to_type(folder: Path) -> None:
    with pytest.raises(HealthToolsError, match="meltano invoke postgres:start"):
        EmbeddedPostgres(folder / "home").connection()
