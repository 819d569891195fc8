"""Whatever happens, in whatever order: one undisturbed run later nothing is amiss.

A history that ends badly is printed as small as it could be made, as the code that makes it: it
belongs into known_histories.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from .known_histories import KNOWN, QUICK
from .play import play
from .reliability import cell
from .strategies import histories
from .vendors import VENDORS, WHOOP

if TYPE_CHECKING:
    from .histories import History
    from .vendors import Vendor
    from .world import World

FEW = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=2,
    suppress_health_check=[*HealthCheck],
)
#: How many histories of each vendor `make soak` makes up.
MANY = settings(FEW, derandomize=False, max_examples=int(os.environ.get("SOAK_HISTORIES", "300")))


@pytest.mark.parametrize(
    ("vendor", "history"),
    [
        cell(
            *("Histories", f"{VENDORS[name].words}: {words}", VENDORS[name], history),
            quick=words in QUICK,
        )
        for name, known in KNOWN.items()
        for words, history in known.items()
    ],
)
def test_what_once_ended_badly_ends_well(world: World, vendor: Vendor, history: History) -> None:
    play(world, vendor, history)


@pytest.mark.parametrize(
    "vendor",
    [
        cell(
            "Histories", f"{vendor.words}: the same few random ones", vendor, quick=vendor is WHOOP
        )
        for vendor in VENDORS.values()
    ],
)
def test_a_few_random_histories_end_well(world: World, vendor: Vendor) -> None:
    @FEW
    @given(histories(vendor, least=4, most=6))
    def ends_well(history: History) -> None:
        play(world, vendor, history)

    ends_well()


@pytest.mark.parametrize(
    "vendor",
    [cell("Histories", f"{vendor.words}: many random ones", vendor) for vendor in VENDORS.values()],
)
def test_many_random_histories_end_well(world: World, vendor: Vendor) -> None:
    @MANY
    @given(histories(vendor, most=14))
    def ends_well(history: History) -> None:
        play(world, vendor, history)

    ends_well()
