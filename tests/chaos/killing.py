"""How a cell of the kill matrix goes: a kill, what has to hold at once, a clean run, everything."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from .changes import change
from .invariants import assert_all, nothing_is_there_twice, what_is_proven_is_there
from .messages import Kill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cell import Cell
    from .kills import KillCell
    from .sync import Sync
    from .world import World


def survive(world: World, kill: KillCell) -> None:
    """Kill, run once more, and find everything in order."""
    at = Kill(kill.process, kill.moment, _nth(world, kill))
    with _prepared(world, kill) as cell:
        killed = _run(cell, kill, at)
        victim = killed[kill.process]
        assert victim.code == -signal.SIGKILL, killed.said
        assert victim.moments[-1] == kill.moment
        if cell.has_tables():
            nothing_is_there_twice(cell)
            cell.build()
            what_is_proven_is_there(cell)
        cell.wait()
        clean = cell.sync()
        assert clean.works, clean.said
        assert_all(cell)


@contextmanager
def _prepared(world: World, kill: KillCell) -> Iterator[Cell]:
    """A cell just before the sync in which somebody is to be killed."""
    setup, name = kill.setup, f"{kill.vendor.prefix}WINDOW_DAYS"
    with world.cell(kill.vendor, days=setup.days, page_size=setup.page_size) as cell:
        if setup.window_days is not None:
            cell.environment[name] = str(setup.window_days)
        if kill.later:
            assert cell.sync().works
            change(cell)
        yield cell


def _run(cell: Cell, kill: KillCell, at: Kill | None = None) -> Sync:
    return cell.sync(
        at,
        power_cut=kill.power_cut,
        drain_every=kill.setup.drain_every,
        drain_order=kill.setup.drain_order(kill.vendor),
    )


def _nth(world: World, kill: KillCell) -> int:
    """Which of the moments of its name it is, by the trace of the same sync without a kill."""
    same = replace(kill, process="", moment="", which=_any)
    if same not in world.syncs:
        with _prepared(world, kill) as cell:
            world.syncs[same] = _run(cell, kill)
    trace = world.syncs[same][kill.process].moments
    assert kill.moment in trace
    return kill.which(trace, kill.moment)


def _any(_: list[str], __: str) -> int:
    return 1
