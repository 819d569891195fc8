"""``kill -9`` of the tap and of the loader, wherever it can strike: one clean run mends it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .killing import survive
from .kills import GROUPS, KillCell
from .reliability import cell
from .vendors import VENDORS

if TYPE_CHECKING:
    from .world import World

#: Those of `make test`: one at least for each way of being hurt.
QUICK = {
    ("whoop", "within a RECORD amid a window"),
    ("whoop", "after a STATE between windows"),
    ("withings", "during a page amid others"),
    ("withings", "COMMIT unconfirmed of the claims, first of all"),
    ("whoop", "COMMIT sent of the claims, last of all"),
    ("withings", "loader, COMMIT of the rows sent"),
}


@pytest.mark.parametrize(
    "kill",
    [
        cell(group, f"{vendor.words}: {words}", kill, quick=(name, words) in QUICK)
        for group, members in GROUPS.items()
        for name, vendor in VENDORS.items()
        for words, kill in members(vendor)
    ],
)
def test_a_clean_run_mends_what_a_kill_left(world: World, kill: KillCell) -> None:
    survive(world, kill)
