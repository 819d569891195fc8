"""A Meltano project of its own for each test module: real Meltano, PostgreSQL, dbt, sandbox."""

from __future__ import annotations

import configparser
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from health_sandbox.server import SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MELTANO = ROOT / ".venv" / "bin" / "meltano"
NOW = "2026-06-01T12:00:00Z"
SHARED = ["constraints.txt", "health-tap-core", "health-tools", "tap-whoop", "transform"]


@dataclass
class Run:
    """A finished command: its exit code and all that it said."""

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

    def connect(self, member: str, scopes: list[str] | None = None) -> None:
        grant = self.sandbox.grant(member, scopes=scopes)
        self.env["HEALTH_SANDBOX_WHOOP_REFRESH_TOKEN"] = str(grant["refresh_token"])

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
        return Run(done.returncode, done.stdout)

    def run(self, *arguments: str, **env: str) -> str:
        """Run something that has to succeed."""
        done = self.meltano("run", *arguments, **env)
        assert done.code == 0, done.text
        return done.text

    def sync(self, **env: str) -> str:
        """One bare sync, as the README types it."""
        return self.run("tap-whoop", "target-postgres", **env)

    def connection(self, zone: str = "UTC") -> psycopg.Connection[Any]:
        """A connection to the demo database, in a session of that time zone."""
        services = configparser.ConfigParser(interpolation=None)
        services.read(self.root / ".health-taps/postgres/clients/pg_service.conf")
        options: Any = {**services["demo"], "options": f"-c TimeZone={zone}"}
        return psycopg.connect(**options)

    def execute(self, sql: str) -> None:
        """Change something in the demo database."""
        with self.connection() as connection:
            connection.execute(sql.encode())

    def query(self, sql: str, *, zone: str = "UTC") -> list[Any]:
        """Ask the demo database."""
        with self.connection(zone) as connection:
            return connection.execute(sql.encode()).fetchall()

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
    }
    return project


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(clock=NOW, frozen=True, years=1, requests_per_minute=10_000) as server:
        yield server


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, sandbox: SandboxServer) -> Iterator[Project]:
    made = make_project(tmp_path_factory.mktemp("project"), sandbox)
    made.connect("ana")
    started = made.meltano("invoke", "postgres:start")
    assert started.code == 0, started.text
    yield made
    made.meltano("invoke", "postgres:stop")
