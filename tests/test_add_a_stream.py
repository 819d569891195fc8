"""docs/add-a-stream.md, followed on what docs/add-a-vendor.md made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import ROOT
from .lull_home import open_home, type_in
from .recipe import Recipe, copy_repository

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = Recipe(ROOT / "docs/add-a-vendor.md")
PAGE = Recipe(ROOT / "docs/add-a-stream.md")
CHECK_THE_TAP, *CHECK_MORE = PAGE.commands


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository with the vendor in it, and the stream."""
    made = tmp_path_factory.mktemp("repository")
    copy_repository(made)
    BEFORE.follow(made)
    PAGE.follow(made)
    return made


def test_the_tap_has_one_more_stream(folder: Path) -> None:
    type_in(folder, CHECK_THE_TAP)


@pytest.mark.soak
@pytest.mark.parametrize("commands", CHECK_MORE)
def test_its_other_commands_find_nothing_wrong(folder: Path, commands: str) -> None:
    type_in(folder, commands)


@pytest.mark.soak
def test_what_it_tells_is_canonical_and_no_test_of_the_models_fails(folder: Path) -> None:
    with open_home(folder) as home:
        home.sync()
        home.build("--log-level=warn", "build")
        assert home.query(
            "select local_date::text, value_num from canonical.biometrics_vitals "
            "where metric_code = 'spo2' order by 1"
        ) == [("2026-05-30", 97.5), ("2026-05-31", 97.5)]
        assert home.query(
            "select local_date::text, status from meta.coverage_ledger "
            "where stream = 'spot_checks' and local_date between '2026-05-29' and '2026-05-30' "
            "order by 1"
        ) == [("2026-05-29", "nothing_recorded"), ("2026-05-30", "received")]
