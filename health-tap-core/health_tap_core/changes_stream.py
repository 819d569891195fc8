"""Streams that the vendor can also filter by the time of change."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

from singer_sdk.helpers.types import Context  # noqa: TC002 (the SDK resolves annotations)

from health_tap_core.bookmarked_stream import BookmarkedStream
from health_tap_core.window import Window, split

if TYPE_CHECKING:
    from health_tap_core.account import Account

#: End of the last complete window of the history, for a first run that was interrupted.
HISTORY = "history_until"
#: Before every change. One second, because some vendors take zero for no time at all.
BEGINNING = datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc)


class ChangesStream(BookmarkedStream):
    """A stream whose vendor tells what was created or changed since an instant.

    The first run reads the history twice. In windows of activity time, because only they can prove
    what the vendor does not hold, and because each moves a position from which an interrupted run
    goes on. Then by change time, which also finds what was dated outside of all windows, or changed
    behind them. From then on each run asks for changes alone, so that a weigh-in that arrives hours
    or weeks after it was taken comes like any other.

    The bookmark is the instant up to which changes are known. With ``end_date``, a run reads its
    stretch of activity time and moves no bookmark.
    """

    #: Changes are asked for again from this long before the bookmark: vendors' clocks and indexes
    #: are not exact.
    overlap = timedelta(hours=1)

    def plan_run(self, account: Account, context: Context, end: datetime) -> list[Window]:
        """The changes since the bookmark; before the first bookmark, the history and then those."""
        bookmark = self.position(account, context)
        if bookmark is None:
            begun = self.position(account, context, HISTORY)
            history = split(begun or self.start, end, self.length)
            changes = Window(max(self.start, BEGINNING), end, "backfill", "change_time")
            bounded = self.config.get("end_date") or changes.start >= end
            return history if bounded else [*history, changes]
        if not self.config.get("end_date"):
            since = bookmark - self.overlap
            return [Window(since, end, "incremental", "change_time")]
        begin = self.start if self.config.get("start_date") else bookmark - self.lookback
        return split(begin, end, self.length)

    def complete(self, account: Account, context: Context, window: Window) -> None:
        """Take note of how far the history, or the changes, are known."""
        if window.basis == "change_time":
            self.get_context_state(context).pop(HISTORY, None)
            self.mark(account, context, self.known_until(window))
        elif window.kind == "backfill" and self.position(account, context) is None:
            self.mark(account, context, window.end, HISTORY)

    def known_until(self, window: Window) -> datetime:
        """Up to when a window's answer holds all changes; never after the window's end."""
        return window.end
