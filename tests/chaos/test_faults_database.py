"""The database is down, is cut off, refuses, or has no room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .reliability import cell
from .small_disk import small_disk
from .strikes import BOTH, Settings, each, last_words, survived
from .vendors import WHOOP, WITHINGS
from .wire import wired

if TYPE_CHECKING:
    from .cell import Cell
    from .sync import Sync
    from .vendors import Vendor
    from .world import World

GROUP = "Faults of the database"
#: The claims land first: that is when a claim without its rows would do most harm.
CLAIMS_FIRST = ["sync_windows"]


def tables(vendor: Vendor) -> list[str]:
    """A table that is drained late, and the sync log, which is drained first."""
    return ["sleeps" if vendor is WHOOP else "measures", "sync_windows"]


def set_default(world: World, struck: Cell, setting: str) -> None:
    """Let all further sessions of the cell's database begin like this."""
    name = struck.database.dbname
    with world.postgres.connection().connect() as session:
        session.execute(f"alter database {name} set {setting}".encode())


def assert_loader_failed(done: Sync, reason: str) -> None:
    assert done.loader.code not in {0, None}, last_words(done)
    assert reason in done.said, last_words(done)


@pytest.mark.parametrize("vendor", each(GROUP, "down before the run"))
def test_a_database_that_is_down_costs_no_request(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        with wired(struck) as (wire, settings):
            wire.cut()
            done = struck.sync(**settings)
        assert_loader_failed(done, "The database does not answer")
        assert struck.state is None


@pytest.mark.parametrize(
    ("vendor", "table"),
    [
        cell(GROUP, f"{vendor.words}: restarted before the commit of {table}", vendor, table)
        for vendor in BOTH
        for table in tables(vendor)
    ],
)
def test_a_restart_of_the_database_loses_nothing(world: World, vendor: Vendor, table: str) -> None:
    with survived(world, vendor) as struck:

        def restart() -> None:
            world.postgres.stop()
            world.postgres.start()

        done = struck.sync(
            at={("loader", f"before commit rows {table}"): restart}, drain_order=CLAIMS_FIRST
        )
        assert_loader_failed(done, "OperationalError")
        assert struck.state is None


CUTS = [
    cell(
        GROUP,
        f"{vendor.words}: cut at the commit of {table}, which {words}",
        vendor,
        table,
        carried_out,
        quick=(vendor, table) == (WITHINGS, "sync_windows") and carried_out,
    )
    for vendor in BOTH
    for table in tables(vendor)
    for words, carried_out in (("was carried out", True), ("never arrived", False))
]


@pytest.mark.parametrize(("vendor", "table", "carried_out"), CUTS)
def test_a_commit_in_doubt_is_repeated(
    world: World, vendor: Vendor, table: str, carried_out: bool
) -> None:
    with survived(world, vendor) as struck, wired(struck) as (wire, settings):
        done = struck.sync(
            at={
                ("loader", f"before commit rows {table}"): (
                    wire.lose_answer if carried_out else wire.lose_request
                )
            },
            drain_order=CLAIMS_FIRST,
            **settings,
        )
        assert_loader_failed(done, "OperationalError")
        assert struck.state is None
        rows = struck.query(f"select from {struck.oracle.schema}.{table}")
        assert bool(rows) == carried_out


@pytest.mark.parametrize("vendor", each(GROUP, "cut off between two drains"))
def test_what_was_confirmed_before_a_cut_stays(world: World, vendor: Vendor) -> None:
    short: Settings = {f"{vendor.prefix}WINDOW_DAYS": "5"}
    with survived(world, vendor, **short) as struck, wired(struck) as (wire, settings):
        done = struck.sync(
            at={("loader", "after confirmation"): wire.cut}, drain_every=25, **settings
        )
        assert_loader_failed(done, "OperationalError")
        assert len(done.confirmed) == 1
        assert struck.state


@pytest.mark.parametrize("vendor", each(GROUP, "read-only"))
def test_a_read_only_database_is_said(world: World, vendor: Vendor) -> None:
    with survived(world, vendor) as struck:
        set_default(world, struck, "default_transaction_read_only = on")
        done = struck.sync()
        set_default(world, struck, "default_transaction_read_only = off")
        assert_loader_failed(done, "read-only transaction")
        assert struck.state is None


@pytest.mark.parametrize("vendor", each(GROUP, "disk full", quick={WHOOP}))
def test_a_full_disk_is_said_and_mended_by_room(world: World, vendor: Vendor) -> None:
    with small_disk(world, size="500k") as disk, survived(world, vendor, days=60) as struck:
        set_default(world, struck, f"default_tablespace = {disk.name}")
        done = struck.sync(drain_order=CLAIMS_FIRST)
        assert_loader_failed(done, "No space left on device")
        assert struck.state is None
        assert struck.query(f"select from {struck.oracle.schema}.sync_windows")
        disk.grow()
