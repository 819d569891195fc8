"""Guards of what is in the database, each with the test that proves it; and without it that fails.

Of the models, the text that dbt executes is changed. A guard whose text is not where it was is an
error.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from ..conftest import ROOT
from ..oracle.records import parse_instant
from .cell import Cell
from .guards import GROUP
from .invariants import the_newest_version_wins, what_is_proven_is_there
from .messages import Kill
from .processes import warm_process
from .vendors import WHOOP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from .models import Nodes, Recording
    from .world import World

LOADER = ROOT / ".meltano/loaders/target-postgres/venv/bin/python"
#: More than the cap: 20 records, and 10 % of those of a window.
MANY = 21
#: A workout's id.
MOVED = "1d9a4c5e-6f0b-4c53-9a55-0c2a3f1b7d52"
CLAIMS = "model.health.int_sync__claims"
MISSING = "model.health.int_sync__missing_records"
DELETED = "model.health.deleted_records"


class NextRun(Cell):
    """A run beside another one, whose sessions it does not wait for."""

    def settle(self) -> None:
        """Nothing."""


@pytest.fixture
def models(world: World) -> Recording:
    return world.models


@pytest.fixture(scope="module")
def torn(world: World) -> Iterator[Cell]:
    """The sync log of a first run has landed, and nothing of the sleeps that it claims."""
    with world.cell(WHOOP, days=20) as cell:
        cell.sync(Kill("loader", "before commit rows sleeps"), drain_order=["sync_windows"])
        yield cell


@pytest.fixture(scope="module")
def shrunk(world: World) -> Iterator[Cell]:
    """WHOOP has lost many sleeps, and a workout is a few hours older than it was before."""
    with world.cell(WHOOP, days=60) as cell:
        now = parse_instant(cell.sandbox.now())
        workout = {"id": MOVED, **_hours_ago(now, 70, 69)}
        cell.sandbox.add("ana", "workouts", workout)
        assert cell.sync().works
        for sleep in cell.sandbox.truth("ana", "sleeps")[5 : 5 + MANY]:
            cell.sandbox.delete("ana", "sleeps", sleep["id"])
        cell.wait()
        assert cell.sync(TAP_WHOOP_RECONCILE_DAYS="60").works
        cell.sandbox.edit("ana", "workouts", MOVED, _hours_ago(now, 76, 75))
        cell.wait()
        assert cell.sync(TAP_WHOOP_RECONCILE_DAYS="3").works
        yield cell


def test_a_claim_whose_rows_never_landed_proves_nothing(torn: Cell, models: Recording) -> None:
    with torn.copy() as copy:
        models.build(copy)
        what_is_proven_is_there(replace(torn, database=copy))


def test_many_deletions_at_once_wait_for_a_confirmation(shrunk: Cell, models: Recording) -> None:
    with shrunk.copy() as copy, copy.connect() as session:
        models.build(copy)
        deleted = session.execute(
            "select count(*) from meta.deleted_records where raw_relation = 'whoop_raw.sleeps'"
        ).fetchall()
        held = session.execute(
            "select stream, records, reason from meta.held_deletions where stream = 'sleeps'"
        ).fetchall()
    assert (deleted, held) == ([(0,)], [("sleeps", MANY, "too_many")])


def test_a_record_that_moved_out_of_a_window_is_not_deleted(
    shrunk: Cell, models: Recording
) -> None:
    with shrunk.copy() as copy, copy.connect() as session:
        models.build(copy)
        deleted = session.execute(
            "select raw_source_id from meta.deleted_records where raw_relation like '%.workouts'"
        ).fetchall()
    assert deleted == []


def test_an_orphaned_loader_overwrites_nothing_newer(world: World) -> None:
    """Its tap was killed; it drains what it had read while the next run reads newer versions."""
    with world.cell(WHOOP, days=10) as cell:
        night = cell.sandbox.truth("ana", "sleeps")[0]["id"]
        assert cell.sync().works
        following: list[Thread] = []

        def start_the_next_run() -> None:
            cell.wait()
            cell.sandbox.edit("ana", "sleeps", night, {"score": {"respiratory_rate": 12.5}})
            following.append(Thread(target=NextRun(**vars(cell)).sync))
            following[0].start()
            while following[0].is_alive() and not cell.query(_IS_DONE_OR_WAITS):
                time.sleep(0.01)

        cell.wait()
        cell.sandbox.edit("ana", "sleeps", night, {"score": {"respiratory_rate": 11.5}})
        cell.sync(
            Kill("tap", "after end"), at={("loader", "before end of input"): start_the_next_run}
        )
        following[0].join()
        the_newest_version_wins(cell)


def without(models: Recording, node: str, guard: str, instead: str) -> Recording:
    """The models with a text of one of them replaced, wherever it stands there."""

    def changed(nodes: Nodes) -> Nodes:
        if node not in nodes:
            return nodes
        made = [(re.sub(guard, instead, text), values) for text, values in nodes[node]]
        assert made != nodes[node], f"{node} has no {guard}"
        return {**nodes, node: made}

    return replace(models, first=changed(models.first), again=changed(models.again))


@pytest.mark.cell(GROUP, "the count of rows that have landed")
def test_without_the_count_of_rows_it_is_noticed(torn: Cell, models: Recording) -> None:
    credulous = without(models, CLAIMS, r">= sync_windows\.distinct_keys", ">= 0")
    with pytest.raises(AssertionError, match=r"sleeps \(UUID"):
        test_a_claim_whose_rows_never_landed_proves_nothing(torn, credulous)


@pytest.mark.cell(GROUP, "the cap on deletions")
def test_without_the_cap_it_is_noticed(shrunk: Cell, models: Recording) -> None:
    hasty = without(models, DELETED, "missing_records <= 20", "true")
    with pytest.raises(AssertionError, match=re.escape("assert ([(21,)], [])")):
        test_many_deletions_at_once_wait_for_a_confirmation(shrunk, hasty)


@pytest.mark.cell(GROUP, "the settle margin of deletions")
def test_without_the_settle_margin_it_is_noticed(shrunk: Cell, models: Recording) -> None:
    strict = without(models, MISSING, r"\(interval '1 hour'\) \* \(-?24\)", "interval '0'")
    with pytest.raises(AssertionError, match=MOVED):
        test_a_record_that_moved_out_of_a_window_is_not_deleted(shrunk, strict)


@pytest.mark.cell(GROUP, "the lock of the loader")
def test_without_the_loaders_lock_it_is_noticed(world: World) -> None:
    with (
        warm_process(LOADER, "unlocked_loader", world.environment) as loaders,
        pytest.raises(AssertionError, match="sleeps"),
    ):
        test_an_orphaned_loader_overwrites_nothing_newer(replace(world, loaders=loaders))


_IS_DONE_OR_WAITS = """
select from whoop_raw.sleeps where score_respiratory_rate = 12.5
union all
select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'
"""


def _hours_ago(now: datetime, start: int, end: int) -> dict[str, str]:
    return {
        name: f"{now - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}.000Z"
        for name, hours in (("start", start), ("end", end))
    }
