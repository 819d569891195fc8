"""PostgreSQL refuses root: every way in which this project serves root and ordinary users."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tools.errors import HealthToolsError
from health_tools.postgres import EmbeddedPostgres, binaries, identity, placement

if TYPE_CHECKING:
    from collections.abc import Callable

_LINUX = Path("/proc/self/status").exists()

as_root = pytest.mark.skipif(os.geteuid() != 0 or not _LINUX, reason="needs to be root, on Linux")
with_namespaces = pytest.mark.skipif(
    not identity.in_user_namespace().can("true"), reason="no user namespaces on this system"
)


@pytest.fixture
def _no_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = identity.Identity("a user namespace", 0, 0, prefix=("/bin/false",))
    monkeypatch.setattr(identity, "in_user_namespace", lambda: refused)


@pytest.fixture
def system_folder(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = open_folder / "system"
    monkeypatch.setattr(placement, "SYSTEM_FOLDER", path)
    return path


def process_status(server: EmbeddedPostgres) -> dict[str, str]:
    lines = Path(f"/proc/{server.pid()}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def uid_of(server: EmbeddedPostgres) -> int:
    return int(process_status(server)["Uid"].split()[0])


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def answer(server: EmbeddedPostgres) -> object:
    with server.connection().connect() as session:
        row = session.execute("select 42").fetchone()
    assert row is not None
    return row[0]


@as_root
@with_namespaces
def test_root_with_a_user_namespace_keeps_its_files(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "home")
    server.start()
    assert answer(server) == 42
    assert {path.stat().st_uid for path in server.home.rglob("*")} == {0}
    assert mode(folder) == 0o700
    assert int(process_status(server)["CapEff"], 16) == 0
    assert server.stop() is True


@as_root
@pytest.mark.usefixtures("_no_namespaces")
def test_root_without_namespaces_runs_an_account_in_a_reachable_project(
    open_folder: Path,
) -> None:
    server = EmbeddedPostgres(open_folder / "home")
    server.start()
    assert answer(server) == 42
    account = identity.unprivileged_account()
    assert account is not None
    assert uid_of(server) == account.uid
    data = server.home / "cluster" / "data"
    assert (data.stat().st_uid, mode(data)) == (account.uid, 0o700)
    assert mode(server.home) == 0o711  # a passage: nothing in it can be listed or read
    assert mode(server.home / "server.json") == mode(server.client_files / "profiles.yml") == 0o600
    assert server.stop() is True
    assert server.start() is True
    assert answer(server) == 42


@as_root
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv")
@pytest.mark.usefixtures("_no_namespaces")
def test_root_in_a_container_knows_the_server_of_its_account(
    open_folder: Path, command_line: Callable[..., list[str]]
) -> None:
    server = EmbeddedPostgres(open_folder / "home")
    server.start()
    asked = subprocess.run(
        [
            *("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"),
            *command_line("health-postgres", "--home", str(server.home), "start"),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert (asked.returncode, asked.stderr) == (0, "")
    assert "already runs" in asked.stdout


@as_root
@pytest.mark.usefixtures("_no_namespaces")
def test_root_without_namespaces_keeps_the_data_of_a_private_project_elsewhere(
    open_folder: Path, system_folder: Path
) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "home")
    server.start()
    assert answer(server) == 42
    assert mode(server.home) == 0o700
    assert mode(system_folder) == 0o711
    (cluster,) = (path for path in system_folder.iterdir() if (path / "data").exists())
    assert mode(cluster) == 0o700
    server.stop()
    server.home.rename(private / "renamed")
    moved = EmbeddedPostgres(private / "renamed")
    assert moved.start() is True
    assert answer(moved) == 42


@as_root
@pytest.mark.usefixtures("_no_namespaces")
def test_programs_in_a_private_folder_are_copied_for_the_account(
    open_folder: Path, system_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_folder / "private"
    private.mkdir(mode=0o700)
    programs = binaries.copy_programs(binaries.wheel_programs(), private / "venv")
    monkeypatch.setattr(placement, "wheel_programs", lambda: programs)
    server = EmbeddedPostgres(open_folder / "home")
    server.start()
    assert answer(server) == 42
    running = Path(f"/proc/{server.pid()}/exe").readlink()
    assert running.is_relative_to(system_folder)


@as_root
@pytest.mark.usefixtures("_no_namespaces")
def test_root_without_namespaces_and_accounts_is_told_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "unprivileged_account", lambda: None)
    with pytest.raises(HealthToolsError, match="Run as an ordinary user"):
        EmbeddedPostgres(folder / "home").start()


@as_root
@with_namespaces
def test_data_made_in_a_namespace_can_be_given_to_an_account(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(open_folder / "home")
    server.start()
    server.stop()
    refused = identity.Identity("a user namespace", 0, 0, prefix=("/bin/false",))
    monkeypatch.setattr(identity, "in_user_namespace", lambda: refused)
    with pytest.raises(HealthToolsError, match=r"chown -R postgres .*cluster"):
        server.start()
    account = identity.unprivileged_account()
    assert account is not None
    shutil.chown(server.home / "cluster", account.uid, account.gid)
    for path in (server.home / "cluster").rglob("*"):
        os.chown(path, account.uid, account.gid)
    server.start()
    assert uid_of(server) == account.uid


@pytest.fixture
def as_ordinary_user(
    command_line: Callable[..., list[str]],
) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command as `nobody` where the tests run as root, else as the user who tests."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root needs setpriv to become an ordinary user")
        # The interpreter may be private to root: reading (nothing else) stays allowed.
        reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
        prefix = [setpriv, "--reuid=nobody", "--regid=nogroup", "--clear-groups", *reading]

    def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, *command_line("health-postgres", *arguments)],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
        )

    return run_command


def test_an_ordinary_user_is_served_as_is(
    open_folder: Path, as_ordinary_user: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    mine = open_folder / "mine"
    mine.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(mine, pwd.getpwnam("nobody").pw_uid, -1)
    home = ("--home", str(mine / "home"))
    started = as_ordinary_user(*home, "start")
    assert (started.returncode, started.stderr) == (0, "")
    assert {path.stat().st_uid for path in mine.rglob("*")} == {mine.stat().st_uid}
    asked = as_ordinary_user(*home, "psql", "-Atc", "select 42")
    assert (asked.returncode, asked.stdout) == (0, "42\n")
    assert as_ordinary_user(*home, "stop").returncode == 0


def test_a_folder_that_cannot_be_written_is_named(
    open_folder: Path, as_ordinary_user: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    locked = open_folder / "locked"
    locked.mkdir(mode=0o555)
    refused = as_ordinary_user("--home", str(locked / "home"), "start")
    assert refused.returncode == 1
    assert f"{locked}/home cannot be used" in refused.stderr
    assert "Permission denied. Make it writable" in refused.stderr
    assert "Traceback" not in refused.stderr
