"""A Meltano project of its own for each test module: real Meltano, PostgreSQL, dbt, sandbox."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MELTANO = ROOT / ".venv" / "bin" / "meltano"
NOW = "2026-06-01T12:00:00Z"
#: An event of Meltano's at DEBUG level, with the indented lines that belong to it.
DEBUG_EVENT = re.compile(r"^\S+Z \[debug .*\n(?:(?: .*)?\n)*", re.MULTILINE)
SHARED = [
    "constraints.txt",
    "dashboards",
    "health-tap-core",
    "health-tools",
    "tap-whoop",
    "tap-withings",
    "transform",
]


@dataclass
class Run:
    """A finished command: its exit code and all that its user sees, without DEBUG."""

    code: int
    text: str

    def by(self, plugin: str) -> str:
        """What one plugin said; Meltano may add a traceback when both ends of a pipe end."""
        return "\n".join(line for line in self.text.splitlines() if f"] {plugin} " in line)


@dataclass
class Project:
    """A copy of the project: same files and plugins; state, grants and database of its own."""

    root: Path
    sandbox: SandboxServer
    env: dict[str, str] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def connect(self, member: str, vendor: str = "whoop", scopes: list[str] | None = None) -> None:
        grant = self.sandbox.vendor(vendor).grant(member, scopes=scopes)
        variable = f"HEALTH_SANDBOX_{vendor.upper()}_REFRESH_TOKEN"
        self.env[variable] = str(grant["refresh_token"])

    def meltano(self, *arguments: str, environment: str | None = "demo", **env: str) -> Run:
        """Run Meltano; nothing of the caller's own settings comes through."""
        foreign = ("TAP_", "TARGET_", "PG", "MELTANO_", "HEALTH_", "DBT_")
        clean = {k: v for k, v in os.environ.items() if not k.startswith(foreign)}
        done = subprocess.run(
            [str(MELTANO), *([f"--environment={environment}"] if environment else []), *arguments],
            cwd=self.root,
            env={**clean, **self.env, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.said.append(done.stdout)
        return Run(done.returncode, DEBUG_EVENT.sub("", done.stdout))

    def run(self, *arguments: str, **env: str) -> str:
        """Run something that has to succeed."""
        done = self.meltano("run", *arguments, **env)
        assert done.code == 0, done.text
        return done.text

    def sync(self, tap: str = "tap-whoop", **env: str) -> str:
        """One bare sync, as the README types it."""
        return self.run(tap, "target-postgres", **env)

    def connection(self, zone: str = "UTC", **other: Any) -> psycopg.Connection[Any]:
        """A connection to the demo database, in a session of that time zone."""
        services = configparser.ConfigParser(interpolation=None)
        services.read(self.root / ".health-taps/postgres/clients/pg_service.conf")
        options: Any = {**services["demo"], "options": f"-c TimeZone={zone}", **other}
        return psycopg.connect(**options)

    def execute(self, sql: str) -> None:
        """Change something in the demo database."""
        with self.connection() as connection:
            connection.execute(sql.encode())

    def query(self, sql: str, *, zone: str = "UTC") -> list[Any]:
        """Ask the demo database."""
        with self.connection(zone) as connection:
            return connection.execute(sql.encode()).fetchall()

    def dump_tables(self) -> None:
        """Write every table of every database into the project's folder, values in clear.

        In the server's own files a long value is compressed: nobody could search for it there.
        """
        with self.connection() as session:
            databases = session.execute(
                "select datname from pg_database where datallowconn and not datistemplate"
            ).fetchall()
        for (database,) in databases:
            folder = self.root / "tables" / database
            folder.mkdir(parents=True, exist_ok=True)
            with self.connection(dbname=database) as session:
                tables = session.execute(
                    "select schemaname, tablename from pg_tables "
                    "where schemaname not in ('pg_catalog', 'information_schema')"
                ).fetchall()
                for schema, table in tables:
                    copy = sql.SQL("copy {} to stdout").format(sql.Identifier(schema, table))
                    with session.cursor().copy(copy) as rows:
                        (folder / f"{schema}.{table}").write_bytes(b"".join(rows))

    def data_requests(self) -> list[str]:
        """Paths of the API requests since the last call, without the base."""
        paths = [r["path"].partition("/developer")[2] for r in self.sandbox.requests()]
        self.sandbox.clear_requests()
        return sorted(path for path in paths if path)


def make_project(root: Path, sandbox: SandboxServer) -> Project:
    """Copy what a project is made of; the plugins' environments are the installed ones."""
    meltano_yml = (ROOT / "meltano.yml").read_text()
    for line in meltano_yml.splitlines():
        if "pip_url:" in line:  # as they were installed, or Meltano would install them anew
            there = line.replace("$MELTANO_PROJECT_ROOT", str(ROOT))
            meltano_yml = meltano_yml.replace(line, there)
    (root / "meltano.yml").write_text(meltano_yml)
    # At DEBUG level: what is said there is searched for secrets after all tests.
    (root / "logging.yaml").symlink_to(ROOT / "tests" / "logging.yaml")
    (root / ".health-taps").mkdir(mode=0o700)
    for name in SHARED:
        (root / name).symlink_to(ROOT / name)
    for venv in (ROOT / ".meltano").glob("*/*/venv"):
        link = root / venv.relative_to(ROOT)
        link.parent.mkdir(parents=True)
        link.symlink_to(venv)
    project = Project(root, sandbox)
    project.env = {
        "MELTANO_CLI_DISABLE_VERSION_CHECK": "1",
        "HEALTH_SANDBOX_URL": sandbox.url,
        "TAP_WHOOP_START_DATE": "2026-03-01",
        "TAP_WHOOP_REQUESTS_PER_MINUTE": "10000",
        "TAP_WITHINGS_REQUESTS_PER_MINUTE": "10000",
    }
    return project


@contextmanager
def running(project: Project) -> Iterator[Project]:
    """The project with its database; what is in there at the end is kept beside it."""
    started = project.meltano("invoke", "postgres:start")
    assert started.code == 0, started.text
    try:
        yield project
        project.dump_tables()
    finally:
        project.meltano("invoke", "postgres:stop")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever changes the report write its pictures anew."""
    parser.addoption(
        "--write-pictures", action="store_true", help="write the pictures of the docs anew"
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=1, requests_per_minute=10_000) as server:
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxServer) -> Iterator[Project]:
    made = make_project(tmp_path_factory.mktemp("project"), sandbox)
    made.connect("ana")
    with running(made):
        yield made
