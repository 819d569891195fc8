"""What all cells of a test session share: a database server and warm processes."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from itertools import count
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet
from psycopg import sql

from health_sandbox.server import SandboxServer
from health_tap_core.oauth.codec import KEY_VARIABLE
from health_tools.private_files import write_private

from ..conftest import ROOT, make_project
from ..pipe import demo_settings
from .cell import Cell
from .invariants import state_is_not_ahead
from .processes import warm_process
from .recording import recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from health_tools.postgres import EmbeddedPostgres
    from health_tools.postgres.connection import Connection

    from .models import Recording
    from .processes import WarmProcess
    from .sync import Sync
    from .vendors import Vendor

#: The instant at which the simulated vendors' clocks stand at first.
NOON = datetime(2026, 6, 1, 12)
LOADER = ROOT / ".meltano/loaders/target-postgres/venv/bin/python"
PYTHON = ROOT / ".venv/bin/python"


@dataclass
class World:
    """Makes cells, from as many threads as you like.

    Attributes:
        folder: Where the cells have theirs.
        cache: Where a recording of the models outlives this session.
        postgres: One server with a database for each cell.
        taps: Forks taps.
        loaders: Forks loaders.
        syncs: Undisturbed ones, by whatever tells them apart.
    """

    folder: Path
    cache: Path
    postgres: EmbeddedPostgres
    taps: WarmProcess
    loaders: WarmProcess
    syncs: dict[object, Sync] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    @cached_property
    def models(self) -> Recording:
        """How the models are built."""
        return recording(self, self.cache)

    @property
    def environment(self) -> dict[str, str]:
        """The caller's variables, without settings of taps, loaders and databases."""
        return clean_environment()

    @contextmanager
    def cell(
        self,
        vendor: Vendor,
        *,
        days: float = 60,
        member: str = "ana",
        page_size: int | None = None,
        template: str = "template0",
        project: bool = False,
        **settings: str,
    ) -> Iterator[Cell]:
        """An empty database, and a member who has just been connected.

        Args:
            vendor: Whose tap.
            days: How much of the history is synced: the setting start_date. The vendor knows a
                month more.
            member: Whose history.
            page_size: Rows on a page at Withings; WHOOP's has 25.
            template: Of the database.
            project: Whether its folder is to be a whole Meltano project, with the environment demo.
            settings: More variables of the tap and the loader.
        """
        number = next(self._numbers)
        root = self.folder / f"cell-{number}"
        start = NOON - timedelta(days=days)
        with ExitStack() as stack:
            server = stack.enter_context(
                SandboxServer(
                    clock=f"{NOON:%Y-%m-%dT%H:%M:%SZ}",
                    frozen=True,
                    years=(days + 30) / 365.25,
                    requests_per_minute=100_000,
                    page_size=page_size,
                )
            )
            database = stack.enter_context(self._database(f"cell_{number}", template))
            root.mkdir()
            if project:
                make_project(root, server)
                (root / ".meltano").chmod(0o700)  # as `make setup` does
            self._write_client_files(root, database)
            oracle = vendor.oracle(server.vendor(vendor.name), member, start)
            token = oracle.sandbox.grant(member)["refresh_token"]
            yield Cell(
                tap=vendor.tap,
                root=root,
                database=database,
                server=server,
                oracle=oracle,
                environment={
                    **self.environment,
                    **demo_settings(
                        root,
                        {
                            "HEALTH_SANDBOX_URL": server.url,
                            f"HEALTH_SANDBOX_{vendor.name.upper()}_REFRESH_TOKEN": str(token),
                        },
                    ),
                    "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": oracle.schema,
                    f"{vendor.prefix}START_DATE": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                    f"{vendor.prefix}REQUESTS_PER_MINUTE": "100000",
                    KEY_VARIABLE: Fernet.generate_key().decode(),
                    # At DEBUG the loader prints the whole batch with each of its records.
                    "LOGLEVEL": "INFO",
                    **settings,
                },
                build_models=self._build_models,
                copy=partial(self._database, f"cell_{number}_copy", database.dbname),
                taps=self.taps,
                loaders=self.loaders,
                check_state=state_is_not_ahead,
            )

    def _build_models(self, address: Connection) -> None:
        self.models.build(address)

    @contextmanager
    def _database(self, name: str, template: str) -> Iterator[Connection]:
        made = replace(self.postgres.connection(), dbname=name)
        identifier = sql.Identifier(name)
        with self.postgres.connection().connect() as session:
            session.execute(
                sql.SQL("create database {} template {}").format(
                    identifier, sql.Identifier(template)
                )
            )
        try:
            yield made
        finally:  # in a session of its own: the server may have been restarted
            with self.postgres.connection().connect() as session:
                session.execute(sql.SQL("drop database {} with (force)").format(identifier))

    def _write_client_files(self, root: Path, database: Connection) -> None:
        """Have the environment ``demo`` find its database; see health_tools.postgres."""
        folder = root / ".health-taps/postgres/clients"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for file in self.postgres.client_files.iterdir():
            demo = self.postgres.connection("demo").dbname
            write_private(folder / file.name, file.read_text().replace(demo, database.dbname))


def clean_environment() -> dict[str, str]:
    """The caller's variables, without settings of taps, loaders and databases."""
    foreign = ("TAP_", "TARGET_", "PG", "MELTANO_", "HEALTH_", "DBT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)}


@contextmanager
def open_world(folder: Path, cache: Path, postgres: EmbeddedPostgres) -> Iterator[World]:
    """Warm the processes up."""
    environment = clean_environment()
    with (
        warm_process(PYTHON, "tap_process", environment) as taps,
        warm_process(LOADER, "loader_process", environment) as loaders,
    ):
        yield World(folder, cache, postgres, taps, loaders)
