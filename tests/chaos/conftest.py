"""The world of this worker's cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tools.postgres import EmbeddedPostgres

from .world import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="health-taps-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder, "home"))
        server.start()
        try:
            with server.connection().connect() as session:
                # Only processes are killed here, never the machine.
                session.execute("alter system set fsync = off")
                session.execute("select pg_reload_conf()")
            with open_world(tmp_path_factory.mktemp("chaos"), server) as made:
                yield made
        finally:
            server.stop()
