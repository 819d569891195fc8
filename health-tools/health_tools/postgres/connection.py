"""How to reach the databases: one object, and the two files that clients read it from."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from health_tools.postgres.port import LOOPBACK
from health_tools.private_files import write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENTS = ("home", "demo")
"""The Meltano environments that live in the embedded server, one database each."""

USER = "health"

_PROFILES = """\
# Written at every start of the embedded PostgreSQL: changes here do not last.
health:
  target: "{{ env_var('PGSERVICE', 'home') }}"
  outputs:
"""
_OUTPUT = """\
    %(environment)s:
      type: postgres
      host: %(host)s
      port: %(port)s
      user: %(user)s
      password: %(password)s
      dbname: %(dbname)s
      schema: staging
      # Replacing a table drops the views that read it; two at once lock each other out.
      threads: 1
"""


@dataclass(frozen=True)
class Connection:
    """What a client needs to reach one database; the password never shows in a repr."""

    port: int
    password: str = field(repr=False)
    dbname: str
    host: str = LOOPBACK
    user: str = USER

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters under their libpq names."""
        return {
            "host": self.host,
            "port": str(self.port),
            "dbname": self.dbname,
            "user": self.user,
            "password": self.password,
        }

    def connect(self) -> psycopg.Connection:
        """A session of the database, each statement committed by itself."""
        with _no_service():
            conninfo = make_conninfo(**self.parameters)
            # A server on this machine is slow to answer only where everything is.
            return psycopg.connect(conninfo, autocommit=True, connect_timeout=30)

    def url(self, *, with_password: bool = False) -> str:
        """The address as `postgresql://...`, for tools that take one."""
        secret = f":{quote(self.password, safe='')}" if with_password else ""
        return f"postgresql://{self.user}{secret}@{self.host}:{self.port}/{self.dbname}"

    def to(self, environment: str) -> Connection:
        """The same server, the database of `environment`."""
        return replace(self, dbname=database_name(environment))


def database_name(environment: str) -> str:
    """The database of a Meltano environment."""
    return f"health_{environment}"


def service_file(folder: Path) -> Path:
    """The libpq service file, for psycopg, psql and the loader (PGSERVICEFILE)."""
    return folder / "pg_service.conf"


def write_client_files(folder: Path, server: Connection) -> None:
    """Write `pg_service.conf` (libpq) and `profiles.yml` (dbt, which knows no libpq services)."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    services, outputs = [], []
    for environment in ENVIRONMENTS:
        parameters = server.to(environment).parameters
        lines = [f"{name}={value}" for name, value in parameters.items()]
        services.append("\n".join([f"[{environment}]", *lines, ""]))
        quoted = {**parameters, "password": json.dumps(server.password)}
        outputs.append(_OUTPUT % {**quoted, "environment": environment})
    write_private(service_file(folder), "\n".join(services))
    write_private(folder / "profiles.yml", _PROFILES + "".join(outputs))


@contextmanager
def _no_service() -> Iterator[None]:
    """Hide PGSERVICE: libpq insists on finding that service even if every parameter is given."""
    hidden = os.environ.pop("PGSERVICE", None)
    try:
        yield
    finally:
        if hidden is not None:
            os.environ["PGSERVICE"] = hidden
