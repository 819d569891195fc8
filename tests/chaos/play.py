"""Plays a history: real syncs, a real database, and at the end everything has to be as promised."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import TYPE_CHECKING

from . import histories as h
from .invariants import assert_all
from .lives import LIVES
from .promises import Promises

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from .cell import Cell
    from .sync import Sync
    from .vendors import Vendor
    from .world import World

#: Seconds before a sync in which a machine does something else: two runs never see one instant.
BREATH = 60.0
#: Minutes.
DAY = 24 * 60


def play(world: World, vendor: Vendor, history: h.History) -> None:
    """Live through a history, then sync once without a disturbance: nothing may be amiss.

    The last run is one of a schedule. Where something is owed only after a reconcile (see
    promises.py), where something was deleted, or where a vendor told wrong values, three days pass,
    so that all is settled, and the nightly reconcile follows the next run, long enough for the
    whole history.
    """
    with world.cell(
        vendor, days=history.days, member=history.member, page_size=history.page_size
    ) as cell:
        Play(cell, vendor, history).to_the_end()


class Play:
    """A history on its stage."""

    def __init__(self, cell: Cell, vendor: Vendor, history: h.History) -> None:
        self._cell = cell
        self._vendor = vendor
        self._history = history
        self._life = LIVES[vendor.name](cell.sandbox, history.member)
        self._promises = Promises(cell)
        self._has_lied = False

    def to_the_end(self) -> None:
        """Play all steps, then check everything."""
        self._promises.look()
        for step in self._history.steps:
            self._take(step)
        done = self._sync(h.Sync())
        assert done.works, done.said
        if self._has_lied or self._promises.needs_reconcile():
            self._reconcile()
        assert_all(self._cell)
        self._promises.check_deletions()

    def _reconcile(self) -> None:
        self._live(h.Wait(3 * DAY))
        # What lies at the very beginning is settled when more than that was read.
        before = self._promises.now - self._cell.oracle.start + timedelta(days=3)
        days = math.ceil(before / timedelta(days=1))
        for step in (h.Sync(since=days), h.Sync(reconcile_days=days)):
            done = self._sync(step)
            assert done.works, done.said

    def _take(self, step: h.Step) -> None:
        if isinstance(step, h.Sync):
            self._sync(step)
        elif isinstance(step, h.LoseState):
            self._cell.state = None
        elif isinstance(step, h.Build):
            self._cell.build()
            self._promises.check_deletions()
        else:
            self._live(step)

    def _live(self, step: h.Step) -> None:
        self._life.take(step)
        self._promises.look(made=not isinstance(step, h.Wait))

    def _sync(self, step: h.Sync) -> Sync:
        self._cell.wait(BREATH)
        for fault in step.faults:
            self._cell.sandbox.add_fault(
                fault.path,
                fault.kind,
                action=fault.action,
                times=fault.times,
                skip=fault.skip,
                **fault.given,
            )
            self._has_lied |= fault.kind == "nulls"
        acts: dict[tuple[str, str], Callable[[], None]] = {}
        for moment in {each.moment for each in step.meanwhile}:
            happens = [each for each in step.meanwhile if each.moment == moment]
            acts["tap", moment] = self._act(happens)
        start, settings = self._settings(step)
        self._promises.begin(start)
        done = self._cell.sync(
            step.kill,
            at=acts,
            power_cut=step.power_cut,
            drain_every=step.drain_every,
            drain_order=step.drain_order,
            **settings,
        )
        self._cell.sandbox.clear_faults()
        if done.works and not self._is_partial(step):
            self._promises.check_rows(values=not self._has_lied)
        return done

    def _act(self, happens: list[h.Meanwhile]) -> Callable[[], None]:
        count = 0

        def act() -> None:
            nonlocal count
            count += 1
            for each in happens:
                if each.nth == count:
                    self._live(each.step)

        return act

    def _settings(self, step: h.Sync) -> tuple[datetime, dict[str, str]]:
        """The start and all variables of a run. A start that was moved back stays there."""
        start = self._cell.oracle.start
        if step.since is not None:
            start = self._promises.now - timedelta(days=step.since)
            if start < self._cell.oracle.start:
                oracle = self._vendor.oracle(self._cell.sandbox, self._history.member, start)
                self._cell.oracle = self._promises.owing(oracle)
        told = {
            "START_DATE": f"{start:%Y-%m-%dT%H:%M:%SZ}",
            "WINDOW_DAYS": step.window_days,
            "RECONCILE_DAYS": step.reconcile_days,
        }
        if step.until is not None:
            end = self._promises.now - timedelta(days=step.until)
            told["END_DATE"] = f"{end:%Y-%m-%dT%H:%M:%SZ}"
        return start, {
            f"{self._vendor.prefix}{name}": str(value)
            for name, value in told.items()
            if value is not None
        }

    def _is_partial(self, step: h.Sync) -> bool:
        """Whether a run leaves something for the next one that was known to the vendor."""
        start = self._cell.oracle.start
        is_late = step.since is not None and timedelta(days=step.since) < self._promises.now - start
        return is_late or step.until is not None or step.reconcile_days is not None
