"""Streams that the vendor can filter by activity time alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.window import Window, plan_windows

if TYPE_CHECKING:
    from health_tap_core.account import Account


class WindowedStream(BookmarkedStream):
    """A stream that is read by activity time, again and again for as long as it may change.

    The bookmark is the end of the last complete window. The replication key is announced because it
    is the version of a row for whoever loads it, not because we would read by it: the vendor's
    filters do not know it.
    """

    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """From the bookmark minus the look-back, or from ``start_date``, to the run's end."""
        return plan_windows(
            bookmark=self.position(account, context),
            earliest=self.start,
            end=account.run_end,
            lookback=self.lookback,
            length=self.length,
        )

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Move the bookmark to the window's end."""
        if window.moves_bookmark:
            self.mark(account, context, window.end)
