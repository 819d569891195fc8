"""One sync of an account at a time; a lock dies with its process."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from health_tap_core.oauth.stores.run_locks import account_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from health_tap_core.oauth.stores.run_locks import RunLocks

    from .conftest import Place

OTHER = """
import sys
from health_tap_core.oauth.stores import open_store
locks = open_store(sys.argv[1], "Vendor").run_locks()
print(*(locks.take(account) for account in sys.argv[2:]), flush=True)
sys.stdin.read()
"""


@contextmanager
def another_process(place: Place, *accounts: str) -> Iterator[None]:
    """A process that syncs accounts until it is killed."""
    command = [sys.executable, "-c", OTHER, place.address, *accounts]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline().split() == ["True"] * len(accounts)
        yield
        process.kill()


def can_be_taken(locks: RunLocks, account: str) -> bool:
    """Whether a lock is free, as soon as the database has noticed that its holder is dead."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if locks.take(account):
            return True
    return False


def test_an_account_is_synced_by_one_process_at_a_time(place: Place) -> None:
    locks = place.store().run_locks()
    with another_process(place, "ana"):
        assert not locks.take("ana")
        assert locks.take("ben")
    # It was killed, and nothing had to be tidied up.
    assert can_be_taken(locks, "ana")
    locks.release()
    with another_process(place, "ana", "ben"):
        assert not locks.take("ana")
    locks.release()


def test_a_process_may_take_its_own_account_again_after_its_run(place: Place) -> None:
    store = place.store()
    for _ in range(2):
        locks = store.run_locks()
        assert locks.take("ana")
        locks.release()
        locks.release()


def test_accounts_have_numbers_of_their_own() -> None:
    numbers = {account_number(f"account-{number}") for number in range(10_000)}
    assert len(numbers) == 10_000
    assert 0 <= min(numbers) <= max(numbers) < 2**62


def test_a_folder_that_cannot_be_made_is_told(folder: Place) -> None:
    Path(folder.address).parent.write_text("a file")
    with pytest.raises(OSError, match=r"exists|directory"):
        folder.store().run_locks().take("ana")
