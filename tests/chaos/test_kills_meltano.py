"""``kill -9`` of Meltano: what it started lives on for a while, and the next run begins at once."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from .changes import change
from .invariants import assert_all
from .kills import STREAMS
from .meltano import Meltano, user_settings, wait_for
from .messages import Kill
from .processes import warm_process
from .reliability import cell
from .vendors import VENDORS, WHOOP, Vendor
from .world import PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .processes import WarmProcess
    from .world import World

GROUP = "Meltano killed"
#: What Meltano does; S is a stream of the vendor's.
MOMENTS = {
    "before it starts the loader": "before start of target-postgres",
    "amid the records": "after pass record S",
    "after a window's claim": "after pass claim S",
    "before it stores a state": "before storing a state",
    "with a state half stored": "before state",
    "after it has stored a state": "after state",
}
#: Seconds that a vendor takes for an answer.
SLOW = 10.0


@pytest.fixture(scope="module")
def warm(world: World) -> Iterator[WarmProcess]:
    with warm_process(PYTHON, "meltano_process", world.environment) as process:
        yield process


@pytest.fixture
def project(world: World, warm: WarmProcess) -> Iterator[Callable[[Vendor], Meltano]]:
    """Makes the project of a test."""
    with ExitStack() as stack:

        def make(vendor: Vendor) -> Meltano:
            made = stack.enter_context(world.cell(vendor, days=20, project=True))
            made.environment[f"{vendor.prefix}WINDOW_DAYS"] = "10"
            return Meltano(made, warm, {**world.environment, **user_settings(made)})

        yield make


def assert_mended(project: Meltano) -> None:
    """Everything is in order after one clean run."""
    wait_for(project.is_alone)
    project.cell.wait()
    assert project.run().code == 0, project.said()
    project.forget_settings()
    assert_all(project.cell)


@pytest.mark.parametrize(
    ("vendor", "moment"),
    [
        cell(
            GROUP,
            f"{vendor.words}: {words}",
            vendor,
            moment.replace("S", STREAMS[vendor.name]),
        )
        for vendor in VENDORS.values()
        for words, moment in MOMENTS.items()
    ],
)
def test_a_run_that_begins_at_once_does_no_harm(
    project: Callable[[Vendor], Meltano], vendor: Vendor, moment: str
) -> None:
    made = project(vendor)
    killed = made.run(kill=Kill("meltano", moment))
    assert killed.code == -signal.SIGKILL, made.said()
    assert made.run().code == 0, made.said()
    assert_mended(made)


@pytest.mark.parametrize("vendor", [cell(GROUP, "while the tap waits for the vendor", WHOOP)])
def test_a_tap_that_outlives_meltano_keeps_its_account(
    project: Callable[[Vendor], Meltano], vendor: Vendor
) -> None:
    made = project(vendor)
    made.cell.server.add_fault("*/v2/activity/sleep", "slow", delay=SLOW)
    killed = made.start()
    wait_for(lambda: killed.has_ended() or made.cell.server.faults()[0]["struck"] > 0)
    killed.kill()
    made.end(killed)
    assert killed.code == -signal.SIGKILL, made.said()
    with made.hung(made.cell.tap):
        assert made.run().code == 0, made.said()
    refused = "select distinct error from whoop_raw.sync_windows where status = 'failed'"
    assert made.cell.query(refused) == [("already_running",)]
    assert_mended(made)


@pytest.mark.parametrize("vendor", [cell(GROUP, "while the loader commits", WHOOP)])
def test_a_loader_that_outlives_meltano_keeps_its_schema(
    project: Callable[[Vendor], Meltano], vendor: Vendor
) -> None:
    made = project(vendor)
    assert made.run().code == 0, made.said()
    change(made.cell)
    with made.cell.connect() as session:
        session.execute("begin")
        session.execute("lock table whoop_raw.cycles")
        killed = made.start()
        wait_for(lambda: killed.has_ended() or made.cell.waits_for("relation"))
        killed.kill()
        made.end(killed)
        following = made.start()
        wait_for(lambda: following.has_ended() or made.cell.waits_for("advisory"))
        assert following.code is None, made.said()
        session.execute("commit")
    made.end(following)
    assert following.code == 0, made.said()
    assert "still finishing: waiting for it" in made.said()
    assert_mended(made)


@pytest.mark.parametrize("vendor", [cell(GROUP, "while dbt builds", WHOOP)])
def test_a_build_that_outlives_meltano_keeps_the_models(
    project: Callable[[Vendor], Meltano], vendor: Vendor
) -> None:
    made = project(vendor)
    job = [*made.load, "dbt:build"]
    killed = made.run(*job, kill=Kill("meltano", "after start of dbt"))
    assert killed.code == -signal.SIGKILL, made.said()
    assert not made.is_alone()
    assert made.run(*job).code == 0, made.said()
    assert "build of the models is still finishing: waiting for it" in made.said()
    assert_mended(made)
