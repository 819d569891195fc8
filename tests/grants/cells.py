"""A cell of the kill matrix: a refresh that is killed at one step, and all that comes after it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .accounts import TOKEN_PATHS, connected
from .conftest import POSTGRES
from .steps import STEPS

if TYPE_CHECKING:
    from pathlib import Path

    from .accounts import Account
    from .conftest import Launcher
    from .messages import Report, Vendor

#: Longer than an access token lives at either vendor, and shorter than Withings' eight hours.
EXPIRED = 4 * 3600.0
#: Until the next run of a schedule.
PAUSE = 15 * 60.0
#: Time for the vendor, in real seconds, during which the process is killed.
_THINKING = 0.5


@dataclass(frozen=True)
class Cell:
    """Where a process is killed."""

    vendor: Vendor
    store: str
    step: str

    def __str__(self) -> str:
        return f"{self.vendor}-{self.store}-{self.step}"


COLUMNS: dict[tuple[Vendor, str], str] = {
    ("whoop", "file"): "WHOOP, file",
    ("whoop", "postgres"): "WHOOP, PostgreSQL",
    ("withings", "file"): "Withings, file",
    ("withings", "postgres"): "Withings, PostgreSQL",
}
CELLS = [
    Cell(vendor, store, name)
    for name, step in STEPS.items()
    for vendor, store in COLUMNS
    if step.in_postgres or store == "file"
]


@dataclass(frozen=True)
class Run:
    """A run, and how many token requests it cost."""

    report: Report
    asked: int
    seconds: float


@dataclass(frozen=True)
class Story:
    """What happened to an account.

    Attributes:
        victim: The run that was killed.
        next: The run after it.
        third: The run after that.
        repaired: The run after a login, where one was needed.
        later: A run when the access token of the last one has expired: does the grant go on?
    """

    victim: Run
    next: Run
    third: Run
    repaired: Run | None
    later: Run

    @property
    def words(self) -> str:
        """What a person has to know of it."""
        if not self.next.report.works:
            return "one login"
        if self.victim.asked and self.next.asked:
            return "works: the old token still counts (8 hours)"
        if self.took_up:
            return "works: the written file is taken up"
        return "works"

    @property
    def took_up(self) -> bool:
        """Whether the next run used a file that the victim had written and not put in place."""
        left = self.next.report.found.beside
        return left in {"whole", "long"} and self.next.report.works and not self.next.asked


def play(
    cell: Cell,
    launcher: Launcher,
    folder: Path,
    *,
    seeded: bool = False,
    plain: bool = False,
    pause: float = PAUSE,
) -> Story:
    """Let it happen.

    Args:
        cell: Where the process is killed.
        launcher: Runs the processes.
        folder: For file stores; each account gets a folder of its own.
        seeded: The grant begins with the setting refresh_token; the victim is the first run.
        plain: There is no key.
        pause: Seconds until the next run.
    """
    name = f"{cell.step}{'-seeded' * seeded}{'-plain' * plain}{'-late' * (pause != PAUSE)}"
    address = str(folder / f"{cell.vendor}-{name}") if cell.store == "file" else POSTGRES
    with connected(launcher, cell.vendor, address, name, plain=plain) as account:
        if seeded:
            account.seed()
        else:
            account.log_in()
            account.wait(EXPIRED)
        victim = _victim(account, cell.step)
        account.wait(pause)
        following = _run(account)
        account.wait(PAUSE)
        third = _run(account)
        repaired = None
        if not third.report.works:
            account.log_in()
            repaired = _run(account)
        account.wait(EXPIRED)
        return Story(victim, following, third, repaired, _run(account))


def _victim(account: Account, step: str) -> Run:
    if step != "request-sent":
        return _run(account, step)
    # The vendor takes longer than the process lives.
    account.sandbox.add_fault(TOKEN_PATHS, "slow", delay=_THINKING)
    run = _run(account, step)
    assert not run.asked, "the vendor was faster"
    time.sleep(2 * _THINKING)
    return replace(run, asked=account.token_requests())


def _run(account: Account, step: str = "") -> Run:
    begin = time.monotonic()
    report = account.run(step=step)
    seconds = time.monotonic() - begin
    return Run(report, account.token_requests(), seconds)
