"""Streams that the vendor can filter by activity time alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.timestamps import utc_text

if TYPE_CHECKING:
    from health_tap_core.account import Account
    from health_tap_core.window import Window


class WindowedStream(BookmarkedStream):
    """A stream that is read by activity time, again and again for as long as it may change.

    The bookmark is the end of the last stretch that was read. The replication key is announced
    because it is the version of a row for whoever loads it, not because we would read by it: the
    vendor's filters do not know it.
    """

    def plan_run(self, account: Account, context: Context) -> list[Window]:
        """What was never read, and the look-back."""
        return self.plan_history(context, account.run_end)

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note of the stretch that was read."""
        covered = self.covered(context)
        covered.add(window.start, window.end)
        if covered.end:
            self.mark(
                account,
                context,
                covered=covered.to_state(),
                replication_key_value=utc_text(covered.end),
            )
