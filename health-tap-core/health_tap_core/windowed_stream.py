"""Streams that the vendor can filter by activity time alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.timestamps import utc_text

if TYPE_CHECKING:
    from health_tap_core.account import Account
    from health_tap_core.window import Window


class WindowedStream(BookmarkedStream):
    """A stream that is read by activity time, again and again for as long as it may change.

    What was read when it was older than the look-back is covered, for good. All else is read again,
    so nothing that is delivered late or scored again within the look-back can be missed, whatever
    was read between.

    The bookmark is the end of the last window before which nothing was left out. The replication
    key is announced because it is the version of a row for whoever loads it, not because we would
    read by it: the vendor's filters do not know it.
    """

    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """What was never read for good."""
        return self.plan_history(account, context, account.run_end)

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note of the stretch that was read."""
        covered = self.covered(context)
        covered.add(window.start, min(window.end, self.run_end(account) - self.lookback))
        positions: dict[str, Any] = {"covered": covered.to_state()}
        before = self.position(context)
        if window.moves_bookmark and not (before and before > window.end):
            positions["replication_key_value"] = utc_text(window.end)
        self.mark(account, context, **positions)
