"""The embedded server of one project: what `health-postgres` and test fixtures use."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from filelock import FileLock
from psycopg import sql

from health_tools.errors import HealthToolsError
from health_tools.postgres import cluster, connection, placement, port, process, record
from health_tools.postgres.binaries import require_plain
from health_tools.postgres.connection import ENVIRONMENTS, Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tools.postgres.placement import Placement

_READY_SECONDS = 60.0
_IS_HASHED_ONCE = """
    select rolpassword like 'SCRAM-SHA-256$1:%' from pg_authid where rolname = current_user
"""


class EmbeddedPostgres:
    """A PostgreSQL server whose every file is below `home`.

    Usage: `server = EmbeddedPostgres(home); server.start(); ...; server.stop()`. The server
    outlives the process that started it.
    """

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home).resolve()

    @property
    def client_files(self) -> Path:
        """The folder of `pg_service.conf` and `profiles.yml`."""
        return self.home / "clients"

    def start(self, *, new_port: bool = False) -> bool:
        """Start the server unless it runs; returns whether it had to be started.

        Either way the databases of all environments and the client files exist afterwards.
        """
        require_plain(self.home)
        with self._locked():
            kept = record.load(self.home)
            where = self._placement(kept)
            if kept is None:
                kept = self._begin(where)
            cluster.require_own_version(where.data)
            if new_port:
                kept = self._move_port(kept, where)
            server = Connection(kept.port, kept.password, "postgres")
            session = _connect(where, server)
            started = session is None
            if session is None:
                self._launch(where, kept.port)
                session = _connect(where, server)
            if session is None:
                raise HealthToolsError(
                    f"PostgreSQL ended right after its start; its log {where.log} says why. "
                    f"Mend what it names, then type: meltano invoke postgres:start"
                )
            with session:
                _make_databases(session)
                _hash_password_once(session, kept.password)
            connection.write_client_files(self.client_files, server)
        return started

    def stop(self) -> bool:
        """Stop the server if it runs; returns whether it did."""
        if not self.home.is_dir():
            return False
        with self._locked():
            kept = record.load(self.home)
            if kept is None:
                return False
            where = self._placement(kept)
            if process.server_pid(where.data) is None:
                return False
            cluster.shut_down(where)
        return True

    def is_running(self) -> bool:
        """Whether the server process of this project exists."""
        return self.pid() is not None

    def pid(self) -> int | None:
        """The process id of the server, or None when it is stopped."""
        kept = record.load(self.home)
        return None if kept is None else process.server_pid(self.home / kept.cluster / "data")

    def connection(self, environment: str = "home") -> Connection:
        """How to reach the database of a Meltano environment (`home` or `demo`)."""
        kept = record.load(self.home)
        if kept is None:
            raise HealthToolsError(
                "The embedded PostgreSQL was never started. Type: meltano invoke postgres:start"
            )
        return Connection(kept.port, kept.password, connection.database_name(environment))

    def client_environment(self, environment: str = "home") -> dict[str, str]:
        """The environment variables by which libpq clients and dbt find the database."""
        return {
            "PGSERVICEFILE": str(connection.service_file(self.client_files)),
            "PGSERVICE": environment,
            "DBT_PROFILES_DIR": str(self.client_files),
        }

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One start or stop at a time; refuses a home that is not the caller's to use."""
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            owner = self.home.stat().st_uid
        except OSError as error:
            raise HealthToolsError(self._unusable(error.strerror or "not usable")) from error
        if owner != os.geteuid():
            raise HealthToolsError(
                f"{self.home} belongs to another user (uid {owner}). Run as that user, or move "
                f"the folder away to begin anew."
            )
        if not os.access(self.home, os.W_OK | os.X_OK):
            raise HealthToolsError(self._unusable("no permission to write"))
        with FileLock(self.home / "lock", mode=0o600):
            yield

    def _unusable(self, reason: str) -> str:
        return (
            f"{self.home} cannot be used for the embedded PostgreSQL: {reason}. Make it writable "
            f"for you, or set HEALTH_POSTGRES_HOME to a folder that is."
        )

    def _placement(self, kept: record.Record | None) -> Placement:
        if kept is not None and (self.home / kept.cluster).is_dir():
            return placement.recall(self.home / kept.cluster)
        if kept is not None:
            raise HealthToolsError(
                f"The data of the embedded PostgreSQL are gone: {self.home / kept.cluster} does "
                f"not exist. Restore that folder, or move {self.home} away to begin anew."
            )
        inside = self.home / "cluster"
        where = placement.recall(inside) if inside.is_dir() else placement.choose(self.home)
        return placement.recall(where.cluster) if where.data.is_dir() else where

    def _begin(self, where: Placement) -> record.Record:
        """Make what is missing; data without a record (it was deleted) get a new password."""
        placement.prepare(where, self.home)
        kept = record.new_record(self.home, where.cluster)
        if not where.data.is_dir():
            cluster.initialise(where, kept.password)
        else:
            cluster.require_own_version(where.data)
            if process.server_pid(where.data) is not None:
                cluster.shut_down(where)
            cluster.reset_password(where, kept.password)
        record.save(self.home, kept)
        return kept

    def _move_port(self, kept: record.Record, where: Placement) -> record.Record:
        if process.server_pid(where.data) is not None:
            raise HealthToolsError(
                f"PostgreSQL runs on port {kept.port}. To give it another port, stop it first: "
                f"meltano invoke postgres:stop"
            )
        moved = record.Record(port.pick(), kept.password, kept.cluster)
        record.save(self.home, moved)
        return moved

    def _launch(self, where: Placement, number: int) -> None:
        if not port.becomes_free(number):
            raise HealthToolsError(
                f"Port {number} of {port.LOOPBACK}, chosen for this project, is taken by another "
                f"program. End that program, or choose another port: "
                f"meltano invoke postgres:start --new-port"
            )
        placement.open_way(where, self.home)
        cluster.launch(where, number)


def _make_databases(session: psycopg.Connection) -> None:
    rows = session.execute("select datname from pg_database").fetchall()
    present = {name for (name,) in rows}
    for name in map(connection.database_name, ENVIRONMENTS):
        if name not in present:
            session.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _hash_password_once(session: psycopg.Connection, password: str) -> None:
    """Spare clients the 4,096 rounds by which SCRAM protects what people can guess.

    The password is random, 256 bits; the rounds take a client 3 ms, and dbt connects for each node.
    Passwords that people choose, like the reader's, keep theirs.
    """
    if session.execute(_IS_HASHED_ONCE).fetchone() != (True,):
        with session.transaction():
            session.execute("set local scram_iterations = 1")
            user = connection.USER.encode()
            hashed = session.pgconn.encrypt_password(password.encode(), user, b"scram-sha-256")
            session.execute(
                sql.SQL("alter role {} password {}").format(
                    sql.Identifier(connection.USER), sql.Literal(hashed.decode())
                )
            )


def _connect(where: Placement, server: Connection) -> psycopg.Connection | None:
    """A session once the server (perhaps recovering) accepts one; None when it is gone.

    A server that was just killed may still have a process when `start` looks.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while process.server_pid(where.data) is not None:
        try:
            return server.connect()
        except psycopg.OperationalError as error:
            if "authentication" in str(error) or time.monotonic() > deadline:
                raise HealthToolsError(
                    f"PostgreSQL runs but does not let us in: {str(error).strip()}\n"
                    f"Type: meltano invoke postgres:stop, then meltano invoke postgres:start"
                ) from error
        time.sleep(0.05)
    return None
