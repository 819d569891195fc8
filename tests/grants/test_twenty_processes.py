"""Twenty processes find an expired token at the same moment: one of them asks the vendor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .accounts import TOKEN_PATHS, connected
from .cells import COLUMNS, EXPIRED
from .conftest import POSTGRES

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Launcher
    from .messages import Vendor

TWENTY = 20
#: Seconds that the vendor takes: enough for all of them to ask it, if nothing kept them.
SLOW = 0.5


@pytest.mark.parametrize(("vendor", "store"), COLUMNS)
@pytest.mark.parametrize("begun_by", ["login", "seed"])
def test_one_of_twenty_asks_and_all_succeed(
    launcher: Launcher, tmp_path: Path, vendor: Vendor, store: str, begun_by: str
) -> None:
    address = str(tmp_path / "grants") if store == "file" else POSTGRES
    with connected(launcher, vendor, address, f"twenty-{begun_by}") as account:
        if begun_by == "login":
            account.log_in()
        else:
            account.seed()
        account.wait(EXPIRED)
        account.sandbox.add_fault(TOKEN_PATHS, "slow", times=None, delay=SLOW)
        reports = account.run_many(TWENTY)
        assert [report for report in reports if not report.works] == []
        assert len(reports) == TWENTY
        assert account.token_requests() == 1
        assert len({report.token for report in reports}) == 1
        before = 1 if begun_by == "login" else 0
        assert {report.found.version for report in reports} == {before}
