"""The world of this worker's cells, and the list of all cells."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tools.postgres import EmbeddedPostgres

from .reliability import PAGE, Name, Results, list_cells, names
from .world import open_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .world import World


HERE = Path(__file__).parent
#: The cells that this process has collected, and the files that they may be in.
COLLECTED, FILES = pytest.StashKey[list[Name]](), pytest.StashKey[set[str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-reliability", action="store_true", help="write what becomes of the cells to docs"
    )


def pytest_configure(config: pytest.Config) -> None:
    writes = config.getoption("--write-reliability", default=False)
    if writes and not config.option.collectonly and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(PAGE))


@pytest.hookimpl(tryfirst=True)  # before those are deselected that this run is not about
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.stash[COLLECTED] = names(items)
    config.stash[FILES] = {item.path.name for item in items if item.path.parent == HERE}


def pytest_collection_finish(session: pytest.Session) -> None:
    config = session.config
    if config.option.collectonly and config.getoption("--write-reliability", default=False):
        collected: list[Name] = config.stash[COLLECTED]
        list_cells(PAGE, collected)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="health-taps-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder, "home"))
        server.start()
        try:
            with server.connection().connect() as session:
                # Only processes are killed here, never the machine.
                session.execute("alter system set fsync = off")
                session.execute("select pg_reload_conf()")
            cache = pytestconfig.cache.mkdir("chaos") if pytestconfig.cache else Path(folder)
            with open_world(tmp_path_factory.mktemp("chaos"), cache, server) as made:
                yield made
        finally:
            server.stop()
