"""Whatever happens, in whatever order: one undisturbed run later nothing is amiss."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from .play import play
from .strategies import histories
from .vendors import VENDORS

if TYPE_CHECKING:
    from .histories import History
    from .vendors import Vendor
    from .world import World

FEW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=3,
    suppress_health_check=[*HealthCheck],
)
#: How many histories of each vendor `make soak` tries.
MANY = settings(FEW, derandomize=False, max_examples=int(os.environ.get("SOAK_HISTORIES", "300")))


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_a_few_random_histories_end_well(world: World, vendor: Vendor) -> None:
    @FEW
    @given(histories(vendor, most=6))
    def ends_well(history: History) -> None:
        play(world, vendor, history)

    ends_well()


@pytest.mark.soak
@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS)
def test_many_random_histories_end_well(world: World, vendor: Vendor) -> None:
    @MANY
    @given(histories(vendor, most=14))
    def ends_well(history: History) -> None:
        play(world, vendor, history)

    ends_well()
