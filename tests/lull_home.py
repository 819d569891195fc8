"""A copy of the repository in which docs were followed, with a database and the invented vendor."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from health_tools.postgres import EmbeddedPostgres

from .chaos.world import clean_environment
from .conftest import ROOT
from .lull import Lull
from .pipe import flow
from .real_dbt import dbt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAP = [sys.executable, "-c", "from tap_lull.tap import TapLull; TapLull.cli()"]
LOADER = str(ROOT / ".meltano/loaders/target-postgres/venv/bin/health-target-postgres")


@dataclass
class Home:
    """Syncs and builds by what the pages made.

    Attributes:
        folder: The copy.
        vendor: Its API.
        postgres: The server.
    """

    folder: Path
    vendor: Lull
    postgres: EmbeddedPostgres

    def sync(self) -> None:
        """Run the tap into the loader."""
        to = self.postgres.connection()
        settings = {
            "TAP_LULL_CLIENT_ID": "client",
            "TAP_LULL_CLIENT_SECRET": "secret",
            "TAP_LULL_REFRESH_TOKEN": "refresh-0",
            "TAP_LULL_TOKEN_STORE": str(self.folder / "grants"),
            "TAP_LULL_ACCOUNTS": '["ada"]',
            "TAP_LULL_START_DATE": "2026-05-20",
            "TAP_LULL_API_URL": self.vendor.url,
            "TAP_LULL_TOKEN_URL": f"{self.vendor.url}/token",
            "TARGET_POSTGRES_HOST": to.host,
            "TARGET_POSTGRES_PORT": str(to.port),
            "TARGET_POSTGRES_USER": to.user,
            "TARGET_POSTGRES_PASSWORD": to.password,
            "TARGET_POSTGRES_DATABASE": to.dbname,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "lull_raw",
            "TARGET_POSTGRES_VALIDATE_RECORDS": "false",
            "PGTZ": "UTC",
        }
        environment = {**tools(self.folder), **settings}
        flow(TAP, LOADER, environment, self.folder / "state.json")

    def build(self, *arguments: str) -> None:
        """Build the models, without tests unless dbt's arguments say otherwise."""
        project = str(self.folder / "transform")
        dbt(self.folder / "dbt", *arguments, DBT_PROJECT_DIR=project)(self.postgres.connection())

    def query(self, statement: str) -> list[Any]:
        """Ask the database."""
        with self.postgres.connection().connect() as session:
            return session.execute(statement.encode()).fetchall()


@contextmanager
def open_home(folder: Path) -> Iterator[Home]:
    """A home whose vendor knows three nights; nothing is synced yet."""
    postgres = EmbeddedPostgres(folder / "postgres")
    postgres.start()
    try:
        with Lull("Mon, 01 Jun 2026 12:00:00 GMT") as vendor:
            yield Home(folder, vendor, postgres)
    finally:
        postgres.stop()


def tools(folder: Path) -> dict[str, str]:
    """Variables with which Python finds what a page made, as if it were installed."""
    return {**clean_environment(), "PYTHONPATH": str(folder / "tap-lull")}


def type_in(folder: Path, commands: str) -> None:
    """Run a page's commands, which have to find nothing wrong."""
    done = subprocess.run(
        ["bash", "-euc", commands],
        cwd=folder,
        env=tools(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
