"""What happens to somebody with both vendors between two syncs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .canonical_changes_whoop import WhoopChanges
from .canonical_changes_withings import WithingsChanges

if TYPE_CHECKING:
    from health_sandbox.client import ControlClient


class Life:
    """What happens to somebody with both."""

    def __init__(self, sandbox: ControlClient, member: str) -> None:
        self._whoop = WhoopChanges(sandbox.vendor("whoop"), member)
        self._withings = WithingsChanges(sandbox.vendor("withings"), member)

    def amend(self) -> None:
        """Things change, and come late; some of what WHOOP saw is passed on to Withings."""
        self._whoop.amend()
        self._withings.amend()
        for theirs, ours in (("sleeps", "sleep_summary"), ("workouts", "workouts")):
            for original in self._whoop.newest(theirs)[:1]:
                self._withings.copy(ours, original)

    def forget(self) -> None:
        """Some of everything goes."""
        self._whoop.forget()
        self._withings.forget()

    def remember(self) -> None:
        """What went first is there again."""
        self._whoop.remember()
        self._withings.remember()
