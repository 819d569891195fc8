"""The data folder and the server process: make, launch, stop. Knows no clients."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING

from health_tools.errors import HealthToolsError
from health_tools.postgres import process
from health_tools.postgres.binaries import MAJOR_VERSION
from health_tools.postgres.connection import USER
from health_tools.postgres.port import LOOPBACK
from health_tools.private_files import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from health_tools.postgres.placement import Placement

_INITDB = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    # Built into PostgreSQL: sorts alike on every system and after every upgrade of its C library.
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    f"--set=listen_addresses={LOOPBACK}",
    # No socket: its path is limited to about 107 bytes, and loopback with a password serves all.
    "--set=unix_socket_directories=",
    # Not in /dev/shm: it is emptied when its owner logs out (logind), and tiny in containers.
    "--set=dynamic_shared_memory_type=mmap",
    "--set=timezone=UTC",
    "--set=log_timezone=UTC",
    "--set=password_encryption=scram-sha-256",
    "--no-instructions",
)
_LAUNCH_ATTEMPTS = 20
_LOG_LINES = 5

# After a kill -9 of the server its helpers hold the shared memory for some milliseconds more.
_STILL_DYING = ("pre-existing shared memory block", "could not bind")


def initialise(placement: Placement, password: str) -> None:
    """Make the data folder, complete or not at all."""
    cluster, owner = placement.cluster, placement.identity
    draft, secret = cluster / "data.new", cluster / "password.new"
    shutil.rmtree(draft, ignore_errors=True)
    write_private(secret, password + "\n")
    try:
        if owner.drops_root:
            os.chown(secret, owner.uid, owner.gid)
        made = owner.run(
            placement.programs / "initdb", f"--pgdata={draft}", f"--pwfile={secret}", *_INITDB
        )
    finally:
        secret.unlink()
    if made.returncode != 0:
        raise HealthToolsError(
            f"PostgreSQL could not make its data folder: {made.stderr.strip()}\n"
            f"Mend that, or set HEALTH_POSTGRES_HOME to a folder on another disk."
        )
    draft.rename(placement.data)


def require_own_version(data: Path) -> None:
    """Refuse a data folder that these programs cannot open."""
    version = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if version != str(MAJOR_VERSION):
        raise HealthToolsError(
            f"The data in {data} were made by PostgreSQL {version}; this project runs "
            f"{MAJOR_VERSION}. Write them out with the programs of {version} (pg_dumpall), move "
            f"the folder away, type `meltano invoke postgres:start`, and read them in with "
            f"`meltano invoke postgres:psql`."
        )


def reset_password(placement: Placement, password: str) -> None:
    """Set the password of the stopped server anew, without the old one."""
    done = placement.identity.run(
        placement.programs / "postgres",
        "--single",
        "-D",
        placement.data,
        "postgres",
        text=f"ALTER ROLE {USER} PASSWORD '{password}'\n",
    )
    if done.returncode != 0 or "ERROR" in done.stderr:
        raise HealthToolsError(
            f"The record of the embedded PostgreSQL (server.json) is lost, and its password "
            f"could not be reset: {done.stderr.strip()}\nRestore server.json from a backup."
        )


def launch(placement: Placement, port: int) -> None:
    """Start the server on `port`, detached from this process, and wait until it is ready."""
    data, log = placement.data, placement.log
    process.forget_stranger(data)
    if log.exists():
        log.replace(log.with_suffix(".log.1"))
    for _ in range(_LAUNCH_ATTEMPTS):
        started = placement.identity.run(
            *(placement.programs / "pg_ctl", "start", "--wait", "--silent", "--timeout=60"),
            *(f"--pgdata={data}", f"--log={log}", "--options", f"-p {port}"),
        )
        if started.returncode == 0:
            return
        tail = _tail(log) or started.stderr.strip()
        if not any(sign in tail for sign in _STILL_DYING):
            break
        time.sleep(0.1)
    raise HealthToolsError(
        f"PostgreSQL did not start; its log {log} ends with:\n{tail}\n"
        f"Mend what it names, then type: meltano invoke postgres:start"
    )


def shut_down(placement: Placement) -> None:
    """Stop the server: open sessions are ended, everything committed is on disk."""
    stopped = placement.identity.run(
        *(placement.programs / "pg_ctl", "stop", "--wait", "--silent", "--mode=fast"),
        f"--pgdata={placement.data}",
    )
    if stopped.returncode != 0 and process.server_pid(placement.data) is not None:
        raise HealthToolsError(
            f"PostgreSQL did not stop: {stopped.stderr.strip()}\n"
            f"See its log {placement.log}, then type again: meltano invoke postgres:stop"
        )


def _tail(log: Path) -> str:
    if not log.exists():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_LINES:])
