"""No ratio is three times worse than docs/performance.md claims, in the small form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import page
from benchmarks.__main__ import PARTS

if TYPE_CHECKING:
    from types import ModuleType

SMALL = page.claims("small")
#: Too long for every change: a backfill at the documented pace waits more than it works.
LONG = {"benchmarks.backfill"}


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(part, marks=[pytest.mark.soak] if part.__name__ in LONG else [])
        for part in PARTS
    ],
    ids=lambda part: part.__name__,
)
def test_nothing_is_three_times_worse_than_claimed(part: ModuleType) -> None:
    for figure in part.figures(small=True):
        if figure.goal:
            assert figure.goal.is_near(figure.ratio, SMALL[figure.name]), figure


def test_what_the_page_claims_is_what_was_measured() -> None:
    told = page.PAGE.read_text()
    for name, ratio in page.claims("whole").items():
        assert f"| {ratio:.2f} |" in told, name


def test_the_small_form_is_a_part_of_the_whole() -> None:
    assert SMALL.keys() <= page.claims("whole").keys()
