"""The cells are what they claim to be: real syncs, killed exactly where they were told to die."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from .invariants import assert_all, nothing_is_lost
from .messages import Kill
from .vendors import VENDORS, WHOOP

if TYPE_CHECKING:
    from .vendors import Vendor
    from .world import World


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_an_undisturbed_sync_leaves_nothing_to_wish_for(world: World, vendor: Vendor) -> None:
    with world.cell(vendor, days=20) as cell:
        done = cell.sync()
        assert done.works, done.said
        assert len(done.confirmed) == 1
        assert_all(cell)


def test_a_process_dies_at_the_very_moment_and_what_it_leaves_is_noticed(world: World) -> None:
    with world.cell(WHOOP, days=20) as cell:
        done = cell.sync(Kill("tap", "before record cycles", 3))
        assert done.tap.code == -signal.SIGKILL
        assert done.tap.moments[-1] == "before record cycles"
        assert done.loader.moments.count("after record cycles") == 2
        with pytest.raises(AssertionError, match="cycles"):
            nothing_is_lost(cell)


def test_a_confirmed_state_is_held_against_the_database(world: World) -> None:
    with world.cell(WHOOP, days=20) as cell:

        def steal() -> None:
            cell.query("delete from whoop_raw.sleeps where not nap returning 1")

        with pytest.raises(AssertionError, match="sleeps"):
            cell.sync(at={("loader", "before confirmation"): steal})


def test_a_loader_that_drains_in_between_confirms_in_between(world: World) -> None:
    with world.cell(WHOOP, days=20) as cell:
        done = cell.sync(TAP_WHOOP_WINDOW_DAYS="5", drain_every=20, drain_order=["sync_windows"])
        assert done.works, done.said
        assert len(done.confirmed) > 2
        commits = [m for m in done.loader.moments if m.startswith("after commit rows")]
        assert commits[0] == "after commit rows sync_windows"
